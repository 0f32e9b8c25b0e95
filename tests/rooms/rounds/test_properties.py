"""What holds of rounds of every kind, whatever people do in them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.commands import (
    AnyCommand,
    CancelRound,
    CastVote,
    CloseRound,
    CreateRound,
    DecideTie,
    ExtendRound,
    OpenRound,
    RevealRound,
    SetJury,
    SupersedeRound,
    WithdrawVote,
)
from rooms.ports import RoundRecord
from rooms.rounds import tally
from rooms.rounds.counting.results import result
from rooms.vote_config import Pick, TieRule, VoteConfig, VoteType
from tests.rooms.builders import ARTIST, Bench, envelope, new_id, person
from tests.rooms.rounds.builders import ROUND, acked, close, opened
from tests.rooms.rounds.counting.ballots import CONFIGS, name_of, picks_for

PEOPLE = [person(name) for name in ("ann", "bob", "cy", "di")]


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_deltas_of_turns_are_the_count_of_the_ballots(
    config: VoteConfig, data: st.DataObject
) -> None:
    """Turns of any size, changed and withdrawn votes, a jury that changes in between."""
    room = opened(config)
    step = st.tuples(st.sampled_from(PEOPLE), st.none() | picks_for(config))
    for script in data.draw(st.lists(st.lists(step, min_size=1, max_size=5), max_size=4)):
        jury = tuple(who.participant_id for who, picks in script[:1] if picks)
        room.roles = {who.participant_id: "fan" for who in PEOPLE}
        acked(room.give(ARTIST, SetJury(jury)))
        room.turn(
            *(
                envelope(who, CastVote(ROUND, picks) if picks else WithdrawVote(ROUND))
                for who, picks in script
            )
        )
    ballots = [(one.pattern, one.voter_class) for one in room.ballots.values()]
    counts = tally.recount(ballots)
    held = {key: n for key, n in room.state.tallies.get(ROUND, {}).items() if n}
    assert held == counts
    counted = result(config, counts)
    final = close(room)
    assert (final.options, final.voters) == (counted.options, counted.voters)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("vote"), st.sampled_from(PEOPLE), st.sampled_from("abcd")),
        st.sampled_from(["close", "reveal", "cancel", "supersede", "extend", "decide", "open"]),
    ),
    max_size=14,
)


@settings(max_examples=120, deadline=None)
@given(STEPS, st.permutations(list(TieRule)), st.sampled_from([VoteType.SINGLE, VoteType.BRACKET]))
def test_events_and_rows_say_the_same_of_every_round(
    steps: list[object], rules: list[TieRule], kind: VoteType
) -> None:
    """Another node that only hears the events has the same rounds, but for seeds and drafts; and
    whatever was pressed in whatever order, no chain of rounds goes on for ever."""
    config = next(one for one in CONFIGS if one.type is kind)
    tie = tuple(rules[: rules.index(TieRule.SEEDED_RANDOM) + 1])
    room = Bench()
    room.give(ARTIST, CreateRound(ROUND, msgspec.structs.replace(config, tie=tie)))
    room.give(ARTIST, OpenRound(ROUND))
    heard = room.state.copy()
    for at_s, step in enumerate(steps):
        newest = max(room.state.rounds.values(), key=lambda record: record.position)
        command = _command(step, newest)
        who = step[1] if isinstance(step, tuple) else ARTIST
        room.turn(envelope(who, command, at_s))
        assert room.last is not None
        for event in room.last.turn.events:
            heard.apply(event)
    told = {key: _told(record) for key, record in heard.rounds.items()}
    for round_id, record in room.state.rounds.items():
        if record.opened_at is not None:
            assert told[round_id] == _told(record)
    supersedings = sum(1 for record in room.state.rounds.values() if record.supersedes)
    assert len(room.state.rounds) <= (1 + supersedings) * 4


def _command(step: object, newest: RoundRecord) -> AnyCommand:
    round_id, config = newest.round_id, newest.config
    match step:
        case ("vote", _, str(letter)):
            return CastVote(round_id, (Pick(letter),))
        case "close":
            return CloseRound(round_id)
        case "reveal":
            return RevealRound(round_id)
        case "cancel":
            return CancelRound(round_id)
        case "supersede":
            return SupersedeRound(round_id, new_id(), config)
        case "extend":
            return ExtendRound(round_id, 5)
        case "decide":
            tied = newest.result.tied if newest.result else ()
            return DecideTie(round_id, tied[0] if tied else "a")
        case _:
            return OpenRound(round_id)


def _told(record: RoundRecord) -> RoundRecord:
    """What the events say of a round."""
    return msgspec.structs.replace(record, seed=None, position=0)
