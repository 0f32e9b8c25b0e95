"""What crew does with wishes: each test is a rule."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from pycrdt import Map

from crdt.document import SetlistDocument
from rooms.commands import (
    LockSetlist,
    MarkSongRequest,
    RequestSong,
    SetNowPlaying,
    UpdateSetlist,
)
from rooms.decide import decide
from rooms.events import NowPlayingChanged, SetlistChanged, SongRequestMarked
from rooms.song_requests.requests import TRANSITIONS, RequestStatus
from tests.rooms.builders import ARTIST, FAN, OTHER, envelope, new_id
from tests.rooms.song_requests.bench import DEW, Wishes, acked, code


def write(room: Wishes, *entries: tuple[str, str, str], **fields: Any) -> None:
    """The artist writes (id, title, section) in this order."""
    editor = SetlistDocument.from_update(room.document.encode())
    before = editor.state_vector()
    for number, (entry_id, title, section) in enumerate(entries):
        values = {"title": title, "section": section, "position": f"{number + 1}V", "segue": False}
        values |= {"added_by": ARTIST.participant_id, **fields}
        editor.write(partial(_put, entry_id, values))
    room.turn(envelope(ARTIST, UpdateSetlist(editor.encode(before)), keeps_reply=False))
    assert set(room.titles) >= {title for _, title, _ in entries}


def _put(entry_id: str, values: dict[str, Any], root: Map[Any]) -> None:
    root[entry_id] = Map(values)


def play(room: Wishes, entry_id: str | None) -> None:
    acked(room.give(ARTIST, SetNowPlaying(entry_id)))


def last_events(room: Wishes) -> list[Any]:
    assert room.last is not None
    return [event.data for event in room.last.turn.events]


@pytest.mark.parametrize("before", list(RequestStatus))
@pytest.mark.parametrize("after", list(RequestStatus))
def test_only_legal_steps(before: RequestStatus, after: RequestStatus) -> None:
    room = Wishes()
    one = room.wish("Ripple")
    if before is not RequestStatus.WAITING:
        room.mark(one, before)
    answer = room.give(ARTIST, MarkSongRequest(one, after))
    if after is before or after in TRANSITIONS[before]:
        assert acked(answer)["status"] == after
        assert room.request(one).status is after
    else:
        assert code(answer) == "illegal_transition"
        assert room.request(one).status is before


def test_marking_is_for_crew() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    assert code(room.give(FAN, MarkSongRequest(one, "played"))) == "not_allowed"
    assert code(room.give(ARTIST, MarkSongRequest("none", "played"))) == "unknown_song_request"


def test_the_requester_is_told_why_a_wish_was_declined() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    room.mark(one, "declined", "  Our drummer\x07 hates it ")
    (told,) = last_events(room)
    assert isinstance(told, SongRequestMarked)
    assert (told.requested_by, told.reason) == (FAN.participant_id, "Our drummer hates it")
    (view,) = room.queue()
    assert (view.status, view.reason, view.rank) == ("declined", told.reason, None)
    assert room.mark(one, "declined", told.reason)["status"] == "declined"
    assert room.events == []


def test_what_is_played_is_in_the_setlist_with_the_same_commit() -> None:
    room = Wishes()
    write(room, ("e1", "Bertha", "set1"), ("e2", "Sugaree", "set2"))
    room.give(ARTIST, LockSetlist())
    one = acked(room.give(FAN, RequestSong(song_id=DEW.song_id)))["song_request_id"]
    entry_id = room.mark(one, "playing")["entry_id"]
    assert room.events == ["setlist_changed", "now_playing_changed", "song_request_marked"]
    changed, playing, marked = last_events(room)
    assert isinstance(changed, SetlistChanged)
    assert changed.cause == "song_request"
    assert [entry.entry_id for entry in changed.entries] == [entry_id]
    assert isinstance(playing, NowPlayingChanged)
    assert (playing.entry_id, playing.title) == (entry_id, "Morning Dew")
    assert isinstance(marked, SongRequestMarked)
    assert (marked.entry_id, marked.requested_by) == (entry_id, FAN.participant_id)
    entry = room.document.entry(entry_id)
    assert entry is not None
    assert (entry.section, entry.song_id, entry.added_by) == (
        "set2",
        DEW.song_id,
        ARTIST.participant_id,
    )
    assert room.titles == ["Bertha", "Sugaree", "Morning Dew"]
    room.mark(one, "played")
    assert room.events == ["now_playing_changed", "song_request_marked"]
    assert room.titles == ["Bertha", "Sugaree", "Morning Dew"]


def test_it_stands_behind_what_is_being_played_and_before_what_is_planned() -> None:
    room = Wishes()
    write(room, ("e1", "Bertha", "set1"), ("e2", "Sugaree", "set1"), ("e3", "Deal", "set1"))
    play(room, "e1")
    room.mark(room.wish("Ripple"), "playing")
    assert room.titles == ["Bertha", "Ripple", "Sugaree", "Deal"]
    room.mark(room.wish("Althea"), "played")
    assert room.titles == ["Bertha", "Ripple", "Althea", "Sugaree", "Deal"]


def test_a_song_that_is_in_the_list_is_not_put_there_again() -> None:
    room = Wishes()
    write(room, ("e1", "Bertha", "set1"), ("e2", "RIPPLE!", "encore1"))
    one = room.wish("Ripple")
    assert room.mark(one, "playing")["entry_id"] == "e2"
    assert room.events == ["now_playing_changed", "song_request_marked"]
    assert room.titles == ["Bertha", "RIPPLE!"]


def test_two_songs_of_the_catalogue_with_one_title_are_two_entries() -> None:
    room = Wishes()
    write(room, ("e1", "Morning Dew", "set1"), song_id="s-another")
    one = acked(room.give(FAN, RequestSong(song_id=DEW.song_id)))["song_request_id"]
    assert room.mark(one, "playing")["entry_id"] != "e1"


def test_what_was_named_as_playing_is_what_was_played() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    write(room, ("e1", "Ripple", "set1"), ("e2", "Deal", "set1"))
    play(room, "e1")
    play(room, "e2")
    assert room.mark(one, "played")["entry_id"] == "e1"


def test_a_reprise_is_an_entry_of_its_own() -> None:
    room = Wishes()
    write(room, ("e1", "Ripple", "set1"), ("e2", "Deal", "set1"))
    play(room, "e1")
    play(room, "e2")
    one = room.wish("Ripple", separate=True)
    assert room.mark(one, "playing")["entry_id"] != "e1"
    assert room.titles == ["Ripple", "Deal", "Ripple"]


def test_sound_check_is_not_tonight() -> None:
    room = Wishes()
    write(room, ("e1", "Ripple", "soundcheck"))
    play(room, "e1")
    one = room.wish("Ripple")
    assert room.mark(one, "played")["entry_id"] != "e1"
    assert [entry.section for entry in room.document.entries()] == ["soundcheck", "set1"]


def test_taken_back_and_marked_again_it_is_still_one_entry() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    entry_id = room.mark(one, "playing")["entry_id"]
    room.mark(one, "waiting")
    assert room.events == ["now_playing_changed", "song_request_marked"]
    assert room.state.memory.now_playing is None
    assert room.mark(one, "played")["entry_id"] == entry_id
    assert room.titles == ["Ripple"]


def test_the_next_song_ends_the_one_before() -> None:
    room = Wishes()
    one, two = room.wish("Ripple"), room.wish("Althea", OTHER)
    room.mark(one, "playing")
    room.mark(two, "playing")
    assert room.request(one).status is RequestStatus.PLAYED
    told = [data for data in last_events(room) if isinstance(data, SongRequestMarked)]
    assert [(data.song_request_id, data.status) for data in told] == [
        (two, "playing"),
        (one, "played"),
    ]
    write(room, ("e9", "Deal", "encore1"))
    acked(room.give(FAN, SetNowPlaying("e9")))
    assert room.request(two).status is RequestStatus.PLAYING
    play(room, None)
    assert room.request(two).status is RequestStatus.PLAYED


def test_a_full_setlist_takes_no_more() -> None:
    room = Wishes()
    write(room, *[(f"e{number}", f"Song {number}", "set1") for number in range(300)])
    one = room.wish("Ripple")
    answer = room.give(ARTIST, MarkSongRequest(one, "played"))
    assert code(answer) == "too_many_entries"
    assert room.request(one).status is RequestStatus.WAITING
    assert room.events == []
    assert room.twin.entries() == room.document.entries()


def test_a_turn_that_was_lost_leaves_one_entry() -> None:
    room = Wishes()
    one = room.wish("Ripple")
    lost = decide(
        room.state,
        [envelope(ARTIST, MarkSongRequest(one, "playing"))],
        room.ballots,
        twin=room.twin,
        roles=room.roles,
        claims=room.claims,
        new_id=new_id,
    )
    assert lost.twin_dirty
    room.twin = room.document.clone()  # what a lost race does
    room.mark(one, "playing")
    assert room.titles == ["Ripple"]


def test_what_was_played_is_shown_as_played() -> None:
    room = Wishes()
    entries = [("e1", "Bertha", "set1"), ("e2", "Sugaree", "set1"), ("e3", "Deal", "set2")]
    wishes = {title: room.wish(title) for _, title, _ in entries}
    write(room, *entries, ("e4", "Fire", "soundcheck"))
    assert not any(view.already_played for view in room.queue())
    play(room, "e2")
    played = {view.song_request_id for view in room.queue() if view.already_played}
    assert played == {wishes["Bertha"], wishes["Sugaree"]}
    assert room.ask("bertha!", OTHER)["outcome"] == "upvoted"
    play(room, "e1")
    assert sum(view.already_played for view in room.queue()) == 2, "it was named before"


def test_an_entry_with_a_time_was_played() -> None:
    room = Wishes()
    room.wish("Bertha")
    write(room, ("e1", "Bertha", "set1"), started_at="1977-05-08T20:10:00Z")
    assert [view.already_played for view in room.queue()] == [True]
