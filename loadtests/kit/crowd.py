"""A process's part of the audience: let in, entered, looked at as a whole."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aiohttp

from loadtests.kit.address import Address
from loadtests.kit.fans import Fan
from loadtests.kit.player import Player
from loadtests.wire.api import ApiClient, ApiProblem

ADMITTED_AT_ONCE = 24
ENTERING_AT_ONCE = 64
TRIES_MAX = 5
HTTP_CONNECTIONS = 64
CALL_TIMEOUT_S = 30.0


@asynccontextmanager
async def http(address: Address) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session to the server, without cookies."""
    tls = address.context()
    connector = aiohttp.TCPConnector(limit=HTTP_CONNECTIONS, ssl=True if tls is None else tls)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S),
    ) as session:
        yield session


class Crowd:
    """Fans of one process.

    Args:
        player: the process.
        session: for their calls.
        first: number of the first fan, so that numbers of all processes differ.
    """

    def __init__(self, player: Player, session: aiohttp.ClientSession, first: int = 0) -> None:
        self.player = player
        self.fans: list[Fan] = []
        self._session = session
        self._first = first
        self._tls = player.address.context()

    async def admit(self, show_id: str, count: int, join_code: str | None = None) -> list[Fan]:
        """So many new guests with a ticket each, not yet in the room."""
        gate = asyncio.Semaphore(ADMITTED_AT_ONCE)
        first = self._first + len(self.fans)

        async def one(number: int) -> Fan:
            async with gate:
                fan = await self.guest(number, show_id, join_code)
                gauges = self.player.recorder.gauges
                gauges["admitted"] = gauges.get("admitted", 0) + 1
                return fan

        made = await asyncio.gather(*(one(first + n) for n in range(count)))
        self.fans += made
        return list(made)

    async def guest(self, number: int, show_id: str, join_code: str | None = None) -> Fan:
        """One guest with a ticket; what is only for now is tried again.

        Raises:
            ApiProblem: the server will not have the guest.
        """
        api = ApiClient(self.player.address.url, self._session)
        for attempt in range(TRIES_MAX):
            try:
                if api.credentials is None:
                    await api.guest(f"Fan {number}")
                ticket = await api.ticket(show_id, join_code)
                return Fan(number, self.player.address, api, show_id, ticket, self._tls)
            except (ApiProblem, aiohttp.ClientError, TimeoutError) as error:
                passing = not isinstance(error, ApiProblem) or error.status in (429, 503)
                if attempt + 1 == TRIES_MAX or not passing:
                    raise
                self.player.recorder.failed("admission", getattr(error, "code", "unreachable"))
                await asyncio.sleep(getattr(error, "retry_after_s", None) or 0.5 * 2**attempt)
        raise AssertionError("unreachable")

    async def enter(self, fans: Iterable[Fan], at_once: int = ENTERING_AT_ONCE) -> None:
        """Brings fans into their rooms; who is told to come later does.

        Raises:
            ConnectionError: one was not let in, however often it came back.
        """
        gate = asyncio.Semaphore(at_once)
        rng = random.Random(self.player.rng.getrandbits(64))

        async def one(fan: Fan) -> None:
            async with gate:
                try:
                    await fan.enter()
                except (OSError, TimeoutError):
                    self.player.recorder.failed("enter", f"closed {(fan.closes or [1006])[-1]}")
                    await fan.come_back(rng)
            gauges = self.player.recorder.gauges
            gauges["in the room"] = gauges.get("in the room", 0) + 1

        await asyncio.gather(*(one(fan) for fan in fans))

    def leave(self) -> None:
        """Everybody goes home."""
        for fan in self.fans:
            fan.leave()
        self.player.recorder.gauges["in the room"] = 0

    def violations(self) -> list[str]:
        """What the log did to anybody that it must not."""
        return [f"fan {fan.number}: {what}" for fan in self.fans for what in fan.violations]


async def settled(condition: object, timeout_s: float, every_s: float = 0.02) -> bool:
    """Waits until something holds, looking again and again; false when it does not in time."""
    assert callable(condition)
    loop = asyncio.get_running_loop()
    until = loop.time() + timeout_s
    while not condition():
        if loop.time() > until:
            return False
        await asyncio.sleep(every_s)
    return True
