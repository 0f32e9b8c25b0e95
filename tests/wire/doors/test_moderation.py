"""Moderation at every door: what is crew's stays crew's, and no place in the log is missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire.client import Caller, Json, ok
from tests.wire.conftest import be_guest, sign_up
from tests.wire.doors.conftest import Enter
from tests.wire.doors.visits import Answer, TurnedAway, Visit

Door = type[Visit]
RUDE = "what a load of $hiiit"


def acked(answer: Answer) -> Json:
    assert answer.code is None, answer
    return answer.data or {}


def test_a_held_line_is_crews_and_its_authors_until_it_is_released(
    artist: Caller, guest: Caller, nobody: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    crew, fan = enter(door, artist, show_id), enter(door, be_guest(nobody, "Kim"), show_id)
    author = enter(door, guest, show_id)
    said = acked(author.command("post_chat", text=RUDE))
    assert said["held"] is True
    line = said["chat_message_id"]
    held = crew.event("chat_held")["data"]
    assert (held["chat_message_id"], held["text"], held["matched"]) == (line, RUDE, ["shit"])
    acked(crew.command("set_word_filter", mode="hold", words=["ticket resale"]))
    assert crew.event("word_filter_set")["data"]["by"]["display_name"] == "The artist"
    after = acked_seq(fan.command("post_chat", text="hello"))
    fan.reach(after)
    assert line.encode() not in fan.raw and b"word_filter" not in fan.raw
    assert b"ticket resale" not in fan.raw and RUDE.encode() not in fan.raw
    assert {event["name"] for event in fan.events} == {"crew_only", "chat_posted"}
    again = enter(door, guest, show_id)
    assert [one["chat_message_id"] for one in again.you["held"]] == [line]
    assert again.room["moderation"] is None and again.room["chat"][-1]["text"] == "hello"
    newcomer = enter(door, artist, show_id)
    assert [one["text"] for one in newcomer.room["moderation"]["held"]] == [RUDE]
    assert newcomer.room["moderation"]["word_filter"]["words"] == ["ticket resale"]
    acked(crew.command("release_chat", chat_message_id=line))
    for visit in (fan, author, crew):
        posted = visit.event("chat_posted")["data"]
        while posted["chat_message_id"] != line:
            posted = visit.event("chat_posted")["data"]
        assert (posted["text"], posted["display_name"]) == (RUDE, "Robin")
        assert ("released_by" in posted) is (visit is crew)


def test_reports_are_counted_for_crew_alone(
    artist: Caller, guest: Caller, nobody: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    crew, fan = enter(door, artist, show_id), enter(door, be_guest(nobody, "Kim"), show_id)
    line = acked(fan.command("post_chat", text="buy my tickets"))["chat_message_id"]
    reporter = enter(door, guest, show_id)
    for _ in range(2):
        acked(reporter.command("report_chat", chat_message_id=line, reason="spam"))
    reported = crew.event("chat_reported")["data"]
    assert (reported["reports"], reported["reasons"]) == (1, {"spam": 1})
    assert (reported["display_name"], reported["text"]) == ("Kim", "buy my tickets")
    assert reporter.you["participant_id"] not in str(reported)
    acked(crew.command("dismiss_chat_reports", chat_message_id=line))
    assert crew.event("chat_reports_dismissed")["data"]["by"]["display_name"] == "The artist"
    fan.reach(acked_seq(fan.command("post_chat", text="bye")))
    assert b"reported" not in fan.raw and b"reasons" not in fan.raw
    assert fan.command("report_chat", chat_message_id=line).code == "not_allowed"
    assert fan.command("report_chat", chat_message_id=line, reason="dull").code == (
        "invalid_arguments"
    )


def test_who_is_muted_is_in_the_crews_room_until_it_is_lifted(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    crew, fan = enter(door, artist, show_id), enter(door, guest, show_id)
    who = fan.you["participant_id"]
    acked(crew.command("mute_participant", participant_id=who, duration_s=600))
    muted = crew.event("participant_muted")["data"]
    assert (muted["display_name"], muted["by"]["display_name"]) == ("Robin", "The artist")
    assert {"display_name", "by"}.isdisjoint(fan.event("participant_muted")["data"])
    assert fan.command("post_chat", text="hey").code == "muted"
    (listed,) = enter(door, artist, show_id).room["moderation"]["muted"]
    assert (listed["participant_id"], listed["until"]) == (who, muted["until"])
    acked(crew.command("mute_participant", participant_id=who, duration_s=0))
    assert enter(door, artist, show_id).room["moderation"]["muted"] == []
    acked(fan.command("post_chat", text="hey"))


def test_who_was_removed_by_mistake_is_let_in_again(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    crew, fan = enter(door, artist, show_id), enter(door, guest, show_id)
    who = fan.you["participant_id"]
    acked(crew.command("remove_participant", participant_id=who))
    with pytest.raises(TurnedAway, match="removed"):
        enter(door, guest, show_id)
    (gone,) = enter(door, artist, show_id).room["moderation"]["removed"]
    assert (gone["participant_id"], gone["display_name"]) == (who, "Robin")
    acked(crew.command("readmit_participant", participant_id=who))
    again = enter(door, guest, show_id)
    assert again.you["participant_id"] == who
    acked(again.command("post_chat", text="thank you"))
    assert enter(door, artist, show_id).room["moderation"]["removed"] == []


def test_the_second_of_two_who_drive_is_told_who_was_first(
    artist: Caller, guest: Caller, nobody: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    mo = sign_up(nobody, "fan")
    members = {"members": [{"account_id": mo.id, "role": "moderator"}]}
    ok(artist.put(f"/api/shows/{show_id}/crew", members))
    ana, second = enter(door, artist, show_id), enter(door, mo, show_id)
    fan = enter(door, guest, show_id)
    round_id = artist.open_round(show_id)
    acked(ana.command("close_round", round_id=round_id))
    assert second.event("round_closed")["data"]["by"]["display_name"] == "The artist"
    assert "by" not in fan.event("round_closed")["data"]
    assert second.command("close_round", round_id=round_id).code == "round_closed"
    body: dict[str, Any] = {
        "command_id": "again",
        "name": "close_round",
        "args": {"round_id": round_id},
    }
    problem = mo.post(f"/api/shows/{show_id}/commands", body).json()
    assert problem["meanwhile"]["what"] == "round_closed"
    assert problem["meanwhile"]["by"]["display_name"] == "The artist"
    assert enter(door, mo, show_id).room["acts"][round_id]["what"] == "round_closed"
    assert enter(door, guest, show_id).room["acts"] is None


def test_crew_sees_the_rooms_pulse_and_fans_do_not(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    crew, fan = enter(door, artist, show_id), enter(door, guest, show_id)
    assert crew.room["pulse"]["nodes"] == 1 and fan.room["pulse"] is None
    round_id = artist.open_round(show_id, visibility="always")
    acked(fan.command("cast_vote", round_id=round_id, picks=[{"option_id": "o1"}]))
    pulse: Json = {}
    while not pulse or pulse["connections"][door.door] < 2:
        acked(fan.command("post_chat", text="news"))  # a pulse alone ends nobody's poll
        pulse = crew.state("pulse", lambda found: found["votes_per_s"] > 0)
    assert (pulse["round_id"], pulse["channels"]) == (round_id, {"web": 1, "sms": 0})
    assert pulse["participants"] == 2
    fan.state("tally")
    assert b"votes_per_s" not in fan.raw


def acked_seq(answer: Answer) -> int:
    assert answer.code is None, answer
    return answer.seq
