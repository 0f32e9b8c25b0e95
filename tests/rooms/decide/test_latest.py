"""The last word counts by the time at which it was received, whatever is decided first."""

from __future__ import annotations

import pytest

from rooms import limits
from rooms.commands import RateEntry, RequestSong, UpvoteSongRequest, WithdrawVote
from rooms.decide.latest import is_overtaken
from rooms.messages import Ack
from rooms.ports import BallotRecord, StanceKind
from rooms.sms.languages import Language
from rooms.vote_config import Change, Pick, VoteType, Who
from server.sms.carrying import _taken
from server.sms.routes import Ballot
from tests.rooms.builders import FAN, OTHER, Bench, config, envelope
from tests.rooms.decide.test_accuracy import Night
from tests.rooms.rounds.builders import ROUND, acked, by_sms, close, code, opened, vote

LATER_S = 10.0
EARLIER_S = LATER_S - limits.LAST_WORD_MARGIN_S - 0.1
ABOUT_THEN_S = LATER_S - limits.LAST_WORD_MARGIN_S + 0.1
BY_TEXT = Who(("web", "sms"))


def picks(*option_ids: str) -> list[dict[str, str]]:
    """Picks as an answer tells them."""
    return [{"option_id": option_id} for option_id in option_ids]


def test_a_vote_that_waited_does_not_override_a_later_one() -> None:
    room = opened()
    acked(room.give(FAN, vote("o1"), LATER_S))
    answer = acked(room.give(FAN, vote("o2"), EARLIER_S))
    assert answer == {"round_id": ROUND, "picks": picks("o1"), "superseded": True}
    assert room.last is not None
    assert room.last.turn.ballots == ()
    assert room.last.turn.replies, "the answer is kept all the same"
    assert close(room, at_s=20).options == {"o1": 1, "o2": 0}


def test_what_was_kept_by_a_clock_that_jumped_back_since_gives_way() -> None:
    said = envelope(FAN, vote("o1"), LATER_S)
    kept = BallotRecord(ROUND, FAN.participant_id, (), "o1", "audience", said.received_at)
    again = envelope(FAN, vote("o2"), LATER_S - 5)
    assert is_overtaken(again, kept)
    assert is_overtaken(again, kept, now=said.received_at)
    assert not is_overtaken(again, kept, now=again.received_at)


def test_so_within_one_turn_and_for_a_text() -> None:
    room = opened(who=BY_TEXT)
    answers = room.turn(envelope(FAN, vote("o1"), LATER_S), by_sms(FAN, vote("o2"), EARLIER_S))
    assert [acked(answer)["picks"] for answer in answers] == [picks("o1"), picks("o1")]
    assert close(room, at_s=20).options == {"o1": 1, "o2": 0}


def test_what_was_received_about_then_counts_in_the_order_of_turns() -> None:
    room = opened()
    acked(room.give(FAN, vote("o1"), LATER_S))
    assert "superseded" not in acked(room.give(FAN, vote("o2"), ABOUT_THEN_S))
    assert close(room, at_s=20).options == {"o1": 0, "o2": 1}


def test_a_vote_that_waited_does_not_come_back_after_it_was_withdrawn() -> None:
    room = opened()
    acked(room.give(FAN, vote("o1"), 1))
    acked(room.give(FAN, WithdrawVote(ROUND), LATER_S))
    assert acked(room.give(FAN, vote("o2"), EARLIER_S))["picks"] == []
    assert close(room, at_s=20).votes == 0


def test_a_withdrawal_that_waited_takes_no_later_vote_back() -> None:
    room = opened()
    acked(room.give(FAN, vote("o1"), LATER_S))
    assert acked(room.give(FAN, WithdrawVote(ROUND), EARLIER_S))["picks"] == picks("o1")
    assert close(room, at_s=20).options == {"o1": 1, "o2": 0}


def test_where_votes_are_final_the_one_that_was_told_so_stays() -> None:
    room = opened(change=Change.NEVER)
    acked(room.give(FAN, vote("o1"), LATER_S))
    assert code(room.give(FAN, vote("o2"), EARLIER_S)) == "vote_is_final"


def test_others_are_not_concerned() -> None:
    room = opened()
    acked(room.give(FAN, vote("o1"), LATER_S))
    acked(room.give(OTHER, vote("o2"), 1))
    assert close(room, at_s=20).options == {"o1": 1, "o2": 1}


@pytest.mark.parametrize(("later", "earlier"), [(1, -1), (0, 1)])
def test_a_rating_that_waited_does_not_override_a_later_one(later: int, earlier: int) -> None:
    room = Night()
    acked(room.give(FAN, RateEntry("e1", -1), 1))
    acked(room.give(FAN, RateEntry("e1", later), LATER_S))
    answer = acked(room.give(FAN, RateEntry("e1", earlier), EARLIER_S))
    assert answer == {"entry_id": "e1", "value": later, "superseded": True}
    assert room.stances[StanceKind.RATING, "e1", FAN.participant_id].value == later


def test_support_that_waited_does_not_come_back_after_it_was_taken_back() -> None:
    room = Bench()
    wished = acked(room.give(OTHER, RequestSong(title="Dark Star"), 1))
    request = str(wished["song_request_id"])
    acked(room.give(FAN, UpvoteSongRequest(request, True), 2))
    acked(room.give(FAN, UpvoteSongRequest(request, False), LATER_S))
    answer = acked(room.give(FAN, UpvoteSongRequest(request, True), EARLIER_S))
    assert answer == {"song_request_id": request, "up": False, "superseded": True}
    assert room.stances[StanceKind.UPVOTE, request, FAN.participant_id].value == 0


def test_a_text_that_a_later_one_overtook_is_not_told_that_it_counts() -> None:
    route = Ballot(
        show_id="s",
        participant_id=FAN.participant_id,
        language=Language.EN,
        round_id=ROUND,
        picks=(Pick("o2"),),
        choices=(),
        type=VoteType.SINGLE,
        changed=False,
        final=False,
    )
    room = opened(config(who=BY_TEXT))
    counts, overtaken = room.turn(
        by_sms(FAN, vote("o1"), LATER_S), by_sms(FAN, vote("o2"), EARLIER_S)
    )
    assert isinstance(counts, Ack)
    assert isinstance(overtaken, Ack)
    assert _taken(route, counts) is not None
    assert _taken(route, overtaken) is None
