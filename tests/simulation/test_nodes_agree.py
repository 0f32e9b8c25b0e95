"""Whatever is lost, broken or late: all nodes end with what the log says, and nobody was lied to.

Each seed is a night: three nodes, six people who move between them, a bus that loses messages, a
log whose commits break and that goes away at times.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

import pytest

from rooms import limits
from rooms.commands import CreateRound
from rooms.events import ChatPosted, SetlistChanged, SongRequestMarked
from rooms.messages import Ack
from rooms.rounds.counting.results import result
from rooms.vote_config import Change, Visibility, VoteType, Window
from tests.rooms.builders import config
from tests.rooms.song_requests.bench import queue_config
from tests.simulation.checks import check_sockets, compare
from tests.simulation.guests import Guest
from tests.simulation.world import SHOW, World, run

NIGHTS = 60
PER_TEST = 10
HIDDEN = Visibility.ON_CLOSE


@pytest.mark.parametrize("first", range(0, NIGHTS, PER_TEST))
def test_nodes_agree(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROOM_IDLE_UNLOAD_S", 0.3)
    for seed in range(first, first + PER_TEST):
        try:
            run(_night(seed))
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise


async def _night(seed: int) -> None:
    dice = Random(seed)
    world = World(
        seed,
        loses=dice.choice([0.0, 0.1, 0.5, 1.0]),
        breaks=dice.choice([0.0, 0.05, 0.2]),
    )
    await world.add_nodes(3)
    guests = [Guest(world, who, Random(seed * 100 + n)) for n, who in enumerate(world.people)]
    rounds = await _rounds(world, guests[0])
    outages = asyncio.create_task(world.outages()) if dice.random() < 0.3 else None
    async with asyncio.timeout(600):
        await asyncio.gather(*[guest.visit(rounds, 12) for guest in guests])
    if outages is not None:
        outages.cancel()
    world.heal()
    await asyncio.sleep(10.0)
    for node in world.nodes:
        room = await node.enter(SHOW.show_id)
        await asyncio.sleep(5.0)
        assert not room.closed
        await compare(world, room)
        assert SHOW.show_id in node.bus.subscribed  # type: ignore[attr-defined]
        node.leave(room)
    _check_promises(world, guests)
    for node in world.nodes:
        await node.stop()


async def _rounds(world: World, artist: Guest) -> list[str]:
    node = world.nodes[0]
    room = await node.enter(SHOW.show_id)
    rounds = [world.new_id() for _ in range(4)]
    kinds = [
        config(window=Window(duration_s=None), visibility=HIDDEN),
        config(window=Window(duration_s=2)),
        config(window=Window(duration_s=None), change=Change.NEVER),
        queue_config(),
    ]
    for round_id, kind in zip(rounds, kinds, strict=True):
        while not isinstance(await artist._give(node, room, CreateRound(round_id, kind)), Ack):
            pass
    node.leave(room)
    return rounds


def _check_wishes(world: World) -> None:
    """Support is a recount; what was played came into the list in one step with its mark."""
    stored = world.log.room(SHOW.show_id)
    recount = Counter(
        (one.kind, one.subject, one.value, one.voter_class)
        for one in stored.stances.values()
        if one.value
    )
    assert {key: people for key, (people, _) in stored.stance_counts.items() if people} == recount
    support = Counter(
        one.subject
        for one in stored.stances.values()
        if one.value > 0 and one.voter_class.startswith("audience")
    )
    for record, _ in stored.rounds.values():
        if record.result is not None and record.config.type is VoteType.QUEUE:
            assert record.result.options == {one: support[one] for one in record.result.labels}
            assert record.result.votes == sum(record.result.options.values())
    for event, *following in zip(stored.events, stored.events[1:], stored.events[2:], strict=False):
        if isinstance(event.data, SetlistChanged) and event.data.cause == "song_request":
            marks = [one.data for one in following if isinstance(one.data, SongRequestMarked)]
            assert marks[0].entry_id == event.data.entries[0].entry_id


def _check_promises(world: World, guests: list[Guest]) -> None:
    stored = world.log.room(SHOW.show_id)
    lines = Counter(
        event.data.text for event in stored.events if isinstance(event.data, ChatPosted)
    )
    for guest in guests:
        assert not guest.turned_away
        assert not guest.closed
        for text, acked in guest.said.items():
            assert lines[text] <= 1
            if acked is not None:
                assert lines[text] == acked, text
    recount = Counter(
        (b.round_id, b.pattern, b.voter_class) for b in stored.ballots.values() if b.pattern
    )
    assert {key: n for key, (n, _) in stored.tallies.items() if n} == dict(recount)
    for record, _ in stored.rounds.values():
        if record.result is not None and record.config.type is not VoteType.QUEUE:
            counts = {key[1:]: n for key, n in recount.items() if key[0] == record.round_id}
            assert record.result == result(record.config, counts)
    _check_wishes(world)
    hidden = {r.round_id for r, _ in stored.rounds.values() if r.config.visibility is HIDDEN}
    for guest in guests:
        check_sockets(guest, hidden)
