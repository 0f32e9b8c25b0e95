"""Any sequence of turns: counts equal a recount, and deltas are complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.ports import BallotRecord, Delta, Head, RoundRecord
from rooms.rounds.windows import TAKES_VOTES
from tests.contract.harness import LogUnderTest, RoomUnderTest, ballot, new_id, reply

VOTERS = [new_id() for _ in range(5)]
OPTIONS = [None, "o1", "o2", "o3"]
CLASSES = ["audience:web", "jury:web"]
votes = st.dictionaries(
    st.tuples(st.integers(0, 1), st.integers(0, len(VOTERS) - 1)),
    st.tuples(st.sampled_from(OPTIONS), st.sampled_from(CLASSES)),
    max_size=6,
)
steps = st.lists(
    st.fixed_dictionaries(
        {
            "votes": votes,
            "chats": st.integers(0, 2),
            "reactions": st.dictionaries(st.sampled_from(["clap", "heart"]), st.integers(1, 3)),
            "round_closes": st.booleans(),
            "answers": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


class Copy:
    """What a node knows that only ever applies deltas."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.events: list[Any] = []
        self.rounds: dict[str, RoundRecord] = {}
        self.tallies: dict[tuple[str, str, str], int] = {}
        self.ballots: dict[tuple[str, str], BallotRecord] = {}
        self.reactions: dict[str, int] = {}

    def apply(self, delta: Delta) -> None:
        self.events += delta.events
        self.rounds |= {record.round_id: record for record in delta.rounds}
        self.tallies |= {(t.round_id, t.pattern, t.voter_class): t.ballots for t in delta.tallies}
        self.ballots |= {(b.round_id, b.participant_id): b for b in delta.ballots}
        self.reactions |= delta.reactions
        self.head = delta.head


async def take(room: RoomUnderTest, rounds: list[RoundRecord], step: Mapping[str, Any]) -> None:
    ballots = tuple(
        ballot(rounds[which].round_id, VOTERS[voter], option, voter_class)
        for (which, voter), (option, voter_class) in step["votes"].items()
    )
    closing = (room.round(rounds[1].round_id, status="closed"),) if step["round_closes"] else ()
    await room.append(
        events=room.chat(*["line"] * step["chats"]),
        ballots=ballots,
        reactions=step["reactions"],
        rounds=closing,
        replies=(reply(VOTERS[0]),) if step["answers"] else (),
    )


@given(steps=steps, seen=st.lists(st.booleans(), min_size=6, max_size=6))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_tallies_equal_a_recount_and_deltas_tell_everything(
    under_test: LogUnderTest, steps: list[dict[str, Any]], seen: list[bool]
) -> None:
    room = await under_test.room()
    copy = Copy(room.head)
    rounds = [room.round(position=place) for place in range(2)]
    await room.append(rounds=tuple(rounds))
    for step, looks in zip(steps, seen, strict=False):
        await take(room, rounds, step)
        if looks:  # a node that looks at some heads only must not miss what lies between
            copy.apply(await room.log.read_since(room.show_id, copy.head, VOTERS))
    copy.apply(await room.log.read_since(room.show_id, copy.head, VOTERS))

    record = await room.log.load(room.show_id)
    recount = await under_test.recount(room.show_id)

    assert record is not None
    opened = {record.round_id for record in record.rounds if record.status in TAKES_VOTES}
    counted = {(t.round_id, t.pattern, t.voter_class): t.ballots for t in record.tallies}
    assert {key: count for key, count in counted.items() if count} == {
        key: count for key, count in recount.items() if key[0] in opened
    }
    assert copy.head == record.head == room.head
    assert tuple(copy.events) == record.events
    assert sorted(copy.rounds) == sorted(r.round_id for r in record.rounds)
    assert {r.round_id: r for r in record.rounds} == copy.rounds
    assert {key: n for key, n in copy.tallies.items() if key[0] in opened} == counted
    assert copy.reactions == record.reactions
    current = (await room.log.votes_of(room.show_id, VOTERS)).ballots
    assert {(b.round_id, b.participant_id): b for b in current} == copy.ballots


async def test_a_delta_holds_ballots_of_the_participants_asked_for_only(
    under_test: LogUnderTest,
) -> None:
    room = await under_test.room()
    round_id = await room.open_round()
    await room.append(ballots=tuple(ballot(round_id, voter, "o1") for voter in VOTERS))
    delta = await room.log.read_since(room.show_id, Head(0, 0), VOTERS[:2])
    assert {record.participant_id for record in delta.ballots} == set(VOTERS[:2])
    assert (await room.log.read_since(room.show_id, room.head, VOTERS)) == Delta(room.head)
