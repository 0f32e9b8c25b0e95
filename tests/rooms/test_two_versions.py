"""Nodes of two versions on one bus, as during a rolling upgrade: docs/operations.md."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from rooms import publication
from rooms.commands import PostChat
from rooms.messages import Ack
from rooms.node import EVERYWHERE
from rooms.ports import Head
from rooms.publication import (
    AwarenessPublished,
    EventWire,
    HeadCountPublished,
    NamesChanged,
    Publication,
    SessionRevoked,
    SocketOpened,
    SocketsOpened,
    TurnPublished,
    UnknownKind,
)
from rooms.pulse.views import Doors
from tests.rooms.builders import SHOW_ID
from tests.rooms.test_room_faults import FAN, House, house, say, settled

__all__ = ["house"]  # the fixture

CHAT = EventWire(1, "chat_posted", 0, b"{}", None, "p", None, ())
TURN = TurnPublished(
    node_id="n",
    epoch="e",
    base=Head(0, 0),
    head=Head(1, 1),
    events=(CHAT,),
    rounds=(),
    tallies=(),
    ballots=(),
    reactions={},
)
SAID: tuple[Publication, ...] = (
    TURN,
    HeadCountPublished("n", 3, Doors(), 1.5),
    AwarenessPublished("n", b"frame", {1: "p"}),
    SocketOpened("n", "t", "p"),
    SocketsOpened("n", ("t", "u")),
    SessionRevoked("s"),
    NamesChanged({"p": "Dana"}),
)


def packed(said: Any) -> Any:
    """A message as the bus carries it, open to changes."""
    return msgspec.msgpack.decode(publication.encode(said))


def test_every_kind_is_here() -> None:
    assert {type(one) for one in SAID} == set(get_args(Publication))


@pytest.mark.parametrize("said", SAID, ids=lambda said: type(said).__name__)
def test_fields_of_a_newer_version_are_passed_over(said: Publication) -> None:
    newer = {**packed(said), "of_a_newer_version": {"more": [1, 2]}}
    assert publication.decode(msgspec.msgpack.encode(newer)) == said


def test_so_they_are_within_an_event_where_they_come_last() -> None:
    newer = packed(TURN)
    newer["events"][0].append("of a newer version")
    newer["head"]["of_a_newer_version"] = 1
    assert publication.decode(msgspec.msgpack.encode(newer)) == TURN


@pytest.mark.parametrize(
    ("said", "without"),
    [
        (TURN, ("stances", "stance_counts")),
        (HeadCountPublished("n", 3), ("doors", "votes_per_s")),
        (AwarenessPublished("n", b"frame"), ("editors",)),
        (SessionRevoked("s"), ("participant_id",)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_an_older_version_does_not_say_has_a_default(
    said: Publication, without: tuple[str, ...]
) -> None:
    older = {key: value for key, value in packed(said).items() if key not in without}
    assert publication.decode(msgspec.msgpack.encode(older)) == said


def test_an_unknown_kind_is_no_error_and_a_broken_message_is() -> None:
    unknown = msgspec.msgpack.encode({"type": "of_a_newer_version", "x": 1})
    assert publication.decode(unknown) == UnknownKind("of_a_newer_version")
    for broken in (
        {"type": "turn"},
        {"type": 1},
        {"x": 1},
        [1, 2],
    ):
        with pytest.raises(msgspec.DecodeError):
            publication.decode(msgspec.msgpack.encode(broken))
    with pytest.raises(msgspec.DecodeError):
        publication.decode(b"\xc1")


@pytest.mark.parametrize("channel", [SHOW_ID, EVERYWHERE])
async def test_a_node_hears_on_after_a_kind_that_it_does_not_know(
    house: House, channel: str
) -> None:
    here, _ = house.node()
    there, _ = house.node()
    room, other = await here.enter(SHOW_ID), await there.enter(SHOW_ID)
    there._hear(channel, msgspec.msgpack.encode({"type": "of_a_newer_version"}))
    there._hear(channel, b"\xc1")
    assert isinstance(await say(room, FAN, PostChat("hello")), Ack)
    await settled(lambda: other.head == room.head)
    assert there.loaded(SHOW_ID) is other


async def test_a_turn_that_cannot_be_read_is_read_from_the_log(house: House) -> None:
    """A newer node's event that this version has no word for: what it cannot take over from the
    bus it looks for in the log, and ends nothing for it."""
    here, _ = house.node()
    room = await here.enter(SHOW_ID)
    base = room.head
    newer = msgspec.structs.replace(
        TURN,
        epoch=room.epoch,
        base=base,
        head=Head(base.seq + 1, base.state_version),
        events=(EventWire(base.seq + 1, "of_a_newer_version", 0, b"{}", None, "p", None, ()),),
    )
    here._hear(SHOW_ID, publication.encode(newer))
    assert isinstance(await say(room, FAN, PostChat("hello")), Ack)
    assert here.loaded(SHOW_ID) is room
    assert room.head == Head(base.seq + 1, base.state_version + 1)
