"""The stages' measurement does what it says: everything that is said is decided and told."""

from __future__ import annotations

import pytest

from tests.stages import __main__ as stages
from tests.stages.room import Ear, StagedRoom


def _told(room: StagedRoom, said_by: int) -> list[Ear]:
    return [ear for ear, _ in room.people[:said_by]]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, count in {
        "VOTERS": 6,
        "CHATTERS": 20,
        "CHAT_LISTENERS": 25,
        "EDITORS": 2,
        "EDIT_LISTENERS": 3,
        "EDITS_EACH": 2,
    }.items():
        monkeypatch.setattr(stages, name, count)


async def test_votes_are_counted() -> None:
    room, votes = await stages.votes()
    counted = [sum(tally.values()) for tally in room.room._replica.state.tallies.values()]
    assert (votes, counted) == (30, [6] * 5)
    assert all(ear.heard > 5 * 100 for ear in _told(room, 6))
    assert all(seconds > 0 for seconds in room.spent.values())


async def test_lines_are_told_to_all() -> None:
    room, lines = await stages.chat()
    assert room.room.head.seq == lines == 20
    assert len({ear.heard for ear in _told(room, 25)[20:]}) == 1


async def test_edits_become_the_document() -> None:
    room, edits = await stages.edits()
    assert edits == 4
    titles = sorted(entry.title for entry in room.room._replica.document.entries())
    assert titles == ["Song 0, take 1", "Song 1, take 1"]
