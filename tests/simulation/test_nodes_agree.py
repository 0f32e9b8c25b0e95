"""Whatever is lost, broken or late: all nodes end with what the log says, and nobody was lied to.

Each seed is a night: three nodes, six people who move between them, a bus that loses messages, a
log whose commits break and that goes away at times.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from random import Random

import pytest

from rooms import limits
from rooms.commands import CreateRound
from rooms.counting.results import result
from rooms.events import ChatPosted
from rooms.messages import Ack
from rooms.replica import Replica
from rooms.room import Room
from rooms.vote_config import Change, Visibility, Window
from tests.rooms.builders import config
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
        await _compare(world, room)
        assert SHOW.show_id in node.bus.subscribed  # type: ignore[attr-defined]
        node.leave(room)
    _check_promises(world, guests)
    for node in world.nodes:
        await node.stop()


async def _rounds(world: World, artist: Guest) -> list[str]:
    node = world.nodes[0]
    room = await node.enter(SHOW.show_id)
    rounds = [world.new_id() for _ in range(3)]
    kinds = [
        config(window=Window(duration_s=None), visibility=HIDDEN),
        config(window=Window(duration_s=2)),
        config(window=Window(duration_s=None), change=Change.NEVER),
    ]
    for round_id, kind in zip(rounds, kinds, strict=True):
        while not isinstance(await artist._give(node, room, CreateRound(round_id, kind)), Ack):
            pass
    node.leave(room)
    return rounds


async def _compare(world: World, room: Room) -> None:
    """What this node remembers is what a node that loads the room now remembers."""
    record = await world.log.load(SHOW.show_id)
    assert record is not None
    fresh, held = Replica(record), room.replica
    assert held.head == fresh.head
    assert held.state.memory == fresh.state.memory
    assert held.state.rounds == fresh.state.rounds
    assert held.state.facts == fresh.state.facts
    assert held.state.bindings == fresh.state.bindings
    assert held.state.reactions == fresh.state.reactions
    assert _counts(held) == _counts(fresh)
    assert held.document.entries() == fresh.document.entries()
    assert held.document.clocks == fresh.document.clocks
    assert held.twin.entries() == fresh.document.entries()
    assert held.twin.clocks == fresh.document.clocks
    stored = world.log.room(SHOW.show_id)
    ballots = {
        key: ballot.pattern
        for key, ballot in stored.ballots.items()
        if ballot.participant_id in held.voters
        and stored.rounds[ballot.round_id][0].status == "open"
    }
    known = {key: ballot.pattern for key, ballot in held.ballots_for(list(held.voters)).items()}
    assert {key: known.get(key) for key in ballots} == ballots
    seqs = [event.seq for event in held.recent]
    assert seqs == list(range(held.head.seq - len(seqs) + 1, held.head.seq + 1))


def _counts(replica: Replica) -> dict[tuple[str, str, str], int]:
    return {
        (round_id, *key): count
        for round_id, counts in replica.state.tallies.items()
        for key, count in counts.items()
        if count
    }


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
        if record.result is not None:
            counts = {key[1:]: n for key, n in recount.items() if key[0] == record.round_id}
            assert record.result == result(record.config, counts)
    hidden = {r.round_id for r, _ in stored.rounds.values() if r.config.visibility is HIDDEN}
    for guest in guests:
        _check_sockets(guest, hidden)


def _check_sockets(guest: Guest, hidden: set[str]) -> None:
    """Events without a gap or a double, and no tally that is not theirs."""
    for socket in guest.sockets:
        place = None
        for text in socket.texts:
            message = json.loads(text)
            match message["t"]:
                case "welcome":
                    place = message["seq"]
                case "event":
                    assert place is not None
                    assert message["seq"] == place + 1
                    place += 1
                case "state" if message["name"] == "tally" and not guest.who.is_crew:
                    assert message["data"]["round_id"] not in hidden
