"""Song requests over real sockets: PROTOCOL "Commands", "States"; docs/decisions/requests.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.wire.client import Caller, Json, Socket, ok
from tests.wire.conftest import be_guest

QUEUE: Json = {"type": "queue", "options": [], "tally": {"method": "approval"}}


def queue_state(socket: Socket, wanted: Callable[[Json], bool], round_id: str = "") -> Json:
    """The next ``song_requests`` state of a queue like this."""

    def like(message: Json) -> bool:
        return (
            message["t"] == "state"
            and message["name"] == "song_requests"
            and message["data"]["round_id"] == round_id
            and wanted(message["data"])
        )

    data: Json = socket.until(like)["data"]
    return data


def ranks(data: Json) -> list[str]:
    """Titles of the ranked requests, in the order of their rank."""
    ranked = [view for view in data["requests"] if "rank" in view]
    assert [view["rank"] for view in ranked] == list(range(1, len(ranked) + 1))
    return [view["title"] for view in ranked]


def acked(answer: Json) -> Json:
    """The data of an ack."""
    assert answer["t"] == "ack", answer
    data: Json = answer["data"]
    return data


def test_wishes_and_upvotes_are_ranked_for_everybody(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    other = be_guest(guest, "Lee")
    with guest.socket(show_id) as one, other.socket(show_id) as two, artist.socket(show_id) as crew:
        welcome = one.welcome()
        assert welcome["state"]["song_requests"] == [{"round_id": "", "requests": [], "waiting": 0}]
        you = two.welcome()["you"]
        crew.welcome()
        first = acked(one.give("request_song", title="Ripple"))
        event = two.event("song_requested")["data"]
        assert event["song_request_id"] == first["song_request_id"]
        assert event["display_name"] == "Robin"
        acked(one.give("request_song", title="Althea"))
        third = acked(two.give("request_song", title="Bertha"))
        acked(two.give("upvote_song_request", song_request_id=first["song_request_id"]))
        for socket in (one, two, crew):
            data = queue_state(socket, lambda data: ranks(data) == ["Ripple", "Bertha", "Althea"])
            assert data["waiting"] == 3
            assert data["requests"][0]["upvotes"] == 2
    with other.socket(show_id) as again:
        welcome = again.welcome()
        assert welcome["you"]["participant_id"] == you["participant_id"]
        assert set(welcome["you"]["upvotes"]) == {
            first["song_request_id"],
            third["song_request_id"],
        }
        assert ranks(welcome["state"]["song_requests"][0]) == ["Ripple", "Bertha", "Althea"]


def test_a_doubt_is_asked_and_answered(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        one = acked(socket.give("request_song", title="Eyes of the World"))
        unclear = acked(socket.give("request_song", title="eyes of the wrld"))
        assert unclear["outcome"] == "unclear"
        assert unclear["candidates"] == [
            {"song_request_id": one["song_request_id"], "title": "Eyes of the World"}
        ]
        own = acked(socket.give("request_song", title="eyes of the wrld", separate=True))
        assert own["outcome"] == "requested"
        same = acked(socket.give("request_song", title="EYES OF THE WORLD!"))
        assert (same["outcome"], same["song_request_id"]) == ("upvoted", one["song_request_id"])


def test_limits_have_stable_codes(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        for title in ("Althea", "Bertha", "Cassidy", "Deal", "Estimated Prophet"):
            acked(socket.give("request_song", title=title))
        for expected, args in (
            ("too_many_song_requests", {"title": "Franklin's Tower"}),
            ("invalid_arguments", {}),
            ("invalid_arguments", {"title": "x" * 201}),
            ("empty_text", {"title": "   "}),
            ("invalid_text", {"title": "a\x00b"}),
            ("unknown_song", {"song_id": "0198b000-0000-7000-8000-000000000001"}),
            ("unknown_round", {"title": "Deal", "round_id": "nowhere"}),
        ):
            answer = socket.give("request_song", **args)
            assert (answer["t"], answer["code"]) == ("reject", expected)
        nothing = socket.give("upvote_song_request", song_request_id="nothing")
        assert nothing["code"] == "unknown_song_request"
        mark = socket.give("mark_song_request", song_request_id="nothing", status="played")
        assert mark["code"] == "not_allowed"


def test_what_is_played_is_in_the_list_of_whoever_watches_and_the_requester_is_told(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as fan, artist.socket(show_id) as crew:
        you = fan.welcome()["you"]
        crew.welcome()
        acked(crew.give("lock_setlist"))
        one = acked(fan.give("request_song", title="Morning Dew"))["song_request_id"]
        told = acked(crew.give("mark_song_request", song_request_id=one, status="playing"))
        changed = fan.event("setlist_changed")
        assert changed["data"]["cause"] == "song_request"
        (entry,) = changed["data"]["entries"]
        assert (entry["entry_id"], entry["kind"]) == (told["entry_id"], "added")
        assert fan.event("now_playing_changed")["data"]["entry_id"] == told["entry_id"]
        marked = fan.event("song_request_marked")
        assert marked["data"]["requested_by"] == you["participant_id"]
        assert (marked["data"]["status"], marked["data"]["entry_id"]) == (
            "playing",
            told["entry_id"],
        )
        queue_state(fan, lambda data: [v["status"] for v in data["requests"]] == ["playing"])
        acked(crew.give("mark_song_request", song_request_id=one, status="played"))
        again = fan.give("request_song", title="morning dew")
        assert (again["t"], again["code"]) == ("reject", "already_played")
        once_more = acked(fan.give("request_song", title="morning dew", separate=True))
        data = queue_state(fan, lambda data: data["waiting"] == 1)
        (view,) = (v for v in data["requests"] if v["status"] == "waiting")
        assert view["song_request_id"] == once_more["song_request_id"]
        assert view["already_played"] is True
    setlist = ok(guest.get(f"/api/shows/{show_id}/setlist"))
    assert [entry["title"] for entry in setlist["entries"]] == ["Morning Dew"]


def test_hidden_support_is_not_in_a_fans_bytes(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id, **QUEUE, visibility="on_close")
    other = be_guest(guest, "Lee")
    with guest.socket(show_id) as fan, artist.socket(show_id) as crew:
        fan.welcome()
        crew.welcome()
        with other.socket(show_id) as lee:
            lee.welcome()
            acked(lee.give("request_song", title="Ripple", round_id=round_id))
            acked(lee.give("request_song", title="Althea", round_id=round_id))
        liked = queue_state(crew, lambda data: data["waiting"] == 2, round_id)["requests"][1]
        acked(fan.give("upvote_song_request", song_request_id=liked["song_request_id"]))
        seen = queue_state(crew, lambda data: data["requests"][0].get("upvotes") == 2, round_id)[
            "requests"
        ]
        assert [view["title"] for view in seen] == ["Althea", "Ripple"]
        # The crew's state and the fans' go out together: what comes after is answered later.
        acked(fan.give("post_chat", text="last"))
        assert states_with_support(fan, round_id) == []
        closed = ok(artist.post(f"/api/rounds/{round_id}/close"))
        result = fan.event("round_closed")["data"]["result"]
        assert result == closed["result"]
        assert result["options"][liked["song_request_id"]] == 2
        assert result["labels"][liked["song_request_id"]] == "Althea"
        assert (result["votes"], result["voters"]) == (3, 2)


def states_with_support(socket: Socket, round_id: str) -> list[Any]:
    """What this socket was told of a round's support so far."""
    told = [message for message in socket.texts if round_id in json.dumps(message)]
    return [
        message
        for message in told
        if '"upvotes": ' in json.dumps(message.get("data", {}))
        or '"rank": ' in json.dumps(message.get("data", {}))
        or message.get("name") == "tally"
    ]
