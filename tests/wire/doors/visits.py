"""Somebody in a room through one of its doors. The contract is tested through this alone."""

from __future__ import annotations

import base64
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.wire.client import WAIT_S, Caller, Json, new_id


class Answer(NamedTuple):
    """What a command got.

    Attributes:
        code: of the refusal; ``None``: it was carried out.
        seq, data: of the ack.
    """

    code: str | None
    seq: int = 0
    data: Json | None = None
    retryable: bool = False
    retry_after_s: float | None = None


class Edited(NamedTuple):
    """What an edit got: entries that were put back, by code."""

    refused: dict[str, list[str]]


class TurnedAway(Exception):
    """Not let in. The message is the problem's code."""


class Broken(Exception):
    """The connection is gone, or the node cannot answer now: come back with `Visit.resume`."""


class Visit(ABC):
    """One participant at one door.

    That events come in ``seq`` order, without a gap and without a duplicate, over every resume,
    is asserted here, for each test that reads any.

    Attributes:
        epoch, seq: the place in the log.
        recovered: whether the last opening went on from it.
        you, room: who the participant is, and the room as it was at the last full opening.
        events, states: all that came, in order.
        raw: every byte that came.
    """

    door: str

    def __init__(self, caller: Caller, show_id: str) -> None:
        self.caller = caller
        self.show_id = show_id
        self.epoch = ""
        self.seq = 0
        self.recovered = False
        self.you: Json = {}
        self.room: Json = {}
        self.events: list[Json] = []
        self.states: list[Json] = []
        self.raw = b""
        self._unread: deque[Json] = deque()

    # --- coming and going ------------------------------------------------------------------

    def enter(self) -> None:
        """Comes for the first time: gets the whole room."""
        self._open()
        assert not self.recovered and self.room, "somebody new gets the whole room"

    def resume(self) -> None:
        """Comes back to where it was."""
        self._open()

    @abstractmethod
    def _open(self) -> None:
        """Opens the door and takes the welcome; raises `TurnedAway` or `Broken`."""

    @abstractmethod
    def break_off(self) -> None:
        """The signal is gone, without a goodbye."""

    @abstractmethod
    def ended_with(self, wait_s: float = WAIT_S) -> int:
        """Waits until the room ends this visit: a close code."""

    # --- hearing ---------------------------------------------------------------------------

    @abstractmethod
    def _receive(self, wait_s: float) -> None:
        """Takes in what comes next, if anything does in time; raises `Broken`."""

    def listen(self, wait_s: float) -> None:
        """Takes in what comes in this time, and comes back whenever the connection breaks."""
        ends_at = time.monotonic() + wait_s
        while (left := ends_at - time.monotonic()) > 0:
            try:
                self._receive(left)
            except Broken:
                self.break_off()
                self._come_back(ends_at)

    def _come_back(self, ends_at: float) -> None:
        while time.monotonic() < ends_at:
            try:
                self.resume()
            except Broken:
                self.break_off()
                time.sleep(0.05)
            else:
                return

    def until(self, wanted: Callable[[Json], bool], wait_s: float = WAIT_S) -> Json:
        """The next message like this."""
        ends_at = time.monotonic() + wait_s
        while True:
            while self._unread:
                message = self._unread.popleft()
                if wanted(message):
                    return message
            left = ends_at - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{self.door}: it did not come; last were {self.events[-3:]}")
            self._receive(left)

    def event(self, name: str, wait_s: float = WAIT_S) -> Json:
        """The next event of this name."""
        return self.until(lambda one: one["t"] == "event" and one["name"] == name, wait_s)

    def state(self, name: str, wanted: Callable[[Json], bool] = lambda _: True) -> Json:
        """The next state of this name, like this; its data."""
        found = self.until(
            lambda one: one["t"] == "state" and one["name"] == name and wanted(one["data"])
        )
        data: Json = found["data"]
        return data

    def reach(self, seq: int, wait_s: float = WAIT_S) -> None:
        """Hears everything up to an event."""
        ends_at = time.monotonic() + wait_s
        while self.seq < seq:
            assert time.monotonic() < ends_at, f"{self.door}: stuck at {self.seq}, not {seq}"
            self._receive(ends_at - time.monotonic())

    # --- saying ----------------------------------------------------------------------------

    @abstractmethod
    def command(self, name: str, command_id: str | None = None, **args: Any) -> Answer:
        """Gives a command and waits for its answer."""

    @abstractmethod
    def edit(self, update: bytes) -> Edited:
        """Sends a Yjs update and waits until it is durable."""

    @abstractmethod
    def document(self) -> bytes:
        """The whole setlist document as a Yjs update."""

    # --- for doors -------------------------------------------------------------------------

    def _welcomed(self, welcome: Json) -> None:
        self.recovered = welcome["recovered"]
        self.you = welcome["you"]
        if self.recovered:
            assert welcome["epoch"] == self.epoch and not welcome["state"]
            return
        self.epoch, self.seq, self.room = welcome["epoch"], welcome["seq"], welcome["state"]
        self._unread.clear()

    def _heard(self, message: Json) -> None:
        match message["t"]:
            case "event":
                assert message["seq"] == self.seq + 1, f"{message['seq']} after {self.seq}"
                self.seq = message["seq"]
                self.events.append(message)
            case "state":
                self.states.append(message)
            case _:
                return
        self._unread.append(message)


class PostingVisit(Visit):
    """A door that only listens: commands and edits go by ``POST``."""

    def command(self, name: str, command_id: str | None = None, **args: Any) -> Answer:
        body = {"command_id": command_id or new_id(), "name": name, "args": args}
        response = self.caller.post(f"/api/shows/{self.show_id}/commands", body)
        answer: Json = response.json()
        if response.status_code == 200:
            assert answer["t"] == "ack" and answer["command_id"] == body["command_id"]
            return Answer(None, answer["seq"], answer["data"])
        retry_after = response.headers.get("retry-after")
        if answer.get("retryable"):
            assert response.status_code in (429, 503) and retry_after, response.headers
        return Answer(
            answer["code"],
            retryable=answer.get("retryable", False),
            retry_after_s=answer.get("retry_after_s"),
        )

    def edit(self, update: bytes) -> Edited:
        body = {"command_id": new_id(), "update": base64.b64encode(update).decode()}
        path = f"/api/shows/{self.show_id}/setlist/updates"
        answers = [self.caller.post(path, body) for _ in range(2)]
        assert answers[0].status_code == 200, answers[0].text
        assert answers[0].json() == answers[1].json(), "said twice, answered as the first time"
        refused = answers[0].json()["refused"]
        return Edited({item["code"]: list(item["entries"]) for item in refused})

    def document(self) -> bytes:
        response = self.caller.get(f"/api/shows/{self.show_id}/setlist/document")
        return base64.b64decode(response.json()["update"])
