"""The room's socket: PROTOCOL "Socket"."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wire.client import SUBPROTOCOL, Caller, is_uuid7, new_id, ok, refused, socket_at
from tests.wire.conftest import be_guest


def test_the_welcome_comes_first_with_place_person_and_state(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        assert socket.connection.subprotocol == SUBPROTOCOL
        first = socket.receive()
        assert isinstance(first, dict)
        assert first["t"] == "welcome"
        assert (first["protocol"], first["show_id"]) == (1, show_id)
        assert first["epoch"]
        assert isinstance(first["seq"], int)
        assert first["recovered"] is False
        you = first["you"]
        assert is_uuid7(you["participant_id"])
        assert you["role"] == "fan"
        assert {"cast_vote", "post_chat", "react", "update_setlist"} <= set(you["can"])
        assert "lock_setlist" not in you["can"]
        assert first["state"]["show"]["id" if "id" in first["state"]["show"] else "show_id"]
    with artist.socket(show_id) as socket:
        you = socket.welcome()["you"]
        assert you["role"] == "artist"
        assert {"open_round", "lock_setlist", "announce"} <= set(you["can"])


def test_an_ack_carries_the_id_and_the_event_follows_everywhere(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket, artist.socket(show_id) as other:
        you = socket.welcome()["you"]
        other.welcome()
        ack = socket.give("post_chat", text="  hello <b>there</b> https://example.com ")
        assert ack["t"] == "ack"
        event = other.event("chat_posted")
        assert event["seq"] == ack["seq"]
        assert event["at"].endswith("Z")
        data = event["data"]
        assert data["chat_message_id"] == ack["data"]["chat_message_id"]
        assert data["participant_id"] == you["participant_id"]
        assert data["display_name"] == "Robin"
        assert data["text"] == "hello <b>there</b> https://example.com"


def test_a_command_said_twice_is_done_once_and_answered_alike(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        first = socket.give("post_chat", text="once")
        assert socket.give("post_chat", first["command_id"], text="once") == first
        reused = socket.give("post_chat", first["command_id"], text="twice")
        assert (reused["t"], reused["code"]) == ("reject", "command_id_reused")
        bad = socket.give("remove_chat", chat_message_id=new_id())
        again = socket.give("remove_chat", bad["command_id"], chat_message_id=new_id())
        assert again["t"] == "reject"
    with guest.socket(show_id) as socket:
        lines = socket.welcome()["state"]["chat"]
        assert [line["text"] for line in lines] == ["once"]
        assert socket.give("post_chat", first["command_id"], text="once") == first


def test_the_same_command_over_http_gets_the_same_answer(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        ack = socket.give("post_chat", text="both doors")
    body = {"command_id": ack["command_id"], "name": "post_chat", "args": {"text": "both doors"}}
    again = ok(guest.post(f"/api/shows/{show_id}/commands", body))
    assert (again["command_id"], again["seq"], again["data"]) == (
        ack["command_id"],
        ack["seq"],
        ack["data"],
    )


def test_a_reject_says_code_detail_and_whether_to_retry(artist: Caller, guest: Caller) -> None:
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        said = socket.give("fly_to_the_moon")
        assert said.pop("detail")
        assert said == {
            "t": "reject",
            "command_id": said["command_id"],
            "code": "unknown_command",
            "retryable": False,
            "retry_after_s": None,
        }


def test_unknown_fields_are_ignored(artist: Caller, guest: Caller) -> None:
    with guest.socket(artist.live_show()["id"], whatever="1") as socket:
        socket.welcome()
        message = {
            "t": "command",
            "command_id": new_id(),
            "name": "post_chat",
            "args": {"text": "hi", "colour": "red"},
            "sent_at": "yesterday",
        }
        socket.connection.send(json.dumps(message))
        assert socket.answer(str(message["command_id"]))["t"] == "ack"


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "null",
        "{}",
        '{"t":"command"}',
        '{"t":"ping"}',
        '{"t":"command","command_id":7,"name":"post_chat","args":{"text":"x"}}',
    ],
)
def test_what_is_no_command_is_rejected_and_the_socket_lives(
    artist: Caller, guest: Caller, text: str
) -> None:
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        socket.connection.send(text)
        assert socket.until(lambda message: message["t"] == "reject")["retryable"] is False
        assert socket.give("post_chat", text="still here")["t"] == "ack"


@pytest.mark.parametrize(
    ("name", "args", "code"),
    [
        ("post_chat", {}, "invalid_arguments"),
        ("post_chat", {"text": 7}, "invalid_arguments"),
        ("post_chat", {"text": "   "}, "empty_text"),
        ("post_chat", {"text": "x" * 501}, "text_too_long"),
        ("cast_vote", {"round_id": new_id(), "picks": [{"option_id": "a"}]}, "unknown_round"),
        ("cast_vote", {"round_id": new_id(), "picks": "a"}, "invalid_arguments"),
        ("react", {"kind": "not-a-reaction"}, "invalid_arguments"),
        ("remove_chat", {"chat_message_id": new_id()}, "unknown_chat_message"),
        ("set_now_playing", {"entry_id": new_id()}, "unknown_entry"),
        ("lock_setlist", {}, "not_allowed"),
        ("announce", {"text": "hear"}, "not_allowed"),
        ("open_round", {"round_id": new_id()}, "not_allowed"),
        ("set_slow_mode", {"interval_s": 5}, "not_allowed"),
        ("mute_participant", {"participant_id": new_id()}, "not_allowed"),
    ],
)
def test_a_fans_bad_commands_get_their_codes_at_both_doors(
    artist: Caller, guest: Caller, name: str, args: dict[str, Any], code: str
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        said = socket.give(name, **args)
        assert (said["t"], said["code"], said["retryable"]) == ("reject", code, False)
    answer = guest.command(show_id, name, **args)
    assert 400 <= answer.status_code < 500
    refused(answer, answer.status_code, code)


def test_the_crews_commands_and_their_events(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with artist.socket(show_id) as crew, guest.socket(show_id) as fan:
        crew.welcome()
        you = fan.welcome()["you"]["participant_id"]
        crew.say("announce", text="Doors at seven")
        assert fan.event("announcement_posted")["data"]["text"] == "Doors at seven"
        crew.say("lock_setlist")
        fan.event("setlist_locked")
        assert fan.give("set_now_playing", entry_id=None)["code"] == "setlist_locked"
        crew.say("unlock_setlist")
        fan.event("setlist_unlocked")
        line = fan.give("post_chat", text="rude")["data"]["chat_message_id"]
        crew.say("remove_chat", chat_message_id=line)
        assert fan.event("chat_removed")["data"]["chat_message_id"] == line
        crew.say("mute_participant", participant_id=you, duration_s=30)
        assert fan.event("participant_muted")["data"]["participant_id"] == you
        assert fan.give("post_chat", text="mm")["code"] == "muted"
        crew.say("mute_participant", participant_id=you, duration_s=0)
        fan.event("participant_muted")
        assert crew.give("set_slow_mode", interval_s=60)["t"] == "ack"
        assert fan.give("post_chat", text="first")["t"] == "ack"
        slow = fan.give("post_chat", text="second")
        assert (slow["code"], slow["retryable"]) == ("slow_mode", True)
        assert 0 < slow["retry_after_s"] <= 60
        round_id = artist.round(show_id, window={"duration_s": 30})["id"]
        assert crew.give("open_round", round_id=round_id)["t"] == "ack"
        fan.event("round_opened")
        assert crew.give("extend_round", round_id=round_id, extend_s=10)["t"] == "ack"
        assert fan.event("round_extended")["data"]["round_id"] == round_id
        picks = [{"option_id": "o1"}]
        assert fan.give("cast_vote", round_id=round_id, picks=picks)["t"] == "ack"
        assert fan.give("withdraw_vote", round_id=round_id)["t"] == "ack"
        assert crew.give("close_round", round_id=round_id)["t"] == "ack"
        assert fan.event("round_closed")["data"]["result"]["voters"] == 0
        crew.say("remove_participant", participant_id=you)
        assert fan.close_code() == 4410
    refused(guest.post(f"/api/shows/{show_id}/ticket", {}), 403, "removed")


def test_reactions_and_the_head_count_are_states(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with artist.socket(show_id) as crew:
        crew.welcome()
        with guest.socket(show_id) as fan:
            fan.welcome()
            crew.until(
                lambda one: one.get("name") == "head_count" and one["data"]["participants"] == 2
            )
            assert fan.give("react", kind="love")["t"] == "ack"
            assert crew.state("reactions")["data"]["counts"]["love"] == 1
        crew.until(lambda one: one.get("name") == "head_count" and one["data"]["participants"] == 1)


# --- resuming -------------------------------------------------------------------------------


def test_with_since_and_epoch_the_missed_events_follow_without_gap_or_repeat(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        welcome = socket.welcome()
        seen = socket.give("post_chat", text="before")["seq"]
    for number in range(5):
        ok(artist.command(show_id, "post_chat", text=f"missed {number}"))
    with guest.socket(show_id, since=seen, epoch=welcome["epoch"]) as socket:
        again = socket.welcome()
        assert (again["recovered"], again["state"], again["epoch"]) == (True, {}, welcome["epoch"])
        socket.give("post_chat", text="after")
        while len(_chats(socket.texts)) < 6:
            socket.receive()
        seqs = [one["seq"] for one in socket.texts if one["t"] == "event"]
    assert seqs == list(range(seen + 1, seen + 7))


@pytest.mark.parametrize(
    ("since", "epoch"), [("0", "another"), ("999999999", None), ("-1", None), ("x", None)]
)
def test_a_place_that_is_not_in_this_log_gets_a_snapshot(
    artist: Caller, guest: Caller, since: str, epoch: str | None
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        current = socket.welcome()["epoch"]
    with guest.socket(show_id, since=since, epoch=epoch or current) as socket:
        welcome = socket.welcome()
    assert welcome["recovered"] is False
    assert welcome["state"]["show"]


def test_events_come_in_seq_order_to_everybody(artist: Caller, nobody: Caller) -> None:
    show_id = artist.live_show()["id"]
    people = [be_guest(nobody, f"Fan {number}") for number in range(3)]
    with (
        people[0].socket(show_id) as a,
        people[1].socket(show_id) as b,
        people[2].socket(show_id) as c,
    ):
        starts = [socket.welcome()["seq"] for socket in (a, b, c)]
        for turn in range(8):
            for socket in (a, b, c):
                socket.say("post_chat", text=f"line {turn}")
        logs = []
        for socket in (a, b, c):
            while len(_chats(socket.texts)) < 24:
                socket.receive()
            logs.append([(one["seq"], one["data"]) for one in socket.texts if one["t"] == "event"])
    assert logs[0] == logs[1] == logs[2]
    assert [seq for seq, _ in logs[0]] == list(range(starts[0] + 1, starts[0] + 25))


def _chats(texts: list[dict[str, object]]) -> list[int]:
    return [int(str(one["seq"])) for one in texts if one.get("name") == "chat_posted"]


# --- without the subprotocol ----------------------------------------------------------------


def test_without_the_subprotocol_there_are_binary_frames_only(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id, text=False) as socket:
        assert socket.connection.subprotocol is None
        assert isinstance(socket.receive(), bytes)
        ok(artist.command(show_id, "post_chat", text="not for you"))
        ok(artist.command(show_id, "announce", text="nor this"))
        socket.connection.send(b"\x00\x00\x01\x00")  # sync step 1 of an empty document
        socket.binary(lambda frame: frame[:2] == b"\x00\x01")
    assert socket.texts == []


def test_other_subprotocols_are_passed_over(artist: Caller, guest: Caller) -> None:
    from websockets.sync.client import connect

    url = guest.ticket(artist.live_show()["id"])["url"]
    with connect(url, subprotocols=["other.v1", SUBPROTOCOL], compression=None) as connection:  # type: ignore[list-item]
        assert connection.subprotocol == SUBPROTOCOL
        assert json.loads(connection.recv())["t"] == "welcome"


def test_a_show_that_does_not_exist_has_no_room(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    url = guest.ticket(show_id)["url"]
    for other in (new_id(), "nonsense"):
        with socket_at(url.replace(show_id, other)) as socket:
            assert socket.close_code() in (4403, 4404)
    refused(guest.post(f"/api/shows/{new_id()}/ticket", {}), 404, "unknown_show")
