"""The long poll's door, with ``POST`` for what is said."""

from __future__ import annotations

import time

import httpx

from tests.wire.client import WAIT_S, Json, ok
from tests.wire.doors.visits import Broken, PostingVisit, TurnedAway

CODES = {"removed": 4410, "session_revoked": 4401, "restarting": 1012}
"""What a problem would have been as a close code."""


class PollVisit(PostingVisit):
    """One poll after the other."""

    door = "poll"

    def _open(self) -> None:
        response = self._ask(0.0)
        if response.status_code >= 500:
            raise Broken
        if response.status_code != 200:
            raise TurnedAway(response.json()["code"])
        self._take(response)

    def break_off(self) -> None:
        """Between two polls there is nothing to break."""

    def ended_with(self, wait_s: float = WAIT_S) -> int:
        ends_at = time.monotonic() + wait_s
        while time.monotonic() < ends_at:
            response = self._ask(min(5.0, ends_at - time.monotonic()))
            if response.status_code != 200:
                return CODES[response.json()["code"]]
            self._take(response)
        raise AssertionError("polls go on")

    def _receive(self, wait_s: float) -> None:
        response = self._ask(min(wait_s, 5.0))
        if response.status_code >= 500:
            raise Broken
        self._take(response)

    def _ask(self, wait_s: float) -> httpx.Response:
        place: dict[str, str | int] = {}
        if self.epoch:
            place = {"since": self.seq, "epoch": self.epoch, "cursor": self.cursor}
        place["wait_s"] = f"{max(wait_s, 0):.3f}"
        try:
            response = self.caller.get(f"/api/shows/{self.show_id}/poll", params=place)
        except httpx.TransportError as error:
            raise Broken from error
        self.raw += response.content
        return response

    def _take(self, response: httpx.Response) -> None:
        body: Json = ok(response)
        self.cursor = body["cursor"]
        self.recovered = body["recovered"]
        self.you = body["you"] or self.you
        if not self.recovered:
            self._welcomed(body | {"state": body["state"]})
            assert body["events"] == []
        assert body["epoch"] == self.epoch
        for message in (*body["events"], *body["states"]):
            self._heard(message)
        assert self.seq == body["seq"]
