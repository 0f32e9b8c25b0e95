"""Chat, reactions, moderation: each test is a rule."""

from __future__ import annotations

import pytest

from rooms.commands import (
    Announce,
    MuteParticipant,
    PostChat,
    React,
    RemoveChat,
    RemoveParticipant,
    SetSlowMode,
)
from rooms.messages import Ack, Reject
from rooms.participants import Role
from rooms.show import ShowStatus
from tests.rooms.builders import ARTIST, FAN, MODERATOR, OTHER, Bench, envelope, person


def code(answer: object) -> str:
    assert isinstance(answer, Reject), answer
    return answer.code


def test_a_line_becomes_one_event_and_its_ack_names_it() -> None:
    room = Bench()
    answer = room.give(FAN, PostChat(text="  Dark Star next? \u202e "))
    assert isinstance(answer, Ack)
    assert answer.seq == 1
    (line,) = room.state.memory.chat
    assert line.text == "Dark Star next?"
    assert answer.data == {"chat_message_id": line.chat_message_id}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "empty_text"), (" \u0000 ", "empty_text"), ("x" * 501, "text_too_long")],
)
def test_an_empty_or_long_line_is_refused(text: str, expected: str) -> None:
    assert code(Bench().give(FAN, PostChat(text=text))) == expected


def test_five_hundred_characters_of_any_script_are_fine() -> None:
    assert isinstance(Bench().give(FAN, PostChat(text="🎸" * 500)), Ack)


def test_slow_mode_counts_per_fan_and_not_for_crew() -> None:
    room = Bench()
    room.give(MODERATOR, SetSlowMode(interval_s=10))
    assert isinstance(room.give(FAN, PostChat(text="one"), 1), Ack)
    early = room.give(FAN, PostChat(text="two"), 4)
    assert code(early) == "slow_mode"
    assert isinstance(early, Reject)
    assert early.retryable
    assert early.retry_after_s == 7.0
    assert isinstance(room.give(OTHER, PostChat(text="other"), 4), Ack)
    assert isinstance(room.give(ARTIST, PostChat(text="a"), 4), Ack)
    assert isinstance(room.give(ARTIST, PostChat(text="b"), 4.1), Ack)
    assert isinstance(room.give(FAN, PostChat(text="two"), 11), Ack)


def test_a_mute_ends_by_time_or_by_hand() -> None:
    room = Bench()
    room.give(MODERATOR, MuteParticipant(FAN.participant_id, duration_s=60))
    assert code(room.give(FAN, PostChat(text="hey"), 30)) == "muted"
    assert isinstance(room.give(FAN, PostChat(text="hey"), 61), Ack)
    room.give(MODERATOR, MuteParticipant(FAN.participant_id), 62)
    assert code(room.give(FAN, PostChat(text="hey"), 10_000)) == "muted"
    room.give(MODERATOR, MuteParticipant(FAN.participant_id, duration_s=0), 10_001)
    assert isinstance(room.give(FAN, PostChat(text="hey"), 10_002), Ack)


def test_only_the_author_or_crew_removes_a_line() -> None:
    room = Bench()
    answer = room.give(FAN, PostChat(text="oops"))
    assert isinstance(answer, Ack)
    wanted = RemoveChat(answer.data["chat_message_id"])
    assert code(room.give(OTHER, wanted)) == "not_allowed"
    assert isinstance(room.give(FAN, wanted), Ack)
    assert room.state.memory.chat == []
    assert code(room.give(FAN, wanted)) == "unknown_chat_message"


def test_a_removed_participant_does_nothing_more() -> None:
    room = Bench()
    assert isinstance(room.give(MODERATOR, RemoveParticipant(FAN.participant_id)), Ack)
    assert room.last is not None
    assert room.last.turn.removed == (FAN.participant_id,)
    assert code(room.give(FAN, PostChat(text="still here"))) == "removed"


def test_a_moderator_cannot_touch_crew_or_strangers() -> None:
    room = Bench()
    assert code(room.give(MODERATOR, RemoveParticipant(ARTIST.participant_id))) == "not_allowed"
    assert code(room.give(MODERATOR, MuteParticipant("p-nobody"))) == "unknown_participant"
    assert isinstance(room.give(ARTIST, MuteParticipant(MODERATOR.participant_id)), Ack)


@pytest.mark.parametrize(
    "command", [Announce(text="hi"), SetSlowMode(interval_s=5), RemoveParticipant("p-lee")]
)
def test_fans_do_not_drive(command: Announce | SetSlowMode | RemoveParticipant) -> None:
    assert code(Bench().give(FAN, command)) == "not_allowed"


def test_who_only_watches_takes_no_part() -> None:
    watcher = person("kim", admitted=False)
    assert code(Bench().give(watcher, PostChat(text="hi"))) == "code_required"


def test_the_room_opens_with_the_show_and_ends_with_it() -> None:
    assert code(Bench(ShowStatus.PUBLISHED).give(FAN, PostChat(text="hi"))) == "room_not_open"
    assert isinstance(Bench(ShowStatus.PUBLISHED).give(ARTIST, PostChat(text="hi")), Ack)
    assert code(Bench(ShowStatus.ARCHIVED).give(ARTIST, PostChat(text="hi"))) == "room_closed"


def test_reactions_are_counted_not_logged() -> None:
    room = Bench()
    room.turn(*[envelope(FAN, React(kind="fire")) for _ in range(3)])
    assert room.events == []
    assert room.last is not None
    assert room.last.turn.reactions == {"fire": 3}
    assert code(room.give(FAN, React(kind="tomato"))) == "invalid_arguments"


def test_developers_see_and_do_nothing() -> None:
    assert code(Bench().give(person("dev", Role.DEVELOPER), React(kind="fire"))) == "not_allowed"
