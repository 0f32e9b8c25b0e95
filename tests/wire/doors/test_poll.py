"""What a long poll is on the wire: what ends its wait, and what does not."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any

import httpx
import pytest

from tests.wire.client import Caller, Json, new_id, ok, refused
from tests.wire.doors.event_source import EventSource
from tests.wire.patience import in_background

TOO_LONG_S = 20.0
"""A poll that would wait this long was not told."""


def poll(caller: Caller, show_id: str, wait_s: float = 0.0, **place: Any) -> httpx.Response:
    """One poll."""
    return caller.get(
        f"/api/shows/{show_id}/poll", params=place | {"wait_s": str(wait_s)}, timeout=60
    )


def place_of(body: Json) -> Json:
    """What the next poll says."""
    return {"since": body["seq"], "epoch": body["epoch"], "cursor": body["cursor"]}


def waiting(
    caller: Caller, show_id: str, body: Json, wait_s: float = TOO_LONG_S, **changes: str
) -> Future[httpx.Response]:
    """A poll that waits while the test goes on."""
    begun = threading.Event()

    def wait() -> httpx.Response:
        with httpx.Client(base_url=caller.client.base_url) as client:
            begun.set()
            return poll(Caller(client, caller.body), show_id, wait_s, **place_of(body) | changes)

    future = in_background(wait)
    assert begun.wait(60)
    return future


@pytest.fixture
def show_id(artist: Caller) -> str:
    return str(artist.live_show()["id"])


def test_whoever_comes_gets_the_room_and_then_only_what_is_new(guest: Caller, show_id: str) -> None:
    whole = ok(poll(guest, show_id, wait_s=TOO_LONG_S))
    assert whole["recovered"] is False and whole["state"]["show"] and whole["you"]["can"]
    assert whole["events"] == whole["states"] == []
    ack = guest.command(show_id, "post_chat", text="hello").json()
    news = ok(poll(guest, show_id, wait_s=TOO_LONG_S, **place_of(whole)))
    assert news["recovered"] is True and news["state"] is None and news["you"] is None
    assert [event["name"] for event in news["events"]] == ["chat_posted"]
    assert (news["seq"], news["epoch"]) == (ack["seq"], whole["epoch"])
    nothing = ok(poll(guest, show_id, **place_of(news)))
    assert nothing["events"] == nothing["states"] == []
    assert nothing["seq"] == news["seq"]


def test_an_event_ends_the_wait(guest: Caller, show_id: str) -> None:
    whole = ok(poll(guest, show_id))
    future = waiting(guest, show_id, whole)
    guest.command(show_id, "post_chat", text="hello")
    news = ok(future.result(TOO_LONG_S / 2))
    assert [event["data"]["text"] for event in news["events"]] == ["hello"]


def test_a_state_ends_the_wait_and_only_those_that_moved_are_told(
    artist: Caller, guest: Caller, show_id: str
) -> None:
    moving, still = artist.open_round(show_id), artist.open_round(show_id)
    whole = ok(poll(guest, show_id))
    future = waiting(guest, show_id, whole)
    assert guest.vote(moving, "o2").status_code == 200
    news = ok(future.result(TOO_LONG_S / 2))
    rounds = [one["data"]["round_id"] for one in news["states"] if one["name"] == "tally"]
    assert rounds == [moving] and still not in rounds
    assert news["events"] == [] and news["seq"] == whole["seq"]
    assert ok(poll(guest, show_id, **place_of(news)))["states"] == []


def test_a_wait_ends_by_itself_with_nothing(guest: Caller, show_id: str) -> None:
    whole = ok(poll(guest, show_id))
    began = time.monotonic()
    nothing = ok(poll(guest, show_id, wait_s=0.7, **place_of(whole)))
    assert time.monotonic() - began >= 0.7
    assert nothing["events"] == [] and nothing["recovered"] is True


def test_a_brief_poll_of_a_quiet_room_is_answered_by_next_to_nothing(
    guest: Caller, show_id: str
) -> None:
    whole = ok(poll(guest, show_id))
    settled = ok(poll(guest, show_id, **place_of(whole)))
    at = f"{settled['epoch']}.{settled['cursor']}"
    for _ in range(2):  # the first takes a seat, if the one before has not; the second has one
        quiet = poll(guest, show_id, wait_s=0.2, at=at)
        assert (quiet.status_code, quiet.content) == (204, b"")
        assert quiet.headers["cache-control"] == "no-store"
        assert set(quiet.headers) <= {"date", "cache-control", "strict-transport-security"}
    guest.command(show_id, "post_chat", text="hello")
    news = ok(poll(guest, show_id, wait_s=TOO_LONG_S, at=at))
    assert [event["name"] for event in news["events"]] == ["chat_posted"]


def test_crew_hears_the_rooms_pulse_also_by_a_brief_poll(artist: Caller, show_id: str) -> None:
    settled = ok(poll(artist, show_id, **place_of(ok(poll(artist, show_id)))))
    news = ok(poll(artist, show_id, at=f"{settled['epoch']}.{settled['cursor']}"))
    assert [state["name"] for state in news["states"]] == ["pulse"]


@pytest.mark.parametrize("at", ["rubbish", ".1.2.3.fan.y", "epoch.1.2.3.fan", "gone.1.2.3.fan.y"])
def test_a_place_that_is_none_of_ours_gets_the_whole_room(
    guest: Caller, show_id: str, at: str
) -> None:
    assert ok(poll(guest, show_id, wait_s=TOO_LONG_S, at=at))["recovered"] is False


def test_without_a_cursor_every_state_is_told_and_ends_no_wait(
    artist: Caller, guest: Caller, show_id: str
) -> None:
    round_id = artist.open_round(show_id)
    guest.vote(round_id, "o1")
    whole = ok(poll(guest, show_id))
    began = time.monotonic()
    place: Json = {"since": whole["seq"], "epoch": whole["epoch"]}
    answer = ok(poll(guest, show_id, wait_s=0.7, **place))
    assert time.monotonic() - began >= 0.7
    tally = next(one for one in answer["states"] if one["name"] == "tally")
    assert tally["data"]["options"]["o1"] == 1
    assert answer["you"]["participant_id"] == whole["you"]["participant_id"]


@pytest.mark.parametrize("cursor", ["rubbish", "9" * 200, "1.2.3.fan", "-1.0.0.fan.y"])
def test_a_cursor_that_is_none_of_ours_counts_as_none(
    guest: Caller, show_id: str, cursor: str
) -> None:
    whole = ok(poll(guest, show_id))
    answer = ok(poll(guest, show_id, **place_of(whole) | {"cursor": cursor}))
    assert answer["recovered"] is True and "head_count" in {s["name"] for s in answer["states"]}


@pytest.mark.parametrize("query", ["since=-1", "since=x", "wait_s=-1", "wait_s=soon"])
def test_what_cannot_be_read_is_said_field_by_field(
    guest: Caller, show_id: str, query: str
) -> None:
    problem = refused(guest.get(f"/api/shows/{show_id}/poll?{query}"), 422, "validation_failed")
    assert problem["errors"][0]["field"].endswith(query.split("=")[0])


def test_the_sixth_waiting_poll_of_a_person_ends_the_oldest(guest: Caller, show_id: str) -> None:
    whole = ok(poll(guest, show_id))
    waits = [waiting(guest, show_id, whole) for _ in range(6)]
    ends_at = time.monotonic() + TOO_LONG_S / 2
    while not any(wait.done() for wait in waits):
        assert time.monotonic() < ends_at
        time.sleep(0.02)
    ended = next(wait for wait in waits if wait.done())
    assert ok(ended.result())["events"] == []
    guest.command(show_id, "post_chat", text="all awake")
    for wait in waits:
        if wait is not ended:
            assert len(ok(wait.result(TOO_LONG_S / 2))["events"]) == 1


def test_who_polls_too_often_is_answered_later_and_not_refused(guest: Caller, show_id: str) -> None:
    body = ok(poll(guest, show_id))
    began = time.monotonic()
    for _ in range(12):
        body = ok(poll(guest, show_id, **place_of(body)))
    assert time.monotonic() - began >= 1.0  # ten at once, then two a second


def test_polls_and_streams_get_the_very_same_events(guest: Caller, show_id: str) -> None:
    whole = ok(poll(guest, show_id))
    base = str(guest.client.base_url).rstrip("/")
    headers = {"Authorization": f"Bearer {guest.body['access_token']}"}
    source = EventSource(f"{base}/api/shows/{show_id}/stream", headers)
    source.read_until(b'"t":"welcome"')  # what is said before it is part of its snapshot
    guest.command(show_id, "post_chat", text="byte by byte <>&\u2028 ✓", command_id=new_id())
    polled = poll(guest, show_id, **place_of(whole)).content
    start = polled.index(b'{"t":"event"')
    event = polled[start : polled.index(b'}],"states"') + 1]
    source.read_until(event)
    source.abort()
