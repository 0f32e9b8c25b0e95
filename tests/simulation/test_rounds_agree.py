"""Rounds of every kind on several nodes: whatever is lost, broken or late, one truth and no leak.

Like `tests.simulation.test_nodes_agree`, with more of everything that rounds do: grace, holds,
runoffs, brackets, corrections, juries, held votes, ratings and seals.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from rooms import limits, turns
from rooms.commands import CreateRound
from rooms.decide.turn import Decision, decide
from rooms.events import (
    ParticipantsLinked,
    RoundCancelled,
    RoundClosed,
    RoundOpened,
    RoundResult,
    RoundSuperseded,
)
from rooms.messages import Ack, Reject
from rooms.outbox import SETTLE_RATINGS
from rooms.participants import Role
from rooms.ports import RoundRecord, Standing
from rooms.rounds.counting.results import result
from rooms.rounds.counting.ties import hash_of
from rooms.rounds.windows import TAKES_VOTES
from rooms.show import ShowStatus
from rooms.vote_config import TieRule, Visibility, VoteType
from storage.rooms.memory_room import MemoryRoom
from tests.simulation.checks import check_sockets, compare
from tests.simulation.guests import Guest
from tests.simulation.voters import Voter, random_config
from tests.simulation.world import SHOW, World, run

NIGHTS = 40
PER_TEST = 10
DRAFTS = 6
MOVES = 14


@pytest.mark.parametrize("first", range(0, NIGHTS, PER_TEST))
def test_rounds_agree(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROOM_IDLE_UNLOAD_S", 0.3)
    monkeypatch.setattr(limits, "BALLOTS_PER_DEVICE", 1)
    monkeypatch.setattr(turns, "decide", _refusing_nothing_halfway)
    for seed in range(first, first + PER_TEST):
        try:
            run(_night(seed))
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise


def _refusing_nothing_halfway(state: Any, envelopes: Any, ballots: Any, **given: Any) -> Decision:
    """Decides, and looks whether a command that is refused alone leaves nothing behind."""
    twin = given["twin"]
    for envelope in envelopes:
        alone = decide(state, [envelope], ballots, **{**given, "twin": twin.clone()})
        (answer,) = alone.answers
        if isinstance(answer, Reject):
            assert answer.code != "internal_error"
            turn = alone.turn
            left = (turn.events, turn.ballots, turn.stances, turn.rounds, turn.outbox, turn.audit)
            assert not any((*left, turn.reactions, turn.removed)), envelope
    return decide(state, envelopes, ballots, **given)


async def _night(seed: int) -> None:
    dice = Random(seed)
    world = World(
        seed, loses=dice.choice([0.0, 0.1, 1.0]), breaks=dice.choice([0.0, 0.05, 0.2]), fans=8
    )
    _prepare(world, dice)
    await world.add_nodes(3)
    guests = [Voter(world, who, Random(seed * 100 + n)) for n, who in enumerate(world.people)]
    await _draft(world, guests[0], dice)
    outages = asyncio.create_task(world.outages()) if dice.random() < 0.3 else None
    async with asyncio.timeout(600):
        await asyncio.gather(*[guest.visit([], MOVES) for guest in guests])
    if outages is not None:
        outages.cancel()
    if dice.random() < 0.5:
        await guests[0].close_the_show()
    world.heal()
    await asyncio.sleep(60.0)  # rounds end, and what follows from them ends too
    for node in world.nodes:
        room = await node.enter(SHOW.show_id)
        await asyncio.sleep(5.0)
        assert not room.closed
        await compare(world, room)
        node.leave(room)
    stored = world.log.room(SHOW.show_id)
    _check_rounds(stored)
    _check_ratings(stored)
    _check_people(stored)
    _check_guests(stored, guests)
    for node in world.nodes:
        await node.stop()


def _prepare(world: World, dice: Random) -> None:
    """The show takes SMS; some people share a device, some have checked in."""
    stored = world.log.room(SHOW.show_id)
    stored.facts = replace(SHOW, takes_sms=True)
    devices = [world.new_id(), world.new_id()]
    world.people = [replace(who, device_id=dice.choice(devices)) for who in world.people]
    for who in world.people:
        stored.standings[who.participant_id] = Standing(
            who.participant_id,
            who.role.value,
            checked_in=dice.random() < 0.7,
            device_id=dice.choice([who.device_id, world.new_id()]),
            weight=dice.choice([0.5, 1.0, 1.25]),
            cluster=dice.choice([None, "c0ffee"]),
        )


async def _draft(world: World, artist: Guest, dice: Random) -> None:
    node = world.nodes[0]
    room = await node.enter(SHOW.show_id)
    for _ in range(DRAFTS):
        wanted = CreateRound(world.new_id(), random_config(dice))
        while not isinstance(await artist._give(node, room, wanted), Ack):
            pass
    node.leave(room)


# --- what holds in the end --------------------------------------------------------------------


def _check_rounds(stored: MemoryRoom) -> None:
    rounds = {round_id: record for round_id, (record, _) in stored.rounds.items()}
    ballots = [ballot for ballot in stored.ballots.values() if ballot.pattern]
    recount = Counter((one.round_id, one.pattern, one.voter_class) for one in ballots)
    assert {key: n for key, (n, _) in stored.tallies.items() if n} == dict(recount)
    hashes = {
        event.data.round_id: event.data.seed_hash
        for event in stored.events
        if isinstance(event.data, RoundOpened)
    }
    over = stored.facts.status is ShowStatus.CLOSED
    for record in rounds.values():
        assert not (over and record.status in TAKES_VOTES)
        assert hashes.get(record.round_id) == (record.seed and hash_of(record.seed))
        assert record.status not in TAKES_VOTES or record.closes_at is None, "it never ended"
        if record.superseded_by is not None:
            assert record.status == "superseded"
            assert rounds[record.superseded_by].supersedes == record.round_id
        if record.result is not None:
            counts = {key[1:]: n for key, n in recount.items() if key[0] == record.round_id}
            _check_result(record, record.result, counts, rounds, over=over)
    _check_devices(stored, rounds)


def _check_result(
    record: RoundRecord,
    told: RoundResult,
    counts: dict[tuple[str, str], int],
    rounds: dict[str, RoundRecord],
    *,
    over: bool,
) -> None:
    """It is a recount; whatever ties were made of it is among those who led."""
    awaited = told.tie_rule == "artist_awaited"
    assert not (over and awaited and TieRule.SEEDED_RANDOM in record.config.tie)
    assert told.seed == (None if awaited else record.seed)
    if record.config.type is not VoteType.QUEUE:
        fresh = result(record.config, counts)
        same = replace(
            told, winners=(), tie_rule=None, tied=(), seed=None, next_round_id=None, matches=()
        )
        assert same == replace(fresh, winners=(), matches=())
        assert set(told.winners) <= set(fresh.winners) | set(told.tied)
    following = rounds.get(told.next_round_id or "")
    if following is not None:
        family = {record.round_id, record.runoff_of, record.stage_of} - {None}
        assert {following.runoff_of, following.stage_of} & family
        if record.status in ("superseded", "cancelled"):
            assert following.status in ("cancelled", "superseded")


def _check_people(stored: MemoryRoom) -> None:
    """Who turned out to be somebody else has a ballot only in what was over by then."""
    linked: dict[str, int] = {}
    over: dict[str, int] = {}
    for event in stored.events:
        match event.data:
            case ParticipantsLinked() as data:
                assert data.participant_id not in linked
                linked[data.participant_id] = event.seq
            case RoundClosed() | RoundSuperseded() | RoundCancelled() as data:
                over.setdefault(data.round_id, event.seq)
            case _:
                pass
    assert linked.keys() == stored.merged.keys()
    for ballot in stored.ballots.values():
        at = linked.get(ballot.participant_id)
        if at is not None and ballot.pattern:
            assert over.get(ballot.round_id, at) < at, ballot


def _check_devices(stored: MemoryRoom, rounds: dict[str, RoundRecord]) -> None:
    for (round_id, _), who in stored.devices.items():
        assert rounds[round_id].config.who.identity == "device"
        assert (round_id, who) in stored.ballots


def _check_ratings(stored: MemoryRoom) -> None:
    """Counts are a recount, and whatever vouched for something settles its ratings once."""
    recount = Counter(
        (one.kind, one.subject, one.value, one.voter_class)
        for one in stored.stances.values()
        if one.value
    )
    assert {key: n for key, (n, _) in stored.stance_counts.items() if n} == dict(recount)
    vouched = {"entry_confirmed", "setlist_sealed", "setlist_unsealed"}
    wanted = [event.seq for event in stored.events if event.name in vouched]
    settled = [key for key, one in stored.outbox.items() if one.kind == SETTLE_RATINGS]
    assert settled == [f"{SETTLE_RATINGS}:{SHOW.show_id}:{seq}" for seq in wanted]


def _check_guests(stored: MemoryRoom, guests: list[Voter]) -> None:
    rounds = {round_id: record for round_id, (record, _) in stored.rounds.items()}
    hidden = {
        one.round_id
        for one in rounds.values()
        if one.config.visibility not in (Visibility.ALWAYS, Visibility.AFTER_VOTE)
    }
    secrets = [
        one.seed
        for one in rounds.values()
        if one.seed is not None and (one.result is None or one.result.seed is None)
    ]
    for guest in guests:
        assert not guest.turned_away
        assert not guest.closed
        check_sockets(guest, hidden)
        for socket in guest.sockets:
            for text in socket.texts:
                assert not any(seed in text for seed in secrets)
                if guest.who.role is Role.FAN:
                    _check_text(text, rounds)


def _check_text(text: str, rounds: dict[str, RoundRecord]) -> None:
    """What a fan is told: no result that is the crew's alone, no jury, no vote that is held."""
    assert "held:" not in text
    message = json.loads(text)
    for found in _dicts(message):
        if message.get("name") == "jury_set":
            assert not found.get("participant_ids")
        if not found.get("result") or "round_id" not in found:
            continue
        record = rounds[found["round_id"]]
        assert record.config.visibility is not Visibility.NEVER
        if record.config.visibility is Visibility.MANUAL:
            revealed = {"round_revealed", "round_tie_decided"}
            assert message.get("name") in revealed or found["status"] == "revealed"
        assert found.get("status") not in ("superseded", "cancelled")


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _dicts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _dicts(one)
