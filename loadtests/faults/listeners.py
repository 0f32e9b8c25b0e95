"""Clients without a socket: an event stream, a long poll, and phones that vote by text."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec

from loadtests.faults.sightings import Sightings
from loadtests.sms.crowd import Phone, PhoneCrowd, Plan
from loadtests.sms.network import Network
from loadtests.sms.recount import is_accepted, option_id
from loadtests.sms.signing import number_of
from loadtests.wire import ApiClient, messages
from loadtests.wire.api import ApiProblem
from loadtests.wire.log import LogPlace
from loadtests.wire.messages import EventMessage, Welcome
from loadtests.wire.signal import Signal

RETRY_S = 0.5
QUIET_S = 30.0
"""A stream that says nothing for so long, heartbeats included, is given up."""
POLL_WAIT_S = 5
JOIN_TRIES = 5
VOTE_PAUSE_S = (2.5, 4.5)
"""Faster phones would be taken for machines."""
NUMBERS = 60_000


_JSON: Any = {"Accept": "application/json"}


class Listener(ABC):
    """Hears a room's log by HTTP and comes back, whatever ends it.

    Attributes:
        events: what it has heard, in order.
        snapshots: where a snapshot took the place of what was before it.
        place: its place in the log, and every broken promise about it.
        absences_s: for each time that it was sent away, how long until it heard again.
    """

    def __init__(self, name: str, api: ApiClient, show_id: str, sightings: Sightings) -> None:
        self.name = name
        self.place = LogPlace()
        self.events: list[EventMessage] = []
        self.snapshots: set[int] = set()
        self.signal = Signal()
        self.absences_s: list[float] = []
        self._away_since: float | None = None
        self._api = api
        self._show_id = show_id
        self._sightings = sightings
        # Its own: a long wait must not hold a place that others' calls need.
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(sock_read=QUIET_S)
        )

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self._listen()
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    self._sightings.http[f"{self.name} {type(error).__name__}"] += 1
                except ApiProblem as problem:
                    self._sightings.http[f"{self.name} {problem.status} {problem.code}"] += 1
                if self._away_since is None:
                    self._away_since = time.monotonic()
                await asyncio.sleep(RETRY_S)
        finally:
            await self._session.close()

    @abstractmethod
    async def _listen(self) -> None:
        """Hears until something ends it."""

    async def _headers(self) -> dict[str, str]:
        if self._api.credentials is None:
            raise RuntimeError("not signed in")
        return {"Authorization": f"Bearer {self._api.credentials.access_token}"}

    def _heard(self) -> None:
        """Something came: whoever was away is back."""
        if self._away_since is not None:
            self.absences_s.append(time.monotonic() - self._away_since)
            self._away_since = None

    def _take(self, message: object) -> None:
        self._heard()
        if isinstance(message, Welcome):
            self.place.welcomed(message)
            if not message.recovered:
                self.snapshots.add(message.seq)
        elif isinstance(message, EventMessage) and self.place.received(message):
            self.events.append(message)
        self.signal.changed()


class StreamListener(Listener):
    """``GET …/stream``: server-sent events."""

    async def _listen(self) -> None:
        url = f"{self._api.base_url}/api/shows/{self._show_id}/stream"
        headers = await self._headers()
        if self.place.epoch is not None:
            headers["Last-Event-ID"] = f"{self.place.epoch}:{self.place.seq}"
        async with self._session.get(url, headers=headers) as response:
            if response.status != 200:
                body = await response.read()
                self._sightings.http[f"{self.name} {response.status} {_code(body)}"] += 1
                return
            closing = False
            async for raw in response.content:
                line = raw.rstrip(b"\n")
                if line.startswith(b"event: close"):
                    closing = True
                elif line.startswith(b"data: ") and closing:
                    self._sightings.http[f"{self.name} closed {_close(line[6:])}"] += 1
                elif line.startswith(b"data: "):
                    self._take(messages.decode(line[6:]))


class _Polled(msgspec.Struct):
    epoch: str
    seq: int
    recovered: bool
    cursor: str
    events: list[EventMessage]


class PollListener(Listener):
    """``GET …/poll``: one after the other."""

    _cursor = ""

    async def _listen(self) -> None:
        url = f"{self._api.base_url}/api/shows/{self._show_id}/poll"
        while True:
            query = {"wait_s": str(POLL_WAIT_S)}
            if self.place.epoch is not None:
                query |= {"since": str(self.place.seq), "epoch": self.place.epoch}
                query |= {"cursor": self._cursor}
            async with self._session.get(
                url, params=query, headers=await self._headers()
            ) as response:
                body = await response.read()
            if response.status != 200:
                self._sightings.http[f"{self.name} {response.status} {_code(body)}"] += 1
                return
            self._heard()
            answer = msgspec.json.decode(body, type=_Polled)
            self._cursor = answer.cursor
            if not answer.recovered or self.place.epoch is None:
                welcome = Welcome(self._show_id, answer.epoch, answer.seq, answer.recovered, {}, {})
                self._take(welcome)
            for event in answer.events:
                self._take(event)


def _code(body: bytes) -> str:
    with contextlib.suppress(msgspec.DecodeError):
        problem = msgspec.json.decode(body)
        if isinstance(problem, dict):
            return str(problem.get("code", ""))
    return ""


def _close(data: bytes) -> str:
    with contextlib.suppress(msgspec.DecodeError):
        return str(msgspec.json.decode(data)["code"])
    return ""


class Texters:
    """Phones that vote, and vote again, by text. Use `join`, `run`, `settle`.

    Attributes:
        unanswered: votes that no node answered, twice: they may count or not.
    """

    def __init__(
        self, ports: Sequence[int], phones: int, options: int, seed: int, sightings: Sightings
    ) -> None:
        self.network = Network(ports)
        self.unanswered = 0
        self._crowd = PhoneCrowd(
            self.network, Plan(options, over_s=1.0, duplicates=0.0, forged=0.0), 0, seed
        )
        # Others each night: who texts all night long is taken for a machine.
        first = random.Random(seed).randrange(NUMBERS - phones)
        self._crowd.phones += [Phone(number_of(first + number)) for number in range(phones)]
        self._options = options
        self._rng = random.Random(seed)
        self._sightings = sightings
        self._acting = True
        self._told: dict[str, str] = {}

    async def join(self, code: str) -> None:
        """Everybody joins and confirms."""
        for phone in self._crowd.phones:
            for text in (f"JOIN {code}", "CONFIRM"):
                for _ in range(JOIN_TRIES):
                    said = await self._crowd.send(phone, text, phone.others)
                    if said.messages is not None:
                        break
                else:
                    raise RuntimeError("a phone cannot join")

    async def run(self) -> None:
        """Votes until `stop`."""

        async def one(number: int) -> None:
            await asyncio.sleep(self._rng.uniform(0, VOTE_PAUSE_S[0]))
            while self._acting:
                await self._vote(number)
                await asyncio.sleep(self._rng.uniform(*VOTE_PAUSE_S))

        await asyncio.gather(*(one(number) for number in range(len(self._crowd.phones))))

    def stop(self) -> None:
        """No new votes."""
        self._acting = False

    async def settle(self) -> None:
        """Everybody whose last vote was not answered says it again, as a person would."""
        for number, phone in enumerate(self._crowd.phones):
            if phone.votes and not is_accepted(phone.votes[-1]):
                for _ in range(JOIN_TRIES):
                    if await self._vote(number):
                        break
        for status, count in self.network.traffic.statuses.items():
            if status >= 300:
                self._sightings.http[f"text {status}"] += count
        for broken, count in self.network.traffic.broken.items():
            self._sightings.http[f"text {broken}"] += count

    async def close(self) -> None:
        """Hangs up."""
        await self.network.close()

    def votes(self) -> list[str]:
        """What each phone's last accepted vote was for."""
        return list(self._told.values())

    async def _vote(self, number: int) -> bool:
        phone = self._crowd.phones[number]
        option = self._rng.randint(1, self._options)
        text = await self._crowd.send(phone, str(option), phone.votes, option)
        if is_accepted(text):
            self._told[phone.number] = option_id(option)
            return True
        self.unanswered += 1
        return False
