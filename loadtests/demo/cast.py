"""The simulated fans: guests with a socket each, who come back by themselves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp
import structlog

from loadtests.wire import ApiClient, ApiProblem, RoomClient
from loadtests.wire.messages import EventMessage, StateMessage, Welcome
from loadtests.wire.signal import Signal

logger = structlog.get_logger(__name__)

FIRST_ROW = 6
"""Fans who come in at once; the others follow over `ARRIVAL_S` seconds."""
ARRIVAL_S = 12.0


@dataclass(eq=False, slots=True)
class Fan:
    """One simulated fan."""

    number: int
    name: str
    room: RoomClient | None = None

    @property
    def here(self) -> RoomClient | None:
        """The fan's room, if the fan is in it and was not sent away."""
        room = self.room
        return room if room is not None and room.lost is None and room.welcome else None


class Cast:
    """All fans of one room.

    Args:
        url: ``http://host:port``.
        session: shared HTTP session.
        names: one per fan.
        on_welcome, on_event, on_state: what any fan hears; events come once, in order.
        client: how a fan connects.

    Attributes:
        join_code: what fans show at the door, where that is asked for.
    """

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        names: Sequence[str],
        rng: random.Random,
        on_welcome: Callable[[Welcome], None],
        on_event: Callable[[EventMessage], None],
        on_state: Callable[[StateMessage], None],
        client: type[RoomClient] = RoomClient,
    ) -> None:
        self.fans = [Fan(number, name) for number, name in enumerate(names)]
        self.participants: set[str] = set()
        self.join_code: str | None = None
        self._url = url
        self._session = session
        self._rng = rng
        self._on_welcome = on_welcome
        self._on_event = on_event
        self._on_state = on_state
        self._client = client
        self._heard = 0
        self._came_in = Signal()

    async def arrive(self, show_id: str) -> None:
        """Brings everybody who is not there into the room, the first row at once."""
        missing = [fan for fan in self.fans if fan.room is None or fan.room.lost is not None]
        async with asyncio.TaskGroup() as tasks:
            for place, fan in enumerate(missing):
                late = place >= FIRST_ROW
                delay_s = self._rng.uniform(0.5, ARRIVAL_S) if late else 0.1 * place
                tasks.create_task(self._bring(fan, show_id, delay_s))

    async def first_one(self, timeout_s: float) -> None:
        """Returns once anybody is in the room.

        Raises:
            TimeoutError: nobody came in.
        """
        await self._came_in.until(lambda: self.connected() > 0, timeout_s)

    async def leave(self) -> None:
        """Everybody goes home."""
        rooms = [fan.room for fan in self.fans if fan.room is not None]
        await asyncio.gather(*(room.close() for room in rooms))
        for fan in self.fans:
            fan.room = None
        self._heard = 0

    def connected(self) -> int:
        """Fans whose socket is open."""
        return sum(1 for fan in self.fans if fan.room is not None and fan.room.connected)

    def expected(self) -> int:
        """Fans who are in the room or on their way back to it."""
        return sum(1 for fan in self.fans if fan.room is not None and fan.room.lost is None)

    def somebody(self) -> RoomClient | None:
        """Any fan who is connected."""
        rooms = [fan.here for fan in self.fans]
        there = [room for room in rooms if room is not None and room.connected]
        return self._rng.choice(there) if there else None

    async def _bring(self, fan: Fan, show_id: str, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        api = ApiClient(self._url, self._session)
        try:
            await api.guest(fan.name)
        except (ApiProblem, aiohttp.ClientError, TimeoutError) as error:
            logger.warning("demo_fan_not_admitted", error=str(error))
            return
        if fan.room is not None:
            await fan.room.close()
        fan.room = self._client(
            api,
            show_id,
            join_code=self.join_code,
            rng=random.Random(self._rng.getrandbits(64)),
            on_welcome=self._welcomed,
            on_event=self._event,
            on_state=self._on_state,
            fresh_document_on_refusal=True,
        )
        await fan.room.__aenter__()

    def _welcomed(self, welcome: Welcome) -> None:
        self.participants.add(str(welcome.you["participant_id"]))
        self._on_welcome(welcome)
        self._came_in.changed()

    def _event(self, event: EventMessage) -> None:
        if event.seq > self._heard:
            self._heard = event.seq
            self._on_event(event)
