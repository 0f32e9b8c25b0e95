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
from rooms.events import ChatPosted, SetlistChanged, SongRequestMarked
from rooms.messages import Ack
from rooms.replica import Replica
from rooms.room import Room
from rooms.song_requests.board import Board
from rooms.vote_config import Change, Visibility, VoteType, Window
from tests.rooms.builders import config
from tests.rooms.song_requests.bench import queue_config
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
    assert _stances(held) == _stances(fresh)
    queues = room.board.queues()
    assert queues == Board(fresh).queues()
    for queue in queues:
        for voted in (False, True):
            seen = room.board.places(queue, crew=False, voted=voted)
            assert seen == Board(fresh).places(queue, crew=False, voted=voted)
            shown = room.board.view(queue, crew=False, voted=voted)
            assert shown == Board(fresh).view(queue, crew=False, voted=voted)
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


def _stances(replica: Replica) -> dict[tuple[str, str, int, str], int]:
    return {
        (*subject, *key): people
        for subject, counts in replica.state.stances.items()
        for key, people in counts.items()
        if people
    }


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
