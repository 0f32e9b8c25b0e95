"""Wishing and supporting: each test is a rule."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import limits
from rooms.commands import (
    ChangeShowStatus,
    CloseRound,
    MuteParticipant,
    RequestSong,
    UpvoteSongRequest,
    WithdrawVote,
)
from rooms.events import RoundClosed
from rooms.ports import StanceKind, Standing
from rooms.show import ShowStatus
from rooms.song_requests.queue import upvotes_of
from rooms.state import Memory, RoomState
from rooms.turns import needs_standing
from rooms.vote_config import Attendance, Change, Identity, Option, Visibility, Who
from tests.rooms.builders import ARTIST, FAN, OTHER, envelope, person
from tests.rooms.song_requests.bench import DARK_STAR, DEW, ROUND, Wishes, acked, code


def test_a_wish_is_supported_by_its_author() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    (view,) = room.queue()
    assert (view.song_request_id, view.title, view.status) == (one, "Ripple", "waiting")
    assert (view.rank, view.upvotes, view.participant_id) == (1, 1, FAN.participant_id)


def test_a_song_of_the_catalogue_has_the_catalogues_title() -> None:
    room = Wishes()
    data = acked(room.give(FAN, RequestSong(song_id=DEW.song_id, title="whatever")))
    assert data["outcome"] == "requested"
    assert (data["title"], data["song_id"]) == ("Morning Dew", DEW.song_id)


def test_a_song_of_somebody_else_is_no_song() -> None:
    assert code(Wishes().give(FAN, RequestSong(song_id="elsewhere"))) == "unknown_song"


def test_free_text_that_is_a_title_of_the_catalogue_is_that_song() -> None:
    room = Wishes()
    assert room.ask("  MORNING   dew ")["song_id"] == DEW.song_id
    assert room.ask("Morning Dew", OTHER)["outcome"] == "upvoted"
    assert acked(room.give(ARTIST, RequestSong(song_id=DEW.song_id)))["outcome"] == "upvoted"
    (view,) = room.queue()
    assert view.upvotes == 3


@pytest.mark.parametrize("same", ["ripple", "Ripple!", "  RIPPLE ", "Ripple"])
def test_the_same_title_is_an_upvote(same: str) -> None:
    room = Wishes()
    one = room.wish("Ripple")
    assert room.ask(same, OTHER) == {
        "outcome": "upvoted",
        "song_request_id": one,
        "title": "Ripple",
    }
    assert room.ask(same, OTHER)["outcome"] == "upvoted"
    assert [view.upvotes for view in room.queue()] == [2]


def test_a_title_that_resembles_others_is_asked_about_and_nothing_is_done() -> None:
    room = Wishes()
    one = room.wish("Eyes of the World")
    room.wish("Sugaree")
    data = room.ask("eyes of the wrold", OTHER)
    assert data["outcome"] == "unclear"
    assert [item["song_request_id"] for item in data["candidates"]] == [one]
    assert room.last is not None
    assert not room.last.turn.events
    assert not room.last.turn.stances
    assert len(room.queue()) == 2


def test_at_most_three_are_asked_about() -> None:
    room = Wishes()
    for number in range(5):
        room.wish(f"Song number {number}", person(f"p{number}"), separate=True)
    assert len(room.ask("Song number 7", OTHER)["candidates"]) == 3


def test_whoever_says_that_it_is_another_song_gets_another_request() -> None:
    room = Wishes()
    one = room.wish("Eyes of the World")
    assert room.wish("Eyes of the Word", OTHER, separate=True) != one
    two = room.wish("Hello")
    assert room.wish("Hello", OTHER, separate=True) != two


def test_one_song_of_the_catalogue_is_never_two_requests() -> None:
    room = Wishes()
    acked(room.give(FAN, RequestSong(song_id=DEW.song_id)))
    again = acked(room.give(OTHER, RequestSong(song_id=DEW.song_id, separate=True)))
    assert again["outcome"] == "upvoted"


def test_two_songs_of_the_catalogue_are_not_asked_about() -> None:
    room = Wishes()
    room.songs[1:] = [type(DEW)("s-dews", "Morning Dews", "morning dews")]
    acked(room.give(FAN, RequestSong(song_id=DEW.song_id)))
    assert acked(room.give(FAN, RequestSong(song_id="s-dews")))["outcome"] == "requested"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("a\x00b", "invalid_text"),
        ("two\nlines", "invalid_text"),
        ("\u202eevil", "invalid_text"),
        ("line\u2028break", "invalid_text"),
        ("  \u3000 ", "empty_text"),
        ("\u200d", "empty_text"),
        ("", "empty_text"),
        ("x" * 201, "text_too_long"),
    ],
)
def test_a_title_is_one_line_of_plain_text(title: str, expected: str) -> None:
    assert code(Wishes().give(FAN, RequestSong(title=title))) == expected


def test_a_wish_names_something() -> None:
    assert code(Wishes().give(FAN, RequestSong())) == "invalid_arguments"


def test_nobody_has_more_undecided_wishes_than_the_limit() -> None:
    room = Wishes()
    words = ["Althea", "Bertha", "Cassidy", "Deal", "Estimated Prophet", "Franklin's Tower"]
    wishes = [room.wish(title) for title in words[: limits.SONG_REQUESTS_PER_PARTICIPANT]]
    assert code(room.give(FAN, RequestSong(title=words[5]))) == "too_many_song_requests"
    assert room.ask("Althea")["outcome"] == "upvoted"
    room.mark(wishes[0], "declined", "Not tonight")
    room.wish(words[5])
    assert code(room.give(FAN, RequestSong(title="Jack Straw"))) == "too_many_song_requests"


def test_the_crew_is_not_bound_by_the_limit() -> None:
    room = Wishes()
    for title in ("Althea", "Bertha", "Cassidy", "Deal", "Estimated", "Franklin", "Greatest"):
        room.wish(title, ARTIST)


def test_a_show_has_an_end_of_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SONG_REQUESTS_MAX", 1)
    room = Wishes()
    room.wish("Althea")
    assert code(room.give(OTHER, RequestSong(title="Bertha"))) == "song_requests_full"
    assert room.ask("althea", OTHER)["outcome"] == "upvoted"


def test_a_person_has_an_end_of_stances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STANCES_PER_PARTICIPANT", 2)
    room = Wishes()
    first = room.wish("Althea")
    room.wish("Bertha")
    third = room.wish("Cassidy", OTHER)
    assert code(room.give(FAN, UpvoteSongRequest(third))) == "too_many_stances"
    assert code(room.give(FAN, RequestSong(title="Deal"))) == "too_many_stances"
    assert "Deal" not in [view.title for view in room.queue()]
    room.upvote(first, "dana", up=False)
    room.upvote(first, "dana")


def test_support_is_given_once_and_taken_back() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    room.upvote(one, "lee", "lee", "mo")
    assert upvotes_of(room.state, room.request(one)) == 3
    room.upvote(one, "lee", "lee", up=False)
    assert upvotes_of(room.state, room.request(one)) == 2
    assert room.last is not None
    assert not room.last.turn.stances


def test_only_what_is_not_decided_can_be_supported() -> None:
    room = Wishes()
    assert code(room.give(FAN, UpvoteSongRequest("r-none"))) == "unknown_song_request"
    one = room.wish("Ripple")
    room.mark(one, "played")
    assert code(room.give(OTHER, UpvoteSongRequest(one))) == "song_request_decided"
    two = room.wish("Althea")
    room.mark(two, "declined", "Too long")
    assert code(room.give(OTHER, UpvoteSongRequest(two, up=False))) == "song_request_decided"


def test_what_was_declined_is_not_wished_for_again_tonight() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    room.mark(one, "declined", "We forgot how it goes")
    assert code(room.give(OTHER, RequestSong(title="ripple"))) == "song_declined"
    room.mark(one, "waiting")
    assert room.ask("ripple", OTHER)["outcome"] == "upvoted"


def test_what_was_played_is_wished_for_only_on_purpose() -> None:
    room = Wishes()
    room.mark(room.wish("Dark Star"), "played")
    assert code(room.give(OTHER, RequestSong(title="dark star"))) == "already_played"
    assert code(room.give(OTHER, RequestSong(song_id=DARK_STAR.song_id))) == "already_played"
    again = room.wish("Dark Star", OTHER, separate=True)
    assert {view.song_request_id: view.already_played for view in room.queue()}[again]


def test_songs_are_wished_for_while_the_show_is_live_and_before_by_crew() -> None:
    room = Wishes(ShowStatus.PUBLISHED)
    assert code(room.give(FAN, RequestSong(title="Ripple"))) == "room_not_open"
    one = room.wish("Ripple", ARTIST)
    room.give(ARTIST, ChangeShowStatus(ShowStatus.LIVE))
    room.upvote(one, "dana")
    room.give(ARTIST, ChangeShowStatus(ShowStatus.CLOSED))
    assert code(room.give(FAN, RequestSong(title="Althea"))) == "show_not_live"
    assert code(room.give(FAN, UpvoteSongRequest(one, up=False))) == "show_not_live"


def test_whoever_is_muted_chooses_from_the_catalogue() -> None:
    room = Wishes()
    room.give(ARTIST, MuteParticipant(FAN.participant_id, 600))
    assert code(room.give(FAN, RequestSong(title="Something rude"))) == "muted"
    room.wish("Morning Dew")


# --- rounds of type queue ------------------------------------------------------------------------


def test_a_queue_round_has_a_queue_of_its_own() -> None:
    room = Wishes()
    room.open_queue()
    standing = room.wish("Ripple")
    in_round = room.wish("Ripple", round_id=ROUND)
    assert standing != in_round
    assert [view.song_request_id for view in room.queue(ROUND)] == [in_round]
    assert [view.song_request_id for view in room.queue()] == [standing]


def test_the_options_of_a_queue_are_its_first_wishes() -> None:
    room = Wishes()
    options = ("Ripple", "Althea", "RIPPLE!")
    room.open_queue(
        options=tuple(Option(id=f"o{place}", label=label) for place, label in enumerate(options))
    )
    views = room.queue(ROUND, crew=True)
    assert [(view.title, view.upvotes) for view in views] == [("Ripple", 0), ("Althea", 0)]
    assert room.ask("althea", round_id=ROUND)["outcome"] == "upvoted"
    room.upvote(room.wish("Bertha", round_id=ROUND), "kim", "lee")
    titles = [view.title for view in room.queue(ROUND, crew=True)]
    assert titles == ["Bertha", "Althea", "Ripple"], "nobody's turn is taken by them"


def test_the_result_of_a_queue_names_its_wishes() -> None:
    room = Wishes()
    room.open_queue()
    one = room.wish("Ripple", round_id=ROUND)
    two = room.wish("Althea", OTHER, round_id=ROUND)
    room.upvote(two, "dana", "kim")
    room.upvote(one, "kim")
    room.upvote(one, "kim", up=False)
    room.give(ARTIST, CloseRound(ROUND))
    assert room.last is not None
    (closed,) = [
        event.data for event in room.last.turn.events if isinstance(event.data, RoundClosed)
    ]
    assert closed.result is not None
    assert closed.result.options == {one: 1, two: 3}
    assert closed.result.labels == {one: "Ripple", two: "Althea"}
    assert (closed.result.votes, closed.result.voters) == (4, 3)
    assert closed.result.winners == (two,)
    assert code(room.give(FAN, RequestSong(title="Deal", round_id=ROUND))) == "round_closed"
    assert code(room.give(FAN, UpvoteSongRequest(two))) == "round_closed"
    assert [view.song_request_id for view in room.queue(ROUND)] == [two, one]
    room.mark(two, "played")


def test_a_ballot_stands_for_whoever_supports_something_in_the_round() -> None:
    room = Wishes()
    room.open_queue()
    one = room.wish("Ripple", round_id=ROUND)
    two = room.wish("Althea", OTHER, round_id=ROUND)
    room.upvote(two, "dana")
    room.upvote(one, "dana", up=False)
    assert room.ballots[ROUND, FAN.participant_id].pattern
    room.upvote(two, "dana", up=False)
    assert not room.ballots[ROUND, FAN.participant_id].pattern
    assert sum(room.state.tallies[ROUND].values()) == 1
    assert code(room.give(OTHER, WithdrawVote(ROUND))) == "queue_takes_upvotes"


def test_a_final_support_stays() -> None:
    room = Wishes()
    room.open_queue(change=Change.NEVER)
    one = room.wish("Ripple", round_id=ROUND)
    assert code(room.give(FAN, UpvoteSongRequest(one, up=False))) == "vote_is_final"


def test_only_who_may_vote_in_the_round_speaks_in_it() -> None:
    room = Wishes()
    room.open_queue(who=Who(identity=Identity.ACCOUNT))
    assert code(room.give(FAN, RequestSong(title="Ripple", round_id=ROUND))) == "account_required"
    one = room.wish("Ripple", ARTIST, round_id=ROUND)
    assert code(room.give(FAN, UpvoteSongRequest(one))) == "account_required"


def test_what_a_round_asks_of_its_voters_is_read_before_it_is_decided() -> None:
    room = Wishes()
    room.open_queue(who=Who(attendance=Attendance.CHECKED_IN))
    wish = RequestSong(title="Ripple", round_id=ROUND)
    assert needs_standing(room.state, wish)
    assert not needs_standing(room.state, RequestSong(title="Ripple"))
    assert code(room.give(FAN, wish)) == "check_in_required"
    room.standings[FAN.participant_id] = Standing(FAN.participant_id, "fan", checked_in=True)
    one = room.wish("Ripple", round_id=ROUND)
    assert needs_standing(room.state, UpvoteSongRequest(one))
    assert code(room.give(OTHER, UpvoteSongRequest(one))) == "check_in_required"


def test_one_device_is_one_voter() -> None:
    room = Wishes()
    room.open_queue(who=Who(identity=Identity.DEVICE))
    for who in (FAN, OTHER):
        known = Standing(who.participant_id, "fan", device_id="d1")
        room.standings[who.participant_id] = known
    answers = room.turn(
        envelope(FAN, RequestSong(title="Ripple", round_id=ROUND)),
        envelope(OTHER, RequestSong(title="Ripple", round_id=ROUND)),
        envelope(FAN, RequestSong(title="Althea", round_id=ROUND)),
    )
    assert acked(answers[0])["outcome"] == "requested"
    assert code(answers[1]) == "device_has_voted"
    assert acked(answers[2])["outcome"] == "requested"


def test_a_round_that_is_no_queue_takes_no_wishes() -> None:
    room = Wishes()
    assert code(room.give(FAN, RequestSong(title="A", round_id="none"))) == "unknown_round"


def test_hidden_support_is_absent_for_who_may_not_see_it() -> None:
    room = Wishes()
    room.open_queue(visibility=Visibility.AFTER_VOTE)
    one = room.wish("Ripple", round_id=ROUND)
    two = room.wish("Althea", OTHER, round_id=ROUND)
    room.upvote(two, "kim")
    hidden = room.queue(ROUND)
    assert [view.song_request_id for view in hidden] == [one, two]
    assert [(view.upvotes, view.rank) for view in hidden] == [(None, None)] * 2
    for seen in (room.queue(ROUND, crew=True), room.queue(ROUND, voted=True)):
        assert [(view.song_request_id, view.upvotes, view.rank) for view in seen] == [
            (two, 2, 1),
            (one, 1, 2),
        ]


# --- the whole ----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ann", "bob", "cleo"]),
            st.integers(0, 11),
            st.sampled_from(["wish", "up", "down"]),
        ),
        max_size=40,
    )
)
def test_counts_are_a_recount_and_nobody_is_above_the_limit(
    moves: list[tuple[str, int, str]],
) -> None:
    room = Wishes()
    names = ["Althea", "Bertha", "Cassidy", "Deal", "Estimated", "Franklin", "Greatest", "Help"]
    names += ["Iko", "Jack Straw", "Kansas", "Loser"]
    ids: dict[str, str] = {}
    batch = []
    for number, (who, place, what) in enumerate(moves):
        if what == "wish":
            batch.append(envelope(person(who), RequestSong(title=names[place]), number))
        elif names[place] in ids:
            command = UpvoteSongRequest(ids[names[place]], up=what == "up")
            batch.append(envelope(person(who), command, number))
        if number % 3 == 2:
            room.turn(*batch)
            batch = []
            ids = {one.title: key for key, one in room.state.memory.song_requests.items()}
    room.turn(*batch)
    for key, request in room.state.memory.song_requests.items():
        recount = sum(
            stance.value
            for (kind, subject, _), stance in room.stances.items()
            if kind is StanceKind.UPVOTE and subject == key
        )
        assert upvotes_of(room.state, request) == recount
    authors = [request.participant_id for request in room.state.memory.song_requests.values()]
    for who in set(authors):
        assert authors.count(who) <= limits.SONG_REQUESTS_PER_PARTICIPANT


def test_a_room_loaded_from_its_snapshot_knows_its_wishes() -> None:
    room = Wishes()
    room.mark(room.wish("Ripple"), "playing")
    room.wish("Althea", OTHER)
    assert msgspec.json.decode(room.state.snapshot(), type=Memory) == room.state.memory
    copy: RoomState = room.state.copy()
    room.wish("Bertha", OTHER)
    assert len(copy.memory.song_requests) == 2
