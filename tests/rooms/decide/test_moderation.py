"""Held lines, reports, the word filter: each test is a rule."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rooms import limits
from rooms.acts import Actor
from rooms.commands import (
    DismissChatReports,
    MuteParticipant,
    PostChat,
    ReadmitParticipant,
    ReleaseChat,
    RemoveChat,
    RemoveParticipant,
    ReportChat,
    RequestSong,
    SetSlowMode,
    SetWordFilter,
)
from rooms.events import ChatPosted, CrewOnly, ParticipantRemoved
from rooms.messages import Ack, Reject
from rooms.moderation.matching import WordMatcher
from rooms.moderation.views import ReportReason, WordFilterMode
from rooms.participants import Participant
from rooms.ports import SongRecord, Standing
from rooms.state import FOREVER, Memory
from tests.rooms.builders import ARTIST, FAN, MODERATOR, OTHER, Bench, after, envelope, person

WORDS = WordMatcher(("darn", "heck"))


def bench() -> Bench:
    room = Bench()
    room.words = WORDS
    return room


def acked(answer: object) -> dict[str, Any]:
    assert isinstance(answer, Ack), answer
    return answer.data


def code(answer: object) -> str:
    assert isinstance(answer, Reject), answer
    return answer.code


def held(room: Bench, who: Participant = FAN, text: str = "d4rn it") -> str:
    said = acked(room.give(who, PostChat(text)))
    assert said["held"] is True
    return str(said["chat_message_id"])


def posted(room: Bench, who: Participant = FAN, text: str = "hello") -> str:
    return str(acked(room.give(who, PostChat(text)))["chat_message_id"])


def fans_hear(room: Bench) -> list[object]:
    assert room.last is not None
    return [event.data_for(crew=False) for event in room.last.turn.events]


# --- held lines -------------------------------------------------------------------------------


def test_a_line_with_a_word_of_the_lists_waits_and_only_crew_hears_of_it() -> None:
    room = bench()
    line = held(room)
    assert room.state.memory.chat == []
    assert fans_hear(room) == [CrewOnly()]
    assert room.last is not None
    assert room.last.turn.events[0].name_for(crew=False) == "crew_only"
    (waiting,) = room.state.memory.moderation.view(after(0)).held
    assert (waiting.chat_message_id, waiting.text, waiting.matched) == (line, "d4rn it", ("darn",))
    assert [one.chat_message_id for one in room.state.memory.moderation.held_of("p-dana")] == [line]
    assert room.state.memory.moderation.held_of("p-lee") == []


def test_a_released_line_is_posted_as_its_author_said_it() -> None:
    room = bench()
    line = held(room)
    acked(room.give(MODERATOR, ReleaseChat(line), 60))
    (said,) = room.state.memory.chat
    assert (said.chat_message_id, said.participant_id, said.at) == (line, "p-dana", after(60))
    assert room.state.memory.moderation.held == {}
    assert room.last is not None
    (event,) = room.last.turn.events
    crew = event.data_for(crew=True)
    assert isinstance(crew, ChatPosted) and crew.released_by == Actor("p-mo", "Mo")
    public = event.data_for(crew=False)
    assert isinstance(public, ChatPosted) and public.released_by is None
    acked(room.give(ARTIST, ReleaseChat(line), 61))  # the other one was quicker
    assert room.events == []


def test_a_line_that_is_removed_is_never_posted() -> None:
    room = bench()
    line = held(room)
    acked(room.give(MODERATOR, RemoveChat(line)))
    assert room.state.memory.moderation.held == {}
    assert code(room.give(MODERATOR, ReleaseChat(line))) == "unknown_chat_message"
    own = held(room)
    acked(room.give(FAN, RemoveChat(own)))
    assert code(room.give(OTHER, RemoveChat(held(room)))) == "unknown_chat_message"


def test_crew_is_never_held() -> None:
    room = bench()
    for who in (ARTIST, MODERATOR):
        assert "held" not in acked(room.give(who, PostChat("darn!")))


def test_what_waits_is_bounded_and_nobody_pushes_another_out() -> None:
    room = bench()
    for _ in range(limits.HELD_CHAT_PER_PARTICIPANT):
        held(room)
    assert code(room.give(FAN, PostChat("heck"))) == "too_much_held"
    assert "held" not in acked(room.give(FAN, PostChat("all right then")))
    first = next(iter(room.state.memory.moderation.held))
    people = (person(f"fan{n}") for n in range(limits.HELD_CHAT_MAX))
    for who in people:
        if len(room.state.memory.moderation.held) == limits.HELD_CHAT_MAX:
            break
        held(room, who)
    assert code(room.give(OTHER, PostChat("heck"))) == "too_much_held"
    acked(room.give(MODERATOR, ReleaseChat(first)))
    held(room, OTHER)


def test_slow_mode_comes_before_the_filter() -> None:
    room = bench()
    acked(room.give(MODERATOR, SetSlowMode(30)))
    posted(room)
    assert code(room.give(FAN, PostChat("darn"), 1)) == "slow_mode"


# --- the filter -------------------------------------------------------------------------------


def test_crew_turns_the_filter_off_and_on_and_adds_words() -> None:
    room = bench()
    acked(room.give(MODERATOR, SetWordFilter(WordFilterMode.OFF)))
    posted(room, text="darn")
    wanted = SetWordFilter(WordFilterMode.HOLD, ("  sell   tickets ", "sell tickets", ""))
    assert acked(room.give(MODERATOR, wanted)) == {"mode": "hold", "words": ["sell tickets"]}
    assert fans_hear(room) == [CrewOnly()]
    held(room, text="I S3LL tickets!")
    acked(room.give(ARTIST, SetWordFilter(WordFilterMode.HOLD)))
    assert room.events == []  # nothing is changed by saying what is
    assert room.state.memory.moderation.word_filter.words == ("sell tickets",)
    acked(room.give(ARTIST, SetWordFilter(WordFilterMode.HOLD, ())))
    posted(room, text="sell tickets")


@pytest.mark.parametrize("word", ["!!!", "x" * (limits.FILTER_WORD_CHARACTERS_MAX + 1)])
def test_a_word_that_could_never_be_found_is_refused(word: str) -> None:
    answer = bench().give(MODERATOR, SetWordFilter(WordFilterMode.HOLD, (word,)))
    assert code(answer) == "invalid_arguments"


def test_free_text_wishes_are_refused_and_songs_of_the_catalogue_are_not() -> None:
    room = bench()
    assert code(room.give(FAN, RequestSong(title="Darn Song"))) == "words_refused"
    acked(room.give(ARTIST, RequestSong(title="Darn Tune")))
    room.songs = [SongRecord("s1", "Darn Song", "darn song")]
    assert acked(room.give(FAN, RequestSong(title="darn song")))["outcome"] == "requested"


# --- reports ----------------------------------------------------------------------------------


def test_each_person_reports_a_line_once_and_crew_is_told_how_many() -> None:
    room = bench()
    line = posted(room)
    acked(room.give(OTHER, ReportChat(line, ReportReason.SPAM), 1))
    assert fans_hear(room) == [CrewOnly()]
    acked(room.give(OTHER, ReportChat(line, ReportReason.HATE), 2))
    assert room.events == []
    acked(room.give(person("kim"), ReportChat(line, ReportReason.SPAM), 3))
    (seen,) = room.state.memory.moderation.view(after(3)).reports
    assert (seen.reports, seen.reasons, seen.text) == (2, {"spam": 2}, "hello")
    assert (seen.participant_id, seen.display_name, seen.at) == ("p-dana", "Dana", after(3))
    assert len(room.state.memory.chat) == 1  # nothing is hidden by being reported
    assert room.last is not None
    told = room.last.turn.events[0].data_for(crew=True)
    assert b"kim" not in msgspec.json.encode(told)  # who reports is told to nobody


def test_dismissed_reports_are_gone_and_do_not_come_back_by_the_same_people() -> None:
    room = bench()
    line = posted(room)
    acked(room.give(OTHER, ReportChat(line), 1))
    acked(room.give(MODERATOR, DismissChatReports(line), 2))
    assert room.state.memory.moderation.view(after(2)).reports == []
    acked(room.give(OTHER, ReportChat(line), 3))
    acked(room.give(ARTIST, DismissChatReports(line), 3))
    assert room.events == []
    acked(room.give(person("kim"), ReportChat(line), 4))
    (seen,) = room.state.memory.moderation.view(after(4)).reports
    assert seen.reports == 1


def test_a_removed_line_takes_its_reports_along() -> None:
    room = bench()
    line = posted(room)
    acked(room.give(OTHER, ReportChat(line)))
    acked(room.give(MODERATOR, RemoveChat(line)))
    assert room.state.memory.moderation.view(after(0)).reports == []
    assert code(room.give(OTHER, ReportChat(line))) == "unknown_chat_message"


def test_nobody_reports_themselves_or_what_is_held_or_too_fast() -> None:
    room = bench()
    assert code(room.give(FAN, ReportChat(posted(room)))) == "not_allowed"
    assert code(room.give(OTHER, ReportChat(held(room)))) == "unknown_chat_message"
    lines = [posted(room, text=f"line {n}") for n in range(limits.CHAT_REPORTS_PER_MINUTE + 1)]
    for line in lines[:-1]:
        acked(room.give(OTHER, ReportChat(line), 5))
    too_fast = room.give(OTHER, ReportChat(lines[-1]), 6)
    assert isinstance(too_fast, Reject) and too_fast.retryable and too_fast.code == "rate_limited"
    acked(room.give(OTHER, ReportChat(lines[-1]), 61))


# --- people -----------------------------------------------------------------------------------


def test_crew_sees_who_is_muted_until_when_and_by_whom() -> None:
    room = bench()
    room.standings = {
        who.participant_id: Standing(who.participant_id, who.role, who.display_name)
        for who in (FAN, OTHER)
    }
    acked(room.give(MODERATOR, MuteParticipant("p-dana", duration_s=60)))
    acked(room.give(ARTIST, MuteParticipant("p-lee")))
    muted = room.state.memory.moderation.view(after(1)).muted
    assert [(one.display_name, one.until, one.by) for one in muted] == [
        ("Dana", after(60), Actor("p-mo", "Mo")),
        ("Lee", FOREVER, Actor("p-jerry", "Jerry")),
    ]
    assert [one.display_name for one in room.state.memory.moderation.view(after(61)).muted] == [
        "Lee"
    ]
    acked(room.give(MODERATOR, MuteParticipant("p-lee", duration_s=0)))
    assert len(room.state.memory.moderation.view(after(1)).muted) == 1
    acked(room.give(ARTIST, MuteParticipant("p-lee", duration_s=0)))
    assert room.events == []
    acked(room.give(ARTIST, RemoveParticipant("p-lee"), 70))
    (gone,) = room.state.memory.moderation.view(after(71)).removed
    assert (gone.display_name, gone.at, gone.by) == ("Lee", after(70), Actor("p-jerry", "Jerry"))
    assert room.last is not None
    (event,) = room.last.turn.events
    public = event.data_for(crew=False)
    assert public == ParticipantRemoved(participant_id="p-lee")


def test_who_is_readmitted_takes_part_again() -> None:
    room = bench()
    acked(room.give(MODERATOR, RemoveParticipant("p-dana")))
    assert code(room.give(FAN, PostChat("hey"))) == "removed"
    acked(room.give(ARTIST, ReadmitParticipant("p-dana")))
    assert room.events == ["participant_readmitted"]
    posted(room, text="hey")
    acked(room.give(MODERATOR, ReadmitParticipant("p-dana")))
    assert room.events == []


def test_what_is_done_last_in_one_turn_is_what_is_marked() -> None:
    room = bench()
    out, again = RemoveParticipant("p-dana"), ReadmitParticipant("p-dana")
    room.turn(envelope(MODERATOR, out), envelope(MODERATOR, again))
    assert room.last is not None and room.last.turn.removed == ()
    room.turn(*(envelope(MODERATOR, step) for step in (out, again, out)))
    assert room.last.turn.removed == ("p-dana",)


def test_a_snapshot_keeps_all_of_it() -> None:
    room = bench()
    line = posted(room)
    acked(room.give(OTHER, ReportChat(line)))
    held(room, OTHER)
    acked(room.give(MODERATOR, SetWordFilter(WordFilterMode.HOLD, ("tickets",))))
    acked(room.give(MODERATOR, MuteParticipant("p-dana", duration_s=60)))
    stored = msgspec.json.decode(room.state.snapshot(), type=Memory)
    assert stored == room.state.memory


@pytest.mark.parametrize(
    "command",
    [
        ReleaseChat("x"),
        DismissChatReports("x"),
        SetWordFilter(WordFilterMode.OFF),
    ],
)
def test_fans_do_not_moderate(command: ReleaseChat | DismissChatReports | SetWordFilter) -> None:
    assert code(bench().give(FAN, command)) == "not_allowed"
