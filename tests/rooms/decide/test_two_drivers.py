"""Two people drive at once: each gets what they wanted, or is told what the other did first."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from rooms.acts import Act, Actor
from rooms.commands import (
    Announce,
    CancelRound,
    ChangeShowStatus,
    CloseDueRound,
    CloseRound,
    CreateRound,
    ExtendRound,
    LockSetlist,
    MarkSongRequest,
    OpenRound,
    RequestSong,
    RevealRound,
    SealSetlist,
    SetNowPlaying,
    WithdrawAnnouncement,
    by_system,
)
from rooms.events import EventData
from rooms.messages import Ack, Reject
from rooms.participants import Participant, Role
from rooms.show import ShowStatus
from rooms.vote_config import Visibility, Window
from tests.rooms.builders import (
    ARTIST,
    FAN,
    MODERATOR,
    Bench,
    after,
    config,
    envelope,
    new_id,
    person,
)
from tests.rooms.decide.test_setlist import Phone, send

ANA, MO = ARTIST, MODERATOR
ROUND = "round-1"
JERRY = Actor(ARTIST.participant_id, ARTIST.display_name)


def acked(answer: object) -> dict[str, Any]:
    assert isinstance(answer, Ack), answer
    return answer.data


def rejected(answer: object, code: str, what: str, by: Actor | None = JERRY) -> Reject:
    """A refusal that names what was done meanwhile, and whose hand it was."""
    assert isinstance(answer, Reject), answer
    assert (answer.code, answer.retryable) == (code, False)
    assert isinstance(answer.meanwhile, Act)
    assert (answer.meanwhile.what, answer.meanwhile.by) == (what, by)
    if by is not None:
        assert answer.detail.startswith(by.display_name)
    return answer


def open_room(**changes: Any) -> Bench:
    room = Bench()
    acked(room.give(ANA, CreateRound(ROUND, config(**changes))))
    acked(room.give(ANA, OpenRound(ROUND)))
    return room


def crew_hears(room: Bench) -> EventData:
    assert room.last is not None
    return room.last.turn.events[-1].data_for(crew=True)


def written(room: Bench, who: Participant, title: str) -> str:
    """An entry that somebody adds at the end."""
    phone, entry_id = Phone(who), new_id()
    phone.sync(room)
    position = f"V{len(room.document.entries()) + 1}"
    assert send(room, phone, phone.add(entry_id, title, position)).refused == ()
    return entry_id


def by_of(data: EventData) -> Actor | None:
    by: Actor | None = getattr(data, "by")  # noqa: B009
    return by


@pytest.mark.parametrize("together", [True, False], ids=["in one turn", "one after the other"])
def test_a_round_that_the_other_closed_is_closed_by_name(together: bool) -> None:
    room = open_room()
    both = [envelope(ANA, CloseRound(ROUND), 5), envelope(MO, CloseRound(ROUND), 5)]
    if together:
        first, second = room.turn(*both)
    else:
        (first,), (second,) = room.turn(both[0]), room.turn(both[1])
    acked(first)
    said = rejected(second, "round_closed", "round_closed")
    assert said.detail == "Jerry closed this round. This round is closed."
    rejected(room.give(MO, ExtendRound(ROUND), 6), "round_closed", "round_closed")
    rejected(room.give(MO, CancelRound(ROUND), 6), "round_closed", "round_closed")


def test_who_did_it_is_told_to_crew_alone() -> None:
    room = open_room()
    assert by_of(crew_hears(room)) == JERRY
    assert room.last is not None
    for event in room.last.turn.events:
        assert by_of(event.data) is None
    acked(room.give(ANA, LockSetlist()))
    assert by_of(crew_hears(room)) == JERRY
    answer = room.give(FAN, CloseRound(ROUND))
    assert isinstance(answer, Reject) and answer.meanwhile is UNSET


def test_a_round_that_its_time_closed_was_closed_by_nobody() -> None:
    room = open_room(window=Window(duration_s=10, sms_grace_s=0))
    room.turn(by_system(CloseDueRound(ROUND), after(30), new_id()))
    assert by_of(crew_hears(room)) is None
    rejected(room.give(MO, CloseRound(ROUND), 31), "round_closed", "round_closed", by=None)


def test_ones_own_second_tap_is_told_as_ones_own() -> None:
    room = open_room()
    acked(room.give(ANA, CloseRound(ROUND)))
    answer = room.give(ANA, CloseRound(ROUND))
    assert isinstance(answer, Reject) and answer.detail.startswith("You closed this round.")


def test_opening_what_the_other_opened() -> None:
    rejected(open_room().give(MO, OpenRound(ROUND)), "round_not_draft", "round_opened")


def test_another_round_may_be_opened_beside_an_open_one() -> None:
    room = open_room()
    acked(room.give(MO, CreateRound("round-2", config())))
    acked(room.give(MO, OpenRound("round-2")))
    assert {record.round_id for record in room.state.open_rounds} == {ROUND, "round-2"}


def test_two_people_extend_once() -> None:
    room = open_room(window=Window(duration_s=60, extend_max_s=120))
    seen = room.state.rounds[ROUND].closes_at
    acked(room.give(ANA, ExtendRound(ROUND, 30, closes_at=seen), 1))
    rejected(
        room.give(MO, ExtendRound(ROUND, 30, closes_at=seen), 1), "round_extended", "round_extended"
    )
    assert room.state.rounds[ROUND].closes_at == after(90)
    acked(room.give(MO, ExtendRound(ROUND, 30), 2))  # who does not say what they saw extends
    assert room.state.rounds[ROUND].closes_at == after(120)


def test_revealing_what_the_other_revealed() -> None:
    room = open_room(visibility=Visibility.MANUAL)
    acked(room.give(ANA, CloseRound(ROUND)))
    acked(room.give(ANA, RevealRound(ROUND)))
    rejected(room.give(MO, RevealRound(ROUND)), "already_revealed", "round_revealed")


def test_now_playing_is_what_was_said_last_and_can_be_taken_back() -> None:
    room = Bench()
    entries = [written(room, ANA, title) for title in ("Scarlet Begonias", "Fire")]
    acked(room.give(ANA, SetNowPlaying(entries[0])))
    answer = acked(room.give(MO, SetNowPlaying(entries[1])))
    assert answer == {"entry_id": entries[1], "previous_entry_id": entries[0]}
    acked(room.give(MO, SetNowPlaying(entries[1])))
    assert room.events == []
    acked(room.give(MO, SetNowPlaying(answer["previous_entry_id"])))
    assert room.state.memory.now_playing is not None
    assert room.state.memory.now_playing.entry_id == entries[0]
    assert room.state.memory.acts["now_playing"].by == Actor("p-mo", "Mo")


def test_marking_the_same_request() -> None:
    room = Bench()
    wish = acked(room.give(FAN, RequestSong(title="Ripple")))["song_request_id"]
    acked(room.give(ANA, MarkSongRequest(wish, "declined", "too slow")))
    acked(room.give(MO, MarkSongRequest(wish, "declined")))
    assert room.events == []  # both wanted the same
    rejected(
        room.give(MO, MarkSongRequest(wish, "played")), "illegal_transition", "song_request_marked"
    )


def test_nobody_seals_edits_that_they_have_not_seen() -> None:
    room = Bench()
    written(room, ANA, "Dark Star")
    seen = room.state.head.seq
    written(room, MO, "St. Stephen")
    written(room, ANA, "The Eleven")
    mo = Actor("p-mo", "Mo")
    answer = room.give(ANA, SealSetlist(seen_seq=seen))
    rejected(answer, "setlist_changed", "setlist_changed", by=mo)
    acked(room.give(ANA, SealSetlist(seen_seq=room.state.head.seq)))
    assert room.state.memory.sealed is not None


def test_ones_own_edits_are_no_surprise() -> None:
    room = Bench()
    seen = room.state.head.seq
    written(room, ANA, "Dark Star")
    acked(room.give(ANA, SealSetlist(seen_seq=seen)))


def test_an_announcement_is_withdrawn_if_it_is_still_the_one_that_is_meant() -> None:
    room = Bench()
    first = acked(room.give(MO, Announce("Bar closes at ten")))["announcement_id"]
    acked(room.give(ANA, Announce("Bar closes at eleven")))
    rejected(
        room.give(MO, WithdrawAnnouncement(first)), "announcement_changed", "announcement_posted"
    )
    acked(room.give(ANA, WithdrawAnnouncement()))
    assert room.state.memory.announcement is None
    rejected(
        room.give(MO, WithdrawAnnouncement(first)),
        "announcement_withdrawn",
        "announcement_withdrawn",
    )
    acked(room.give(MO, WithdrawAnnouncement()))
    assert room.events == []


def test_moving_the_show_on_after_the_other() -> None:
    room = Bench()
    acked(room.give(ANA, ChangeShowStatus(ShowStatus.CLOSED)))
    answer = room.give(person("phil", Role.ARTIST), ChangeShowStatus(ShowStatus.CLOSED))
    rejected(answer, "illegal_transition", "show_status_changed")
