"""The generated parts of docs/sms.md, and what they are made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.sms import tables
from jobs.sms.measuring import ASKED, ELSEWHERE, RIGHT, WRONG, measure
from jobs.sms.specimens import specimens
from rooms.sms.languages import Language

ROUNDS = 60


def test_the_page_has_the_texts_that_are_sent() -> None:
    page = tables.PAGE.read_text(encoding="utf-8")
    assert tables.filled(page, tables.text_parts()) == page, "run python -m jobs.sms.tables --write"


def test_a_page_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for replies"):
        tables.filled("nothing here", tables.text_parts())


def test_every_text_is_one_segment_in_the_table() -> None:
    rows = tables.segment_table().splitlines()[2:]
    assert len(rows) == len(specimens())
    assert all(row.endswith("| 1 |") for row in rows)
    assert all(row.count("|") == len(Language) + 3 for row in rows)


def test_checking_writes_nothing_and_writing_mends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "sms.md"
    places = "\n".join(
        f"<!-- {name}: begin -->\nold\n<!-- {name}: end -->" for name in tables.text_parts()
    )
    page.write_text(places, encoding="utf-8")
    monkeypatch.setattr(tables, "PAGE", page)
    monkeypatch.setattr(tables, "measured_parts", dict)
    assert tables.main(["--check"]) == 1 and page.read_text(encoding="utf-8") == places
    assert tables.main(["--write"]) == 0
    assert tables.main(["--check"]) == 0
    assert "Got it: 1 Truckin'." in page.read_text(encoding="utf-8")


def test_names_are_heard_about_as_well_as_the_page_says() -> None:
    heard = measure(rounds=ROUNDS)
    assert heard.share("as it is written", RIGHT) == 100.0
    assert heard.share(ELSEWHERE, WRONG) == 0.0, "nobody's vote goes to what they did not name"
    for way in ("one typing error", "two typing errors", "hurried (`blu sky`)"):
        assert heard.share(way, WRONG) < 0.5
        assert heard.share(way, RIGHT) + heard.share(way, ASKED) > 95.0
