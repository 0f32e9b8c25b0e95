"""Stances are counted like ballots, and a device votes once: whichever log it is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rooms.ports import (
    Delta,
    Head,
    StanceCount,
    StanceKind,
    StanceRecord,
    TurnRefused,
)
from tests.contract.harness import STARTS_AT, LogUnderTest, RoomUnderTest, ballot, new_id

PEOPLE = [new_id() for _ in range(4)]
SUBJECTS = [(StanceKind.UPVOTE, "r1"), (StanceKind.RATING, "e1"), (StanceKind.RATING, "e2")]
turns = st.lists(
    st.dictionaries(
        st.tuples(st.integers(0, 3), st.sampled_from(SUBJECTS)),
        st.tuples(st.integers(-1, 1), st.sampled_from(["", "0.50", "1.25@cluster"])),
        max_size=6,
    ),
    min_size=1,
    max_size=6,
)


def stance(
    person: str, subject: tuple[StanceKind, str], value: int, voter_class: str = ""
) -> StanceRecord:
    return StanceRecord(*subject, person, value, voter_class, STARTS_AT)


@given(turns=turns, looks=st.lists(st.booleans(), min_size=6, max_size=6))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_counts_equal_a_recount_and_deltas_tell_everything(
    under_test: LogUnderTest, turns: list[dict[Any, Any]], looks: list[bool]
) -> None:
    room = await under_test.room()
    known = Head(0, 0)
    told: dict[tuple[Any, ...], int] = {}
    last: dict[tuple[str, Any], StanceRecord] = {}

    def hear(delta: Delta) -> None:
        nonlocal known
        known = delta.head
        told.update({_key(count): count.people for count in delta.stance_counts})

    for said, look in zip(turns, looks, strict=False):
        records = [
            stance(PEOPLE[who], subject, value, voter_class)
            for (who, subject), (value, voter_class) in said.items()
        ]
        appended = await room.append(stances=tuple(records))
        moved = {_key(count): count.people for count in appended.stance_counts}
        for record in records:
            version = room.head.state_version
            last[record.participant_id, (record.kind, record.subject)] = replace(
                record, version=version
            )
        recount = _recount(last.values())
        assert {key: recount.get(key, 0) for key in moved} == moved
        if look:
            hear(await room.log.read_since(room.show_id, known, PEOPLE))
    hear(await room.log.read_since(room.show_id, known, PEOPLE))

    loaded = await room.log.load(room.show_id)
    assert loaded is not None
    counted = {_key(count): count.people for count in loaded.stance_counts}
    assert {key: people for key, people in counted.items() if people} == _recount(last.values())
    assert told == counted
    stored = (await room.log.votes_of(room.show_id, PEOPLE)).stances
    assert {(r.participant_id, (r.kind, r.subject)): r for r in stored} == last


async def test_a_delta_holds_stances_of_the_participants_asked_for_only(
    room: RoomUnderTest,
) -> None:
    await room.append(stances=tuple(stance(person, SUBJECTS[0], 1) for person in PEOPLE))
    delta = await room.log.read_since(room.show_id, Head(0, 0), PEOPLE[:2])
    assert {record.participant_id for record in delta.stances} == set(PEOPLE[:2])
    assert [count.people for count in delta.stance_counts] == [len(PEOPLE)]
    assert await room.log.read_since(room.show_id, room.head, PEOPLE) == Delta(room.head)


async def test_a_stance_moves_the_head_without_an_event(room: RoomUnderTest) -> None:
    before = room.head
    await room.append(stances=(stance(PEOPLE[0], SUBJECTS[1], -1),))
    assert (room.head.seq, room.head.state_version) == (before.seq, before.state_version + 1)


async def test_one_stance_per_person_and_subject_in_a_turn(room: RoomUnderTest) -> None:
    twice = (stance(PEOPLE[0], SUBJECTS[0], 1), stance(PEOPLE[0], SUBJECTS[0], -1))
    with pytest.raises(TurnRefused):
        await room.log.append(room.turn(stances=twice))


async def test_a_device_votes_once_in_a_round_of_one_ballot_a_device(room: RoomUnderTest) -> None:
    round_id, other = await room.open_round(), await room.open_round(position=2)
    device, ann, ben = new_id(), new_id(), new_id()

    def with_device(round_of: str, who: str, option: str | None) -> Any:
        return replace(ballot(round_of, who, option), device_id=device)

    await room.append(ballots=(with_device(round_id, ann, "o1"),))
    await room.append(ballots=(with_device(round_id, ann, "o2"),))
    await room.append(ballots=(with_device(round_id, ann, None),))
    with pytest.raises(TurnRefused):
        await room.log.append(room.turn(ballots=(with_device(round_id, ben, "o1"),)))
    await room.append(ballots=(with_device(other, ben, "o1"), ballot(round_id, ben, "o3")))


def _key(count: StanceCount) -> tuple[Any, ...]:
    return (count.kind, count.subject, count.value, count.voter_class)


def _recount(records: Any) -> dict[tuple[Any, ...], int]:
    return dict(Counter((r.kind, r.subject, r.value, r.voter_class) for r in records if r.value))
