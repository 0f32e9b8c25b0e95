"""Tickets and close codes: PROTOCOL "Socket"."""

from __future__ import annotations

import json
import socket as network
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.browser.site import Site
from tests.wire.client import Caller, Json, Socket, new_id, ok, refused, socket_at
from tests.wire.conftest import be_guest, execute
from tests.wire.patience import in_background

REVOKED_S = 2.0
BUSY_S = 10.0
"""What a machine with too much to do may add; a socket that is forgotten stays for minutes."""


def test_a_ticket_has_a_minute_for_its_first_use(
    artist: Caller, guest: Caller, wire_database: str
) -> None:
    show_id = artist.live_show()["id"]
    ticket = guest.ticket(show_id)
    left = datetime.fromisoformat(ticket["expires_at"]) - datetime.now(UTC)
    assert 50 < left.total_seconds() <= 61
    assert ticket["ticket"] in ticket["url"]
    assert urlsplit(ticket["url"]).path == f"/rooms/{show_id}"
    _let_a_minute_pass(wire_database, show_id)
    with socket_at(ticket["url"]) as socket:
        assert socket.close_code() == 4401


def test_a_used_ticket_lets_a_provider_back_in_after_the_minute(
    artist: Caller, guest: Caller, wire_database: str
) -> None:
    show_id = artist.live_show()["id"]
    url = guest.ticket(show_id)["url"]
    with socket_at(url) as socket:
        first = socket.welcome()["you"]
    _let_a_minute_pass(wire_database, show_id)
    with socket_at(url) as socket:
        assert socket.welcome()["you"]["participant_id"] == first["participant_id"]


def test_a_reconnect_replaces_the_tickets_old_socket(artist: Caller, guest: Caller) -> None:
    url = guest.ticket(artist.live_show()["id"])["url"]
    with socket_at(url) as old:
        old.welcome()
        with socket_at(url) as new:
            new.welcome()
            assert 4000 <= old.close_code() < 4400
            assert new.give("post_chat", text="mine now")["t"] == "ack"


def test_the_sixth_socket_closes_the_oldest(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with ExitStack() as stack:
        sockets = [stack.enter_context(guest.socket(show_id)) for _ in range(5)]
        for socket in sockets:
            socket.welcome()
        sixth = stack.enter_context(guest.socket(show_id))
        sixth.welcome()
        assert sockets[0].close_code() == 4029
        for socket in [*sockets[1:], sixth]:
            assert socket.give("react", kind="clap")["t"] == "ack"


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=rubbish", "?ticket=a.b.c"])
def test_without_a_ticket_of_ours_a_socket_is_closed_with_4401(
    artist: Caller, node: Site, query: str
) -> None:
    show_id = artist.live_show()["id"]
    url = f"{node.url.replace('http', 'ws')}/rooms/{show_id}{query}"
    with socket_at(url) as socket:
        assert socket.close_code() == 4401
        assert socket.texts == [] and socket.frames == []


def test_a_changed_ticket_opens_nothing(artist: Caller, guest: Caller) -> None:
    url = guest.ticket(artist.live_show()["id"])["url"]
    head, _, signature = url.rpartition(".")
    with socket_at(f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}") as socket:
        assert socket.close_code() == 4401


def test_a_ticket_opens_its_own_room_only(artist: Caller, guest: Caller) -> None:
    here, there = artist.live_show()["id"], artist.live_show()["id"]
    url = guest.ticket(here)["url"].replace(here, there)
    with socket_at(url) as socket:
        assert socket.close_code() == 4403


def test_logging_out_closes_the_sessions_sockets_at_once_and_for_good(
    artist: Caller, fan: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    url = fan.ticket(show_id)["url"]
    with socket_at(url) as socket, guest.socket(show_id) as other:
        socket.welcome()
        other.welcome()
        began = time.monotonic()
        fan.post("/api/auth/logout")
        assert socket.close_code() == 4401
        assert time.monotonic() - began < REVOKED_S + BUSY_S
        assert other.give("react", kind="clap")["t"] == "ack"
    with socket_at(url) as socket:
        assert socket.close_code() == 4401


def test_a_session_revoked_in_the_database_alone_closes_its_sockets_soon(
    artist: Caller, guest: Caller, wire_database: str
) -> None:
    """Where the bus carried nothing, the check finds it: within 2 s, plus its own time."""
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        statement = (
            "UPDATE sessions SET revoked_at = now(), revoked_reason = 'test' WHERE account_id = $1"
        )
        began = time.monotonic()
        execute(wire_database, statement, guest.id)
        assert socket.close_code() == 4401
        assert time.monotonic() - began < REVOKED_S + BUSY_S


def test_a_page_of_another_origin_gets_no_socket(artist: Caller, guest: Caller, node: Site) -> None:
    show_id = artist.live_show()["id"]
    with pytest.raises(InvalidStatus):
        connect(guest.ticket(show_id)["url"], origin=Origin("https://evil.example"))
    with connect(guest.ticket(show_id)["url"], origin=Origin(node.url)) as connection:
        connection.recv()


def test_a_request_head_that_never_ends_is_cut_off(node: Site) -> None:
    address = urlsplit(node.url)
    assert address.hostname and address.port
    with network.create_connection((address.hostname, address.port)) as peer:
        peer.settimeout(10)
        sent = 0
        try:
            peer.sendall(b"GET /rooms/x HTTP/1.1\r\nHost: x\r\n")
            while sent < 64 * 1024 * 1024:
                peer.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
                sent += 1012
            assert peer.recv(1) == b""
        except (BrokenPipeError, ConnectionResetError):
            pass
        # One MiB is taken in, so that its sender reads the refusal; the rest is buffers.
        assert sent < 16 * 1024 * 1024


def test_a_guest_comes_back_as_the_same_participant(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    ids = set()
    for _ in range(2):
        with guest.socket(show_id) as socket:
            ids.add(socket.welcome()["you"]["participant_id"])
    assert len(ids) == 1


# --- limits ---------------------------------------------------------------------------------


def test_a_text_frame_of_16_kib_is_read_and_a_larger_one_closes_the_socket(
    artist: Caller, guest: Caller
) -> None:
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        for size, wanted in ((16 * 1024, "ack"), (16 * 1024 + 1, "")):
            message = {
                "t": "command",
                "command_id": new_id(),
                "name": "post_chat",
                "args": {"text": "x"},
                "padding": "",
            }
            message["padding"] = "p" * (size - len(json.dumps(message)))
            text = json.dumps(message)
            assert len(text) == size
            socket.connection.send(text)
            if wanted:
                assert socket.answer(str(message["command_id"]))["t"] == wanted
            else:
                assert socket.close_code() == 4413


def test_a_message_of_many_megabytes_is_not_gathered(artist: Caller, guest: Caller) -> None:
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        with suppress(ConnectionClosed):
            socket.connection.send("x" * (8 * 1024 * 1024))
        assert socket.close_code() == 4413


def test_invalid_utf8_closes_the_socket_with_1007(artist: Caller, guest: Caller) -> None:
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        socket.connection.send(b"\xff\xfe{", text=True)
        assert socket.close_code() == 1007


def test_forty_commands_at_once_pass_and_the_flood_behind_them_is_told_to_wait(
    artist: Caller, nobody: Caller
) -> None:
    show_id = artist.live_show()["id"]
    with be_guest(nobody, "Flood").socket(show_id) as socket:
        socket.welcome()
        # Many more than forty: a busy machine sends so slowly that some are earned meanwhile.
        ids = [socket.say("react", kind="fire") for _ in range(240)]
        answers = _answers(socket, ids)
    kinds = [answers[said]["t"] for said in ids]
    assert kinds[:40] == ["ack"] * 40
    rejected = [answers[said] for said in ids if answers[said]["t"] == "reject"]
    assert rejected
    assert {(one["code"], one["retryable"]) for one in rejected} == {("rate_limited", True)}
    assert all(one["retry_after_s"] > 0 for one in rejected)


def _answers(socket: Socket, ids: list[str]) -> dict[str, Json]:
    """By command: a refusal overtakes what has yet to be written down."""
    answers: dict[str, Json] = {}
    while len(answers) < len(ids):
        message = socket.receive()
        if isinstance(message, dict) and message.get("command_id"):
            answers[message["command_id"]] = message
    return answers


def test_500_characters_of_chat_pass(artist: Caller, guest: Caller) -> None:
    with guest.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        assert socket.give("post_chat", text="é" * 500)["t"] == "ack"


def _let_a_minute_pass(database_url: str, show_id: str) -> None:
    """For this show's tickets; what the clock would do, at once."""
    statement = (
        "UPDATE tickets SET first_use_by = first_use_by - interval '61 s' WHERE show_id = $1"
    )
    execute(database_url, statement, show_id)


def test_a_closed_shows_room_can_still_be_read(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    ok(artist.post(f"/api/shows/{show_id}/close"))
    with guest.socket(show_id) as socket:
        assert socket.welcome()["state"]["show"]["status"] == "closed"


def test_a_stolen_refresh_token_that_is_used_twice_closes_the_sockets(
    artist: Caller, fan: Caller, nobody: Caller
) -> None:
    with fan.socket(artist.live_show()["id"]) as socket:
        socket.welcome()
        body = {"refresh_token": fan.body["refresh_token"]}
        ok(nobody.post("/api/auth/refresh", body))
        assert socket.give("react", kind="clap")["t"] == "ack"
        refused(nobody.post("/api/auth/refresh", body), 401, "refresh_token_reused")
        assert socket.close_code(REVOKED_S + BUSY_S) == 4401


def test_who_is_made_crew_is_sent_back_for_the_new_role(artist: Caller, fan: Caller) -> None:
    show_id = artist.live_show()["id"]
    url = fan.ticket(show_id)["url"]
    with socket_at(url) as socket:
        assert socket.welcome()["you"]["role"] == "fan"
        members = {"members": [{"account_id": fan.id, "role": "moderator"}]}
        ok(artist.put(f"/api/shows/{show_id}/crew", members))
        code = socket.close_code(REVOKED_S + BUSY_S)
    assert 4000 <= code < 4400, code
    with socket_at(url) as socket:
        assert socket.welcome()["you"]["role"] == "moderator"
        assert socket.give("set_slow_mode", interval_s=0)["t"] == "ack"


def test_commands_over_http_share_the_sockets_allowance(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]

    def until_limited() -> list[httpx.Response]:
        answers = (guest.command(show_id, "react", kind="fire") for _ in range(100))
        return list(islice((one for one in answers if one.status_code == 429), 1))

    with guest.socket(show_id) as socket:
        socket.welcome()
        over_http = in_background(until_limited)
        while not over_http.done():  # whatever is earned is used up here
            _answers(socket, [socket.say("react", kind="fire") for _ in range(50)])
    limited = over_http.result()
    assert limited
    problem = refused(limited[0], 429, "rate_limited")
    assert problem["retryable"] is True and problem["retry_after_s"] > 0
    assert int(limited[0].headers["retry-after"]) >= 1


def test_who_was_removed_is_out_at_every_door(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    url = guest.ticket(show_id)["url"]
    round_id = artist.open_round(show_id)
    with socket_at(url) as socket:
        participant_id = socket.welcome()["you"]["participant_id"]
        ok(artist.command(show_id, "remove_participant", participant_id=participant_id))
        assert socket.close_code(REVOKED_S + BUSY_S) == 4410
    with socket_at(url) as socket:
        assert socket.close_code() == 4410
    refused(guest.vote(round_id, "o1"), 403, "removed")
    refused(guest.command(show_id, "post_chat", text="x"), 403, "removed")
