"""What holds for every node at the end of a night."""

from __future__ import annotations

import json

import msgspec

from rooms.accuracy.views import confidences
from rooms.events import CREW_ONLY_NAMES
from rooms.fanout.audience import CREW, REST, VOTED
from rooms.replica import Replica
from rooms.room import Room
from rooms.rounds import tally
from rooms.rounds.leaderboard import Leaderboards, leaderboard_of
from rooms.snapshots import snapshot
from rooms.song_requests.board import Board
from tests.simulation.guests import Guest
from tests.simulation.world import SHOW, World


async def compare(world: World, room: Room) -> None:
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
    compare_views(held, fresh, room)
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


def compare_views(held: Replica, fresh: Replica, room: Room) -> None:
    """What people are shown here is what they would be shown by a node that loads the room now."""
    assert confidences(held.state, held.document) == confidences(fresh.state, fresh.document)
    for record in fresh.state.open_rounds:
        counts = held.state.tallies.get(record.round_id, {})
        here = held.state.rounds[record.round_id]
        running = held.running.count(record.round_id, here.config, counts)
        assert running == tally.count(record.round_id, record.config, counts)
    for audience in (CREW, VOTED, REST):
        seen = room.render_state("leaderboard", "", audience)
        assert seen is not None
        board = leaderboard_of(fresh.state.rounds.values(), crew=audience.crew)
        assert bytes(seen.data) == msgspec.json.encode(board)
        voted = frozenset(fresh.state.rounds) if audience is VOTED else frozenset()
        welcomes = [
            snapshot(
                copy, Board(copy), Leaderboards(), crew=audience.crew, voted=voted, head_count=0
            )
            for copy in (held, fresh)
        ]
        assert welcomes[0] == welcomes[1]


def check_sockets(guest: Guest, hidden: set[str]) -> None:
    """Events without a gap or a double, and nothing that is not theirs: no hidden tally, and
    nothing of what is crew's alone."""
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
                    if not guest.who.is_crew:
                        assert message["name"] not in CREW_ONLY_NAMES
                        assert '"by"' not in text
                case "state" if message["name"] == "tally" and not guest.who.is_crew:
                    assert message["data"]["round_id"] not in hidden
