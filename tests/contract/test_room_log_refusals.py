"""All or nothing: a turn that fails at any step leaves no trace, and the room goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rooms.ports import AuditRecord, OutboxRecord, TurnRefused
from rooms.show import ShowStatus
from tests.contract.harness import STARTS_AT, RoomUnderTest, ballot, new_id, reply

Break = Callable[[RoomUnderTest, dict[str, Any], dict[str, Any]], None]


def whole_turn(room: RoomUnderTest, round_id: str) -> dict[str, Any]:
    """A turn that writes something everywhere."""
    author = new_id()
    return {
        "events": room.chat("a", "b", author=author),
        "rounds": (room.round(),),
        "ballots": (ballot(round_id, author, "o1"),),
        "reactions": {"clap": 1},
        "replies": (reply(author), reply(author)),
        "outbox": (OutboxRecord("results", new_id(), {}),),
        "audit": (AuditRecord(author, "acted", "room", STARTS_AT),),
        "removed": (new_id(),),
        "show_status": ShowStatus.CLOSED,
    }


def earlier_event(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    early = STARTS_AT - timedelta(hours=1)
    parts["events"] = tuple(replace(event, at=early) for event in parts["events"])


def gap_in_seq(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    first, second = parts["events"]
    parts["events"] = (first, replace(second, seq=second.seq + 1))


def times_decrease(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    first, second = parts["events"]
    parts["events"] = (first, replace(second, at=first.at - timedelta(microseconds=1)))


def foreign_client(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    first, second = parts["events"]
    parts["events"] = (first, replace(second, clients=(known["client"],)))


def unknown_round(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    parts["ballots"] = (*parts["ballots"], ballot(new_id(), new_id(), "o1"))


def voter_twice(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    parts["ballots"] = parts["ballots"] * 2


def half_withdrawn(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    parts["ballots"] = (replace(parts["ballots"][0], pattern=""),)


def round_twice(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    parts["rounds"] = parts["rounds"] * 2


def command_twice(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    parts["replies"] = (parts["replies"][0],) * 2


def illegal_status(room: RoomUnderTest, parts: dict[str, Any], known: dict[str, Any]) -> None:
    parts["show_status"] = ShowStatus.DRAFT


@pytest.mark.parametrize(
    "spoil",
    [
        earlier_event,
        gap_in_seq,
        times_decrease,
        foreign_client,
        unknown_round,
        voter_twice,
        half_withdrawn,
        round_twice,
        command_twice,
        illegal_status,
    ],
)
async def test_a_turn_that_breaks_a_promise_leaves_no_trace(
    room: RoomUnderTest, spoil: Break
) -> None:
    known = {"client": 77}
    await room.append(events=room.chat("bound", clients=(known["client"],)))
    round_id = await room.open_round()
    before, head = await room.under_test.stored(room.show_id), room.head

    parts = whole_turn(room, round_id)
    spoil(room, parts, known)
    with pytest.raises(TurnRefused):
        await room.log.append(room.turn(**parts))

    assert await room.under_test.stored(room.show_id) == before
    _, heads = await room.log.heads([room.show_id])
    assert heads[room.show_id] == head
    await room.append(**whole_turn(room, round_id))
    assert (await room.under_test.stored(room.show_id))["events"] == before["events"] + 2
