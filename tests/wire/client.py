"""An outside client: HTTP by httpx, sockets by ``websockets``, nothing of the product."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PASSWORD = "correct horse battery staple"
SUBPROTOCOL = "setroom.v1"
WAIT_S = 30.0
"""A loaded machine is slow; what does not come in this time does not come."""

Json = dict[str, Any]
_numbers = itertools.count(1)


def new_id() -> str:
    """An id for a command."""
    return str(uuid4())


def unique_email() -> str:
    """An address that nobody has."""
    return f"wire-{os.getpid()}-{next(_numbers)}@example.com"


def is_uuid7(text: str) -> bool:
    """Whether this is a UUIDv7 in its canonical form (RFC 9562 section 5.7)."""
    return str(UUID(text)) == text and UUID(text).version == 7


def single(*labels: str, **more: Any) -> Json:
    """The smallest ``vote_config``: options ``o1``, ``o2``…"""
    options = [{"id": f"o{at}", "label": label} for at, label in enumerate(labels, start=1)]
    return {"title": "Encore?", "options": options} | more


class Caller:
    """Somebody who calls the API: signed in, a guest, or nobody."""

    def __init__(self, client: httpx.Client, body: Json | None = None) -> None:
        self.client = client
        self.body = body or {}

    @property
    def id(self) -> str:
        """The account's id."""
        return str(self.body["user"]["id"] if "user" in self.body else self.body["guest_id"])

    @property
    def email(self) -> str:
        """The account's address."""
        return str(self.body["user"]["email"])

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """One call, with the access token if there is one."""
        headers = self.headers | options.pop("headers", {})
        if body is not None:
            options["json"] = body
        return self.client.request(method, path, headers=headers, **options)

    @property
    def headers(self) -> Json:
        """What says who calls."""
        return {"Authorization": f"Bearer {self.body['access_token']}"} if self.body else {}

    def get(self, path: str, **options: Any) -> httpx.Response:
        """``GET``."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """``POST``; without a body none is sent."""
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> httpx.Response:
        """``PUT``."""
        return self.call("PUT", path, body, **options)

    # --- what every client does ------------------------------------------------------------

    def show(self, **changes: Any) -> Json:
        """A new draft."""
        body = {"title": "Barton Hall", "starts_at": "2027-05-08T19:00:00Z", "access": "public"}
        return made(self.post("/api/shows", body | changes))

    def live_show(self, **changes: Any) -> Json:
        """A new show whose room is open."""
        show_id = self.show(**changes)["id"]
        ok(self.post(f"/api/shows/{show_id}/publish"))
        return ok(self.post(f"/api/shows/{show_id}/open"))

    def round(self, show_id: str, *labels: str, **config: Any) -> Json:
        """A new draft round."""
        body = {"config": single(*(labels or ("Ripple", "Brokedown Palace")), **config)}
        return made(self.post(f"/api/shows/{show_id}/rounds", body))

    def open_round(self, show_id: str, *labels: str, **config: Any) -> str:
        """The id of a new round that takes votes."""
        round_id = str(self.round(show_id, *labels, **config)["id"])
        ok(self.post(f"/api/rounds/{round_id}/open"))
        return round_id

    def vote(self, round_id: str, option_id: str, command_id: str | None = None) -> httpx.Response:
        """A vote over HTTP."""
        body = {"command_id": command_id or new_id(), "picks": [{"option_id": option_id}]}
        return self.post(f"/api/rounds/{round_id}/vote", body)

    def command(self, show_id: str, name: str, **args: Any) -> httpx.Response:
        """A command over HTTP."""
        body = {"command_id": new_id(), "name": name, "args": args}
        return self.post(f"/api/shows/{show_id}/commands", body)

    def ticket(self, show_id: str, **body: Any) -> Json:
        """A ticket for a room's socket."""
        return made(self.post(f"/api/shows/{show_id}/ticket", body or {}))

    @contextmanager
    def socket(self, show_id: str, *, text: bool = True, **query: Any) -> Iterator[Socket]:
        """A socket with a ticket of its own."""
        with socket_at(self.ticket(show_id)["url"], text=text, **query) as socket:
            yield socket


class Socket:
    """One open socket and what came over it, in order."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.texts: list[Json] = []
        self.frames: list[bytes] = []
        self.raw = b""

    def receive(self, wait_s: float = WAIT_S) -> Json | bytes:
        """The next message; raises `TimeoutError` or `ConnectionClosed`."""
        message = self.connection.recv(timeout=max(0.0, wait_s))
        if isinstance(message, bytes):
            self.frames.append(message)
            self.raw += message
            return message
        self.raw += message.encode()
        parsed: Json = json.loads(message)
        self.texts.append(parsed)
        return parsed

    def until(self, wanted: Callable[[Json], bool], wait_s: float = WAIT_S) -> Json:
        """The next text message like this."""
        ends_at = time.monotonic() + wait_s
        while True:
            message = self.receive(ends_at - time.monotonic())
            if isinstance(message, dict) and wanted(message):
                return message

    def binary(self, wanted: Callable[[bytes], bool], wait_s: float = WAIT_S) -> bytes:
        """The next binary message like this."""
        ends_at = time.monotonic() + wait_s
        while True:
            message = self.receive(ends_at - time.monotonic())
            if isinstance(message, bytes) and wanted(message):
                return message

    def welcome(self) -> Json:
        """The ``welcome``."""
        return self.until(lambda message: message["t"] == "welcome")

    def event(self, name: str) -> Json:
        """The next event of this name."""
        return self.until(lambda message: message["t"] == "event" and message["name"] == name)

    def state(self, name: str) -> Json:
        """The next state of this name."""
        return self.until(lambda message: message["t"] == "state" and message["name"] == name)

    def say(self, name: str, command_id: str | None = None, **args: Any) -> str:
        """Sends a command; its id."""
        said = command_id or new_id()
        message = {"t": "command", "command_id": said, "name": name, "args": args}
        self.connection.send(json.dumps(message))
        return said

    def answer(self, command_id: str) -> Json:
        """The ``ack`` or ``reject`` of a command."""
        return self.until(lambda message: message.get("command_id") == command_id)

    def give(self, name: str, command_id: str | None = None, **args: Any) -> Json:
        """Sends a command and waits for its answer."""
        return self.answer(self.say(name, command_id, **args))

    def close_code(self, wait_s: float = WAIT_S) -> int:
        """Reads until the other side closes: its code."""
        ends_at = time.monotonic() + wait_s
        try:
            while True:
                self.receive(ends_at - time.monotonic())
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "closed without a close frame"
            return closed.rcvd.code


@contextmanager
def socket_at(url: str, *, text: bool = True, **query: Any) -> Iterator[Socket]:
    """A socket at a ticket's address."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    with connect(
        url + more,
        subprotocols=[SUBPROTOCOL] if text else None,  # type: ignore[list-item]
        compression=None,
        ping_interval=None,
        max_size=None,
        max_queue=None,
        open_timeout=WAIT_S,
        close_timeout=1,
    ) as connection:
        yield Socket(connection)


def ok(response: httpx.Response, status: int = 200) -> Json:
    """The body of an answer with this status."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    body: Json = response.json() if response.content else {}
    return body


def made(response: httpx.Response) -> Json:
    """The body of a 201."""
    return ok(response, 201)


def refused(response: httpx.Response, status: int, code: str | None = None) -> Json:
    """The problem document (RFC 9457) of a refusal."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["content-type"].split(";")[0] == "application/problem+json"
    problem: Json = response.json()
    assert problem["status"] == status
    assert problem["type"] and problem["title"] and problem["detail"]
    assert problem["code"] == problem["code"].lower() and " " not in problem["code"]
    if code is not None:
        assert problem["code"] == code, problem
    return problem
