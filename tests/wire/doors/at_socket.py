"""The socket's door."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from tests.wire.client import SUBPROTOCOL, WAIT_S, Json, new_id
from tests.wire.doors.visits import Answer, Broken, Edited, TurnedAway, Visit
from tests.wire.yjs import SYNC_STEP_2, SYNC_UPDATE, buffer, payload


class SocketVisit(Visit):
    """Text and binary frames over one socket."""

    door = "socket"
    _socket: ClientConnection

    def _open(self) -> None:
        self._syncs: list[bytes] = []
        # An empty step 2: whatever was edited before is in sync, and later updates need not wait.
        self._updates_sent = 1
        self._saved = 0
        self._refused: dict[str, list[str]] = {}
        self._answers: dict[str, Json] = {}
        try:
            ticket = self.caller.post(f"/api/shows/{self.show_id}/ticket", {})
        except httpx.TransportError as error:
            raise Broken from error
        if ticket.status_code >= 500:
            raise Broken
        if ticket.status_code != 201:
            raise TurnedAway(ticket.json()["code"])
        query = f"&since={self.seq}&epoch={self.epoch}" if self.epoch else ""
        self._leaving = contextlib.ExitStack()
        opening = connect(
            ticket.json()["url"] + query,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            compression=None,
            ping_interval=None,
            max_size=None,
            max_queue=None,
            open_timeout=WAIT_S,
            close_timeout=1,
        )
        try:
            self._socket = self._leaving.enter_context(opening)
            welcome = json.loads(self._text())
        except (ConnectionClosed, InvalidHandshake, OSError, EOFError) as error:
            raise Broken from error
        assert welcome["t"] == "welcome" and welcome["protocol"] == 1
        self._welcomed(welcome)
        self._socket.send(SYNC_STEP_2 + buffer(b"\x00\x00"))

    def break_off(self) -> None:
        if not self.epoch:
            return
        with contextlib.suppress(OSError):
            self._socket.socket.close()
        with contextlib.suppress(ConnectionClosed, OSError):
            self._leaving.close()

    def ended_with(self, wait_s: float = WAIT_S) -> int:
        ends_at = time.monotonic() + wait_s
        try:
            while True:
                self._take(ends_at - time.monotonic())
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "closed without a close frame"
            return closed.rcvd.code

    def _receive(self, wait_s: float) -> None:
        try:
            self._take(wait_s)
        except TimeoutError:
            return
        except ConnectionClosed as closed:
            raise Broken from closed

    def _take(self, wait_s: float) -> None:
        message = self._socket.recv(timeout=max(0.0, wait_s))
        if isinstance(message, bytes):
            self.raw += message
            if message.startswith(SYNC_STEP_2):
                self._syncs.append(payload(message))
            return
        self.raw += message.encode()
        parsed: Json = json.loads(message)
        match parsed["t"]:
            case "ack" | "reject":
                self._answers[parsed["command_id"]] = parsed
            case "setlist_saved":
                self._saved = parsed["received"]
            case "setlist_refused":
                self._refused[parsed["code"]] = parsed["entries"]
            case _:
                self._heard(parsed)

    def _text(self) -> str:
        while True:
            message = self._socket.recv(timeout=WAIT_S)
            self.raw += message if isinstance(message, bytes) else message.encode()
            if isinstance(message, str):
                return message

    def command(self, name: str, command_id: str | None = None, **args: Any) -> Answer:
        said = command_id or new_id()
        self._answers.pop(said, None)
        message = {"t": "command", "command_id": said, "name": name, "args": args}
        self._socket.send(json.dumps(message))
        while said not in self._answers:
            self._take(WAIT_S)
        answer = self._answers.pop(said)
        if answer["t"] == "ack":
            return Answer(None, answer["seq"], answer["data"])
        return Answer(
            answer["code"],
            retryable=answer["retryable"],
            retry_after_s=answer.get("retry_after_s"),
        )

    def edit(self, update: bytes) -> Edited:
        self._updates_sent += 1
        self._refused = {}
        self._socket.send(SYNC_UPDATE + buffer(update))
        while self._saved < self._updates_sent:
            self._take(WAIT_S)
        return Edited(self._refused)

    def document(self) -> bytes:
        self._syncs.clear()
        self._socket.send(b"\x00\x00" + buffer(b"\x00"))
        while not self._syncs:
            self._take(WAIT_S)
        return self._syncs[-1]
