"""Every process says every five seconds that it is there, and how it is doing."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg
import psutil
import structlog

from rooms.node import Node
from rooms.operations.nodes import REPORT_EVERY_S, Kind, NodeReport
from rooms.ports import Clock
from server.operations.loop_lag import LoopLag
from server.operations.sampling import RoomSamples, milliseconds
from server.version import VERSION
from storage.ids import uuid7
from storage.operations.nodes import PostgresNodes

SAY_TIMEOUT_S: Final = 3.0
LEAVE_TIMEOUT_S: Final = 1.0

Report = Callable[[], Awaitable[NodeReport]]

log = structlog.get_logger(__name__)


class NodeReporting:
    """Writes one process's row until it ends, and takes it away then.

    A database that is away costs one warning per outage and nothing else.
    """

    def __init__(self, nodes: PostgresNodes, node_id: str, report: Report) -> None:
        self._nodes = nodes
        self._node_id = node_id
        self._report = report
        self._away = False
        self._soon = asyncio.Event()

    def soon(self) -> None:
        """Something changed that operators look for: says so now."""
        self._soon.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                await self.say()
                self._soon.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REPORT_EVERY_S):
                        await self._soon.wait()
        finally:
            await self._leave()

    async def say(self) -> None:
        """Once. Raises nothing that the stores can cause."""
        try:
            async with asyncio.timeout(SAY_TIMEOUT_S):
                await self._nodes.say(await self._report())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if not self._away:
                log.warning("node_not_reported", error=type(error).__name__)
            self._away = True
            return
        self._away = False

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(LEAVE_TIMEOUT_S):
                await self._nodes.leave(self._node_id)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pass  # its row falls silent and is forgotten


def web_report(
    name: str,
    node: Node,
    samples: RoomSamples,
    lag: LoopLag,
    clock: Clock,
    draining: Callable[[], bool],
) -> Report:
    """What a web node says of itself. Takes the samples that ``/metrics`` tells as well."""
    process, started_at = psutil.Process(os.getpid()), clock.now()

    async def report() -> NodeReport:
        await samples.take()
        doors = [room.hub.doors() for room in node.rooms]
        return NodeReport(
            node_id=node.node_id,
            name=name,
            kind=Kind.WEB,
            version=VERSION,
            started_at=started_at,
            draining=draining(),
            connections=sum(one.socket + one.stream + one.poll for one in doors),
            rooms=len(doors),
            rss_bytes=process.memory_info().rss,
            loop_lag_ms=milliseconds(lag.seconds) or 0.0,
            queue_bytes=samples.queue_bytes,
            lag_events=max((room.lag for room in node.rooms), default=0),
            turn_ms_p50=milliseconds(samples.turn_s_p50),
            turn_ms_p99=milliseconds(samples.turn_s_p99),
            bus="away" if bus_is_away(node) else "ok",
            busiest=samples.busiest,
        )

    return report


class WorkerReporting:
    """The same for a worker, which has jobs instead of rooms."""

    def __init__(
        self, name: str, pool: asyncpg.Pool[Any], clock: Clock, running: Callable[[], int]
    ) -> None:
        self._name = name
        self._node_id = str(uuid7())
        self._started_at = clock.now()
        self._running = running
        self._lag = LoopLag()
        self._process = psutil.Process(os.getpid())
        self._said = NodeReporting(PostgresNodes(pool), self._node_id, self._report)

    async def run(self) -> None:
        """Until it is cancelled."""
        self._lag.start()
        try:
            await self._said.run()
        finally:
            self._lag.stop()

    async def _report(self) -> NodeReport:
        return NodeReport(
            node_id=self._node_id,
            name=self._name,
            kind=Kind.WORKER,
            version=VERSION,
            started_at=self._started_at,
            jobs=self._running(),
            rss_bytes=self._process.memory_info().rss,
            loop_lag_ms=milliseconds(self._lag.seconds) or 0.0,
        )


def bus_is_away(node: Node) -> bool:
    """Whether other nodes cannot be heard, or not be told; a bus in memory is never away."""
    return bool(getattr(node.bus, "is_away", False))
