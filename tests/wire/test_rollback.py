"""A rollback among three who edit, two of them offline: PROTOCOL "setlist", ARCHITECTURE §3.

The editors are unmodified y-websocket providers in Node; the rollback comes over HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest

from tests.browser.editors import Editor, until
from tests.browser.site import Site
from tests.wire.client import Caller, Json, made, new_id, ok
from tests.wire.conftest import be_guest

SONGS = ("Bertha", "Althea", "Sugaree", "Ripple", "Loser")


class Ticketed:
    """A caller as the editors' script wants one."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def post(self, path: str) -> Json:
        """The body of a 201."""
        return made(self._caller.post(path, {}))


class Night(NamedTuple):
    """A live show, its artist, and three providers that are in sync."""

    show_id: str
    artist: Caller
    editors: tuple[Editor, Editor, Editor]

    def entries(self, **query: Any) -> list[Json]:
        """The list as the server exports it."""
        return list(
            ok(self.artist.get(f"/api/shows/{self.show_id}/setlist", params=query))["entries"]
        )

    def titles(self, **query: Any) -> list[str]:
        """Its titles in playing order."""
        return [entry["title"] for entry in self.entries(**query)]

    def rewrite(self, what: str, **body: Any) -> Json:
        """Rolls back, restores or undoes."""
        path = f"/api/shows/{self.show_id}/setlist/{what}"
        return ok(self.artist.post(path, {"command_id": new_id()} | body))

    def history(self) -> list[Json]:
        """Newest first."""
        return list(ok(self.artist.get(f"/api/shows/{self.show_id}/setlist/history"))["items"])

    def until_all_agree(self) -> None:
        """Every provider holds what the server exports, and nothing waits for anything."""

        def agree() -> bool:
            exported = {one.pop("id"): _present(one) for one in self.entries()}
            return all(
                {key: _present(fields) for key, fields in editor.do("all").items()} == exported
                for editor in self.editors
            )

        until(_wait_ms, agree, "all providers hold what the server exports")
        assert not any(editor.do("pending") for editor in self.editors)


def _wait_ms(milliseconds: int) -> None:
    time.sleep(milliseconds / 1000)


def _present(fields: Json) -> Json:
    """An entry without what it has not."""
    return {name: value for name, value in fields.items() if value not in (None, "", False)}


@pytest.fixture
def night(node: Site, artist: Caller, nobody: Caller) -> Iterator[Night]:
    """Five songs, written by the first of three."""
    show_id = artist.live_show()["id"]
    with ExitStack() as stack:
        one, two, three = (
            stack.enter_context(Editor(node, show_id, Ticketed(be_guest(nobody, name))))  # type: ignore[arg-type]
            for name in ("One", "Two", "Three")
        )
        night = Night(show_id, artist, (one, two, three))
        for editor in night.editors:
            assert editor.do("synced")
        for number, title in enumerate(SONGS, start=1):
            one.do("add", id=f"e{number}", title=title, position=f"C{number}")
        night.until_all_agree()
        yield night


def test_a_rollback_among_three_editors_merges_is_listed_and_is_undone_by_another(
    night: Night,
) -> None:
    one, two, three = night.editors
    good = night.history()[0]["seq"]

    # Somebody spoils the list; everybody sees it, and two lose their connection.
    one.do("set", id="e1", title="spam", note="spam")
    one.do("remove", id="e2")
    one.do("set", id="e3", section="encore1", position="A1")
    one.do("add", id="e9", title="more spam", position="Z1")
    night.until_all_agree()
    spoilt = night.entries()
    two.do("offline")
    three.do("offline")
    two.do("set", id="e4", title="Ripple (acoustic)")
    two.do("add", id="t1", title="Two's song", position="E1")
    three.do("set", id="e5", note="typed on the train", segue=True)
    three.do("set", id="e1", segue=True)
    three.do("remove", id="e9")

    # The first goes on typing while the artist brings the list back.
    with ThreadPoolExecutor(1) as pool:
        rolling_back = pool.submit(night.rewrite, "rollback", to_seq=good)
        typed = 0
        while not rolling_back.done() or typed < 5:
            typed += 1
            one.do("set", id="e4", note=f"note {typed}")
            _wait_ms(10)
        done = rolling_back.result()
    one.do("set", id="e4", note="the last note")
    two.do("online")
    three.do("online")
    night.until_all_agree()

    entries = {entry["id"]: entry for entry in night.entries()}
    assert night.titles() == [
        "Bertha",
        "Althea",
        "Sugaree",
        "Ripple (acoustic)",
        "Loser",
        "Two's song",
    ]
    assert entries["e1"]["note"] is None and entries["e1"]["segue"] is True
    assert entries["e3"]["section"] == "set1"
    assert entries["e4"]["note"] == "the last note"
    assert entries["e5"]["note"] == "typed on the train" and entries["e5"]["segue"] is True

    (item,) = [one for one in night.history() if one["kind"] == "rollback"]
    assert (item["seq"], item["to_seq"], item["display_name"]) == (done["seq"], good, "The artist")
    kinds = {entry["entry_id"]: entry["kind"] for entry in item["entries"]}
    assert kinds == {"e1": "changed", "e2": "added", "e3": "moved", "e9": "removed"} | (
        {"e4": "changed"} if "e4" in kinds else {}
    )

    # A second rollback undoes the first: the list is as it was just before.
    before = night.entries(seq=item["seq"] - 1)
    again = night.rewrite("rollback", to_seq=item["seq"] - 1)
    night.until_all_agree()
    assert night.entries() == before
    assert [entry["id"] for entry in before] == [entry["id"] for entry in spoilt]
    assert [one["seq"] for one in night.history() if one["kind"] == "rollback"] == [
        again["seq"],
        done["seq"],
    ]


def test_an_undo_of_a_rollback_keeps_what_was_typed_after_it(night: Night) -> None:
    one, two, _ = night.editors
    good = night.history()[0]["seq"]
    one.do("set", id="e1", title="Bertha > Loser", note="segued")
    one.do("set", id="e2", note="slow")
    night.until_all_agree()
    done = night.rewrite("rollback", to_seq=good)
    night.until_all_agree()
    two.do("set", id="e1", note="as played")
    night.until_all_agree()
    undone = night.rewrite("undo", seq=done["seq"])
    night.until_all_agree()
    assert [(one["entry_id"], one["code"], one["fields"]) for one in undone["kept"]] == [
        ("e1", "changed_since", ["note"])
    ]
    first, second = night.entries()[:2]
    assert (first["title"], first["note"]) == ("Bertha > Loser", "as played")
    assert second["note"] == "slow"
