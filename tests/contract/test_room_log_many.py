"""Turns of many votes are kept as those of a few are, whichever way their columns go."""

from __future__ import annotations

import msgspec

from rooms.ports import Lost, ReplyRecord, Votes
from rooms.rounds.counting.patterns import WITHDRAWN
from rooms.vote_config import Pick
from storage.rooms.turn_arguments import APPEND, APPEND_MANY, APPEND_SAID, PACKED_FROM, call_of
from tests.contract.harness import RoomUnderTest, ballot, new_id, reply

ANSWERS = (b'{"text":"Gr\xc3\xbc\xc3\x9fe \\\\ \\u001f \\" \'"}', b"{}", b"", b'{"a":"\\\\x00"}')


async def test_many_ballots_and_answers_of_one_turn_are_kept_one_by_one(
    room: RoomUnderTest,
) -> None:
    round_id = await room.open_round()
    voters = [new_id() for _ in range(PACKED_FROM * 2)]
    ballots = [ballot(round_id, voter, "o1" if n % 3 else "o2") for n, voter in enumerate(voters)]
    ballots[5] = ballot(round_id, voters[5], None)
    ballots[6] = msgspec.structs.replace(
        ballots[6], picks=(Pick("o2", value=-1),), pattern="o2=-1", device_id=new_id()
    )
    replies = [
        msgspec.structs.replace(
            reply(voter, f"id {number}\\ 'quoted' \"twice\" {{}},NULL"),
            payload_hash=bytes(range(number, number + 32)),
            answer=ANSWERS[number % len(ANSWERS)],
        )
        for number, voter in enumerate(voters)
    ]
    appended = await room.append(ballots=tuple(ballots), replies=tuple(replies))
    counts = {(one.pattern, one.ballots) for one in appended.tallies}
    said = [one.pattern for one in ballots if one.pattern != WITHDRAWN]
    assert counts == {(pattern, said.count(pattern)) for pattern in said}
    votes: Votes = await room.log.votes_of(room.show_id, voters)
    version = appended.head.state_version
    by_voter = {one.participant_id: one for one in votes.ballots}
    for one in ballots:
        expected = msgspec.structs.replace(one, version=version, device_id=None)
        assert msgspec.structs.replace(by_voter[one.participant_id], device_id=None) == expected
    stored = await room.log.replies_of(
        room.show_id, [(one.participant_id, one.command_id) for one in replies]
    )
    assert _by_author(stored) == _by_author(replies)
    again = await room.log.append(room.turn(replies=tuple(replies)))
    assert not isinstance(again, Lost)
    assert _by_author(again.replies) == _by_author(replies)  # type: ignore[union-attr]


def _by_author(records: object) -> dict[str, ReplyRecord]:
    return {one.participant_id: one for one in records}  # type: ignore[attr-defined]


async def test_a_text_that_holds_the_separator_goes_as_it_always_did(room: RoomUnderTest) -> None:
    round_id = await room.open_round()
    voters = [new_id() for _ in range(PACKED_FROM)]
    ballots = tuple(ballot(round_id, voter, "o1") for voter in voters)
    replies = [reply(voter) for voter in voters]
    assert call_of(room.turn(ballots=ballots, replies=tuple(replies)))[0] == APPEND_MANY
    replies[3] = reply(voters[3], "one\x1ftwo")
    assert call_of(room.turn(ballots=ballots, replies=tuple(replies)))[0] == APPEND
    assert call_of(room.turn(ballots=ballots[:3], replies=tuple(replies[:3])))[0] == APPEND
    await room.append(ballots=ballots, replies=tuple(replies))
    stored = await room.log.replies_of(room.show_id, [(voters[3], "one\x1ftwo")])
    assert [one.command_id for one in stored] == ["one\x1ftwo"]


async def test_a_turn_that_only_says_something_is_kept_whole(room: RoomUnderTest) -> None:
    voter = new_id()
    events, replies = room.chat("Hello", "again"), (reply(voter, "said"),)
    assert call_of(room.turn(events=events, replies=replies))[0] == APPEND_SAID
    for beside in (
        {"removed": (voter,)},
        {"reactions": {"heart": 1}},
        {"events": (msgspec.structs.replace(events[0], clients=(7,)), events[1])},
    ):
        turn = room.turn(**{"events": events, "replies": replies} | beside)
        assert call_of(turn)[0] == APPEND
    await room.append(events=events, replies=replies)
    stored = await room.log.replies_of(room.show_id, [(voter, "said")])
    assert [one.command_id for one in stored] == ["said"]
    kept = await room.log.events_after(room.show_id, 0, 10)
    assert [(one.seq, one.name, one.data) for one in kept] == [
        (one.seq, one.name, one.data) for one in events
    ]
    again = await room.log.append(room.turn(replies=replies))
    assert _by_author(again.replies) == _by_author(replies)  # type: ignore[union-attr]
