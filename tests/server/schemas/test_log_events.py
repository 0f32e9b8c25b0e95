"""The page of log events is what the source logs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.schemas.log_events import NamelessEvent, document, logged
from server.schemas.outputs import ROOT

PAGES = ("docs/operations.md", "docs/sms.md", "docs/mail.md")


def test_events_have_one_constant_name_in_one_style() -> None:
    for event in logged(ROOT):
        assert re.fullmatch("[a-z]+(_[a-z]+)+", event.name), event


def test_whatever_rooms_log_says_which_show() -> None:
    """Within an actor's task the show is bound; what runs beside it says so itself."""
    for event in logged(ROOT):
        if event.module in ("rooms.room", "rooms.turns", "rooms.fanout.hub", "rooms.timers"):
            bound = event.module == "rooms.turns"
            assert bound or "show_id" in event.keywords, event


def test_the_runbook_names_events_that_there_are() -> None:
    known = {event.name for event in logged(ROOT)}
    page = (ROOT / "docs/operations.md").read_text()
    runbook = page[page.index("## When an alert is raised") : page.index("## Effects that await")]
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", runbook))
    outcomes = {"room_busy", "ticket_expired", "try_later", "foreign_origin", "too_many"}
    others = {"pg_stat_activity", "application_name", "max_connections"}
    assert named - outcomes - others <= known
    assert len(named & known) >= 8


def test_a_name_that_is_worked_out_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "rooms"
    folder.mkdir()
    (folder / "one.py").write_text('log.exception("it_broke", show_id=1, **more)\n')
    assert "| `it_broke` | error | `show_id`, … | `rooms.one` |" in document(tmp_path)
    (folder / "one.py").write_text("log.info(event)\n")
    with pytest.raises(NamelessEvent, match=r"rooms\.one:1"):
        document(tmp_path)
