"""The event stream's door, with ``POST`` for what is said."""

from __future__ import annotations

import json
import time

from tests.wire.client import WAIT_S, Json
from tests.wire.doors.event_source import EventSource, Refused, Said
from tests.wire.doors.visits import Broken, PostingVisit, TurnedAway


class StreamVisit(PostingVisit):
    """Server-sent events; the place is what a browser would say in ``Last-Event-ID``."""

    door = "stream"
    source: EventSource

    def _open(self) -> None:
        self.closed: Json | None = None
        headers = {"Authorization": f"Bearer {self.caller.body['access_token']}"}
        if self.epoch:
            headers["Last-Event-ID"] = f"{self.epoch}:{self.seq}"
        base = str(self.caller.client.base_url).rstrip("/")
        try:
            self.source = EventSource(f"{base}/api/shows/{self.show_id}/stream", headers)
        except Refused as refused:
            if refused.status >= 500:
                raise Broken from refused
            raise TurnedAway(refused.problem["code"]) from None
        except OSError as error:
            raise Broken from error
        assert self.source.headers["content-type"] == "text/event-stream; charset=utf-8"
        self._greeted = False
        ends_at = time.monotonic() + WAIT_S
        while not self._greeted:
            assert time.monotonic() < ends_at, "no welcome"
            self._receive(ends_at - time.monotonic())

    def break_off(self) -> None:
        self.source.abort()

    def ended_with(self, wait_s: float = WAIT_S) -> int:
        ends_at = time.monotonic() + wait_s
        while self.closed is None:
            assert time.monotonic() < ends_at, "the stream did not end"
            assert not self.source.over, "the stream broke off without a close event"
            self._receive(ends_at - time.monotonic())
        while not self.source.over:
            assert time.monotonic() < ends_at, "the response did not end"
            assert not self.source.receive(ends_at - time.monotonic()), "something after the close"
        code: int = self.closed["code"]
        return code

    def _receive(self, wait_s: float) -> None:
        if self.source.over:
            raise Broken
        said = self.source.receive(wait_s)
        self.raw = self.source.raw
        for one in said:
            self._take(one)

    def _take(self, said: Said) -> None:
        message: Json = json.loads(said.data)
        if said.type == "close":
            self.closed = message
            return
        assert said.type == "message"
        if message["t"] == "welcome":
            self._greeted = True
            self._welcomed(message)
        else:
            assert self._greeted, "the welcome comes first"
            self._heard(message)
        # What a browser would come back with: only events and the welcome move it.
        assert said.last_event_id == f"{self.epoch}:{self.seq}"
