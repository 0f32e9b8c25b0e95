"""What an event stream is on the wire: headers, padding, ids, credentials, its end."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from tests.browser.site import Site
from tests.wire.client import PASSWORD, WAIT_S, Caller, Json, ok, refused
from tests.wire.doors.at_stream import StreamVisit
from tests.wire.doors.conftest import Enter
from tests.wire.doors.event_source import EventSource, Refused, Said


def opened(caller: Caller, show_id: str, query: str = "", **headers: str) -> EventSource:
    """A stream of somebody's."""
    base = str(caller.client.base_url).rstrip("/")
    return EventSource(f"{base}/api/shows/{show_id}/stream{query}", headers)


def bearer(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.body['access_token']}"}


def first(source: EventSource) -> Said:
    """The next event."""
    ends_at = time.monotonic() + WAIT_S
    while time.monotonic() < ends_at:
        said = source.receive(ends_at - time.monotonic())
        if said:
            return said[0]
    raise TimeoutError("nothing came")


def welcome(source: EventSource) -> Json:
    message: Json = json.loads(first(source).data)
    assert message["t"] == "welcome"
    return message


@pytest.fixture
def show_id(artist: Caller) -> str:
    return str(artist.live_show()["id"])


def test_nothing_in_between_may_hold_it_back(guest: Caller, show_id: str) -> None:
    source = opened(guest, show_id, **bearer(guest))
    assert source.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert source.headers["cache-control"] == "no-cache, no-transform"
    assert source.headers["x-accel-buffering"] == "no"
    assert source.headers["connection"] == "close"
    assert "content-encoding" not in source.headers and "content-length" not in source.headers
    said = first(source)
    assert source.raw.index(b"data:") >= 2048, "2 KiB of comment before the first message"
    assert source.parser.retry_ms is not None and 500 <= source.parser.retry_ms <= 10_000
    place = json.loads(said.data)
    assert said.last_event_id == f"{place['epoch']}:{place['seq']}"
    source.abort()


def test_a_page_comes_in_by_its_cookie(fan: Caller, show_id: str) -> None:
    with httpx.Client(base_url=fan.client.base_url) as browser:
        body = {"email": fan.email, "password": PASSWORD, "session_cookie": True}
        ok(browser.post("/api/auth/login", json=body))
        session = browser.cookies["setroom_session"]
    source = opened(fan, show_id, Cookie=f"setroom_session={session}")
    assert welcome(source)["you"]["role"] == "fan"
    source.abort()


def test_a_ticket_opens_a_stream_as_it_opens_a_socket(guest: Caller, show_id: str) -> None:
    source = opened(guest, show_id, f"?ticket={guest.ticket(show_id)['ticket']}")
    assert welcome(source)["you"]["role"] == "fan"
    source.abort()


def test_nobody_is_let_in_without_saying_who_it_is(
    nobody: Caller, guest: Caller, artist: Caller, show_id: str
) -> None:
    refused(nobody.get(f"/api/shows/{show_id}/stream"), 401, "not_authenticated")
    refused(nobody.get(f"/api/shows/{show_id}/poll"), 401, "not_authenticated")
    other = artist.live_show()["id"]
    ticket = guest.ticket(other)["ticket"]
    for query, status in (("ticket=rubbish", 401), (f"ticket={ticket}", 403)):
        problem = refused(nobody.get(f"/api/shows/{show_id}/stream?{query}"), status)
        assert problem["code"] == "ticket_invalid"
    for path in ("stream", "poll"):
        refused(guest.get(f"/api/shows/{guest.id}/{path}"), 404, "unknown_show")


def test_a_private_show_needs_its_code_at_these_doors_too(artist: Caller, guest: Caller) -> None:
    show = artist.live_show(access="private")
    for path in ("stream", "poll"):
        refused(guest.get(f"/api/shows/{show['id']}/{path}"), 403, "join_code_required")
    guest.ticket(show["id"], join_code=show["join_code"])
    source = opened(guest, show["id"], **bearer(guest))
    assert welcome(source)["recovered"] is False
    source.abort()


def test_the_same_ticket_again_replaces_its_older_stream(guest: Caller, show_id: str) -> None:
    query = f"?ticket={guest.ticket(show_id)['ticket']}"
    older = opened(guest, show_id, query)
    welcome(older)
    newer = opened(guest, show_id, query)
    welcome(newer)
    said = first(older)
    while said.type != "close":
        said = first(older)
    assert json.loads(said.data) == {"code": 4009, "reason": "replaced"}
    newer.abort()


def test_the_header_counts_before_the_query_and_rubbish_is_no_place(
    guest: Caller, show_id: str
) -> None:
    start = welcome(opened(guest, show_id, **bearer(guest)))
    guest.command(show_id, "post_chat", text="one")
    guest.command(show_id, "post_chat", text="two")
    epoch, seq = start["epoch"], start["seq"]
    by_query = opened(guest, show_id, f"?since={seq}&epoch={epoch}", **bearer(guest))
    assert welcome(by_query)["recovered"] is True
    both = opened(
        guest,
        show_id,
        f"?since={seq}&epoch={epoch}",
        **bearer(guest),
        **{"Last-Event-ID": f"{epoch}:{seq + 1}"},
    )
    said: list[Said] = []
    while len(said) < 2:
        said += both.receive(WAIT_S)
    assert said[0].last_event_id == f"{epoch}:{seq + 1}", "a welcome back does not move the place"
    assert json.loads(said[1].data)["data"]["text"] == "two"
    rubbish = opened(guest, show_id, **bearer(guest), **{"Last-Event-ID": "an id of elsewhere"})
    assert welcome(rubbish)["recovered"] is False
    for source in (by_query, both, rubbish):
        source.abort()


def test_the_sixth_connection_of_a_person_closes_the_oldest(
    guest: Caller, show_id: str, enter: Enter
) -> None:
    oldest = enter(StreamVisit, guest, show_id)
    for _ in range(4):
        enter(StreamVisit, guest, show_id)
    with guest.socket(show_id) as socket:
        socket.welcome()
        assert oldest.ended_with() == 4029


def test_asked_for_its_head_alone_it_does_not_go_on(guest: Caller, show_id: str) -> None:
    response = guest.call("HEAD", f"/api/shows/{show_id}/stream")
    assert response.status_code == 200 and response.content == b""
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    # The connection was closed behind it: the next call is answered.
    ok(guest.get(f"/api/shows/{show_id}/poll"))


def test_a_stream_that_was_left_is_counted_no_longer(
    node: Site, guest: Caller, show_id: str, enter: Enter
) -> None:
    stayed = enter(StreamVisit, guest, show_id)
    left = enter(StreamVisit, guest, show_id)
    left.break_off()
    for _ in range(4):
        enter(StreamVisit, guest, show_id)
    # Five are here, and one is gone: nobody has been closed.
    stayed.reach(stayed.command("post_chat", text="still here").seq)


def test_a_refusal_is_a_problem_and_no_stream(guest: Caller, show_id: str) -> None:
    with pytest.raises(Refused) as problem:
        opened(guest, show_id, Authorization="Bearer rubbish")
    assert (problem.value.status, problem.value.problem["code"]) == (401, "invalid_token")
