"""The promises of `rooms.ports.RoomLog`, kept by every adapter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rooms import limits
from rooms.events import Event, ParticipantsLinked, RoundResult
from rooms.participants import SYSTEM
from rooms.ports import (
    AlreadyAnswered,
    Appended,
    AuditRecord,
    Head,
    Lost,
    OutboxRecord,
    SnapshotRecord,
    TallyRecord,
)
from rooms.show import ShowStatus
from tests.contract.harness import (
    STARTS_AT,
    LogUnderTest,
    Place,
    RoomUnderTest,
    ballot,
    new_id,
    reply,
)


async def test_there_is_no_room_without_a_show(under_test: LogUnderTest) -> None:
    assert await under_test.log.load(new_id()) is None


async def test_a_new_room_is_empty(room: RoomUnderTest) -> None:
    record = await room.log.load(room.show_id)
    assert record is not None
    assert record.head == Head(0, 0)
    assert record.show.show_id == room.show_id
    assert (record.events, record.rounds, record.tallies, record.bindings) == ((), (), (), {})
    assert (record.snapshot_seq, record.snapshot, record.document) == (0, None, None)


async def test_what_was_appended_is_loaded(room: RoomUnderTest) -> None:
    voter = new_id()
    events = room.chat("first", "second \x00 with a zero", "🎸", author=voter)
    records = (
        room.round(position=2),
        room.round(position=1, result=RoundResult({}, 0, 0, (), "h")),
    )
    await room.append(events=events, rounds=records, reactions={"clap": 3})
    await room.append(ballots=(ballot(records[0].round_id, voter, "o1"),))

    record = await room.log.load(room.show_id)

    assert record is not None
    assert record.head == room.head == Head(3, 2)
    assert record.events == events
    assert record.rounds == (records[1], records[0])
    assert record.tallies == (TallyRecord(records[0].round_id, "o1", "audience:web", 1),)
    assert record.reactions == {"clap": 3}


async def test_an_update_and_its_client_ids_are_kept(room: RoomUnderTest) -> None:
    author = new_id()
    events = room.chat("an edit", author=author, update=b"\x00\xff", clients=(7, 2**53 - 1))
    await room.append(events=events)
    await room.append(events=room.chat("another", author=author, clients=(7,)))

    record = await room.log.load(room.show_id)

    assert record is not None
    assert record.events[0] == events[0]
    assert record.bindings == {7: author, 2**53 - 1: author}


async def test_only_one_of_two_turns_on_the_same_head_is_appended(room: RoomUnderTest) -> None:
    first, second = room.turn(events=room.chat("a")), room.turn(events=room.chat("b"))
    assert isinstance(await room.log.append(first), Appended)
    assert await room.log.append(second) == Lost(Head(1, 0))
    assert (await room.under_test.stored(room.show_id))["events"] == 1


async def test_a_turn_is_lost_when_only_the_state_moved(room: RoomUnderTest) -> None:
    before = room.turn(events=room.chat("a"))
    await room.append(reactions={"clap": 1})
    assert await room.log.append(before) == Lost(Head(0, 1))


async def test_a_turn_from_the_future_is_lost(room: RoomUnderTest) -> None:
    room.head = Head(5, 5)
    assert await room.log.append(room.turn(events=room.chat("a"))) == Lost(Head(0, 0))


async def test_the_same_command_is_answered_once(room: RoomUnderTest) -> None:
    voter, command_id = new_id(), new_id()
    stored = reply(voter, command_id)
    await room.append(events=room.chat("a"), replies=(stored,))
    again = room.turn(events=room.chat("a again"), replies=(reply(new_id()), stored))

    assert await room.log.append(again) == AlreadyAnswered((stored,))
    assert (await room.under_test.stored(room.show_id))["events"] == 1
    assert list(await room.log.replies_of(room.show_id, [(voter, command_id), (voter, "no")])) == [
        stored
    ]


async def test_a_command_id_belongs_to_its_participant_and_show(room: RoomUnderTest) -> None:
    command_id = new_id()
    await room.append(replies=(reply(new_id(), command_id),))
    await room.append(replies=(reply(new_id(), command_id),))
    other = await room.under_test.room()
    await other.append(replies=(reply(new_id(), command_id),))


async def test_an_answer_counts_even_on_an_old_head(room: RoomUnderTest) -> None:
    """After an unknown commit the same turn is said again: its answer is there, its head is old."""
    turn = room.turn(events=room.chat("a"), replies=(reply(new_id()),))
    assert isinstance(await room.log.append(turn), Appended)
    assert await room.log.append(turn) == AlreadyAnswered(turn.replies)


async def test_changing_a_vote_moves_one_count_down_and_one_up(room: RoomUnderTest) -> None:
    round_id, voter = await room.open_round(), new_id()
    await room.append(ballots=(ballot(round_id, voter, "o1"), ballot(round_id, new_id(), "o1")))

    appended = await room.append(ballots=(ballot(round_id, voter, "o2"),))

    assert sorted(appended.tallies, key=lambda tally: tally.pattern) == [
        TallyRecord(round_id, "o1", "audience:web", 1),
        TallyRecord(round_id, "o2", "audience:web", 1),
    ]


async def test_a_withdrawn_vote_counts_nowhere_and_can_be_cast_again(room: RoomUnderTest) -> None:
    round_id, voter = await room.open_round(), new_id()
    await room.append(ballots=(ballot(round_id, voter, "o1"),))
    withdrawn = await room.append(ballots=(ballot(round_id, voter, None),))
    assert withdrawn.tallies == (TallyRecord(round_id, "o1", "audience:web", 0),)
    assert (await room.append(ballots=(ballot(round_id, voter, None),))).tallies == ()
    cast = await room.append(ballots=(ballot(round_id, voter, "o1"),))
    assert cast.tallies == (TallyRecord(round_id, "o1", "audience:web", 1),)
    assert (await room.under_test.stored(room.show_id))["ballots"] == 1


async def test_the_same_vote_again_moves_nothing(room: RoomUnderTest) -> None:
    round_id, voter = await room.open_round(), new_id()
    await room.append(ballots=(ballot(round_id, voter, "o1"),))
    assert (await room.append(ballots=(ballot(round_id, voter, "o1"),))).tallies == ()


async def test_classes_of_voters_are_counted_apart(room: RoomUnderTest) -> None:
    round_id, voter = await room.open_round(), new_id()
    await room.append(ballots=(ballot(round_id, voter, "o1", "audience:web"),))
    appended = await room.append(ballots=(ballot(round_id, voter, "o1", "jury:web"),))
    assert set(appended.tallies) == {
        TallyRecord(round_id, "o1", "audience:web", 0),
        TallyRecord(round_id, "o1", "jury:web", 1),
    }


async def test_reactions_add_up(room: RoomUnderTest) -> None:
    await room.append(reactions={"clap": 2, "heart": 1})
    assert (await room.append(reactions={"clap": 3})).reactions == {"clap": 5}


async def test_an_effect_is_written_once_per_dedupe_key(room: RoomUnderTest) -> None:
    key = new_id()
    for _ in range(2):
        await room.append(
            outbox=(OutboxRecord("results", key, {"a": 1}),),
            audit=(AuditRecord(new_id(), "closed", "round", STARTS_AT, None, {"a": "\x00"}),),
        )
    stored = await room.under_test.stored(room.show_id)
    assert (stored["outbox"], stored["audit"]) == (1, 2)


async def test_the_show_moves_with_its_turn(under_test: LogUnderTest) -> None:
    room = await under_test.room(ShowStatus.PUBLISHED)
    await room.append(events=room.chat("doors"), show_status=ShowStatus.LIVE)
    record = await room.log.load(room.show_id)
    assert record is not None
    assert record.show.status is ShowStatus.LIVE


async def test_events_are_read_in_pages(room: RoomUnderTest) -> None:
    events = room.chat("a", "b", "c", "d")
    await room.append(events=events)
    assert await room.log.events_after(room.show_id, 1, 2) == events[1:3]
    assert await room.log.events_after(room.show_id, 4, 2) == ()


async def test_ballots_are_told_of_rounds_that_take_votes_and_of_those_that_took_them(
    room: RoomUnderTest,
) -> None:
    voter = new_id()
    told = [room.round(status=status) for status in ("open", "grace", "closed", "revealed")]
    cancelled = room.round(status="cancelled")
    await room.append(rounds=(*told, cancelled))
    await room.append(
        ballots=tuple(ballot(record.round_id, voter, "o1") for record in (*told, cancelled))
    )
    await room.append(ballots=(ballot(told[2].round_id, new_id(), "o2"),))
    found = list((await room.log.votes_of(room.show_id, [voter, new_id()])).ballots)
    assert {record.round_id for record in found} == {record.round_id for record in told}
    assert {record.participant_id for record in found} == {voter}
    assert {record.version for record in found} == {room.head.state_version - 1}


async def test_of_many_rounds_that_are_over_the_latest_are_told(
    room: RoomUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OWN_ENDED_ROUNDS_MAX", 2)
    voter = new_id()
    rounds = [room.round(status="closed", position=place) for place in (3, 1, 2)]
    opened = room.round(position=0)
    await room.append(rounds=(*rounds, opened))
    await room.append(
        ballots=tuple(ballot(record.round_id, voter, "o1") for record in (*rounds, opened))
    )
    found = (await room.log.votes_of(room.show_id, [voter])).ballots
    assert {record.round_id for record in found} == {
        rounds[0].round_id,
        rounds[2].round_id,
        opened.round_id,
    }


async def test_heads_of_known_rooms_and_one_base_for_all(room: RoomUnderTest) -> None:
    await room.append(events=room.chat("a"))
    other = await room.under_test.room()
    base, heads = await room.log.heads([room.show_id, other.show_id, new_id()])
    assert heads == {room.show_id: Head(1, 0), other.show_id: Head(0, 0)}
    assert base == (await room.log.heads([]))[0]


async def test_each_room_has_an_epoch_of_its_own(room: RoomUnderTest) -> None:
    other = await room.under_test.room()
    mine, again, others = [
        await room.log.load(show_id) for show_id in (room.show_id, room.show_id, other.show_id)
    ]
    assert mine is not None and again is not None and others is not None
    assert mine.epoch == again.epoch != others.epoch


async def test_due_rounds_are_those_whose_end_has_passed(room: RoomUnderTest) -> None:
    def ending(after_s: float, status: str = "open") -> str:
        record = room.round(status=status, closes_at=STARTS_AT + timedelta(seconds=after_s))
        records.append(record)
        return record.round_id

    records = [room.round()]
    due = {ending(0), ending(-5, "grace")}
    ending(1)
    ending(-5, "closed")
    await room.append(rounds=tuple(records))
    found = set(await room.log.due_rounds(STARTS_AT))
    assert {round_id for show_id, round_id in found if show_id == room.show_id} == due


async def test_a_snapshot_replaces_older_events_and_older_snapshots(room: RoomUnderTest) -> None:
    await room.append(events=room.chat("a", "b", "c"))
    await room.log.save_snapshot(room.show_id, SnapshotRecord(2, b"state", b"document"))
    await room.log.save_snapshot(room.show_id, SnapshotRecord(1, b"older", b"older"))

    record = await room.log.load(room.show_id)

    assert record is not None
    assert (record.snapshot_seq, record.snapshot, record.document) == (2, b"state", b"document")
    assert [event.seq for event in record.events] == [3]
    assert len(await room.log.events_after(room.show_id, 0, 10)) == 3


async def test_the_database_has_a_clock(under_test: LogUnderTest) -> None:
    first = await under_test.log.database_time()
    assert first.tzinfo is not None
    assert await under_test.log.database_time() >= first


async def test_roles_of_nobody_are_no_error(room: RoomUnderTest) -> None:
    """The ids are what a command names: any text at all."""
    names = [new_id(), "", "nobody", "\x00", "\N{GUITAR}" * 64, new_id().upper()]
    assert await room.log.roles_of(room.show_id, names) == {}


async def test_facts_are_what_the_show_is_now(room: RoomUnderTest) -> None:
    record = await room.log.load(room.show_id)
    assert record is not None
    assert await room.log.facts_of([room.show_id, new_id()]) == {room.show_id: record.show}


async def test_facts_name_the_zone_of_the_venue(under_test: LogUnderTest) -> None:
    """Of two Portlands the state says which."""
    places = [
        Place("Moda Center", "Portland", "OR", "US", "America/Los_Angeles"),
        Place("State Theatre", "Portland", "ME", "US", "America/New_York"),
        Place("The Barn", "Nowhere at all", None, "US", None),
    ]
    zones = {
        await under_test.make_show(place=place): (place.city, place.time_zone) for place in places
    }
    facts = await under_test.log.facts_of(list(zones))
    assert {key: (one.city, one.time_zone) for key, one in facts.items()} == zones
    for show_id in zones:
        record = await under_test.log.load(show_id)
        assert record is not None and record.show == facts[show_id]


async def test_a_link_makes_who_stays_known_by_its_phone_in_the_same_commit(
    under_test: LogUnderTest,
) -> None:
    room = await under_test.room()
    gone, stays = await under_test.people(room.show_id, 2)
    before = await room.log.standings_of(room.show_id, [gone, stays])
    assert not any(one.phone_confirmed for one in before.values())
    await room.append(
        events=(
            Event(
                seq=room.head.seq + 1,
                at=STARTS_AT,
                data=ParticipantsLinked(gone, stays),
                participant_id=SYSTEM.participant_id,
            ),
        )
    )
    after = await room.log.standings_of(room.show_id, [gone, stays])
    assert {who for who, one in after.items() if one.phone_confirmed} == {stays}
    assert await under_test.merged(room.show_id) == {gone: stays}
