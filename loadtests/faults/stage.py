"""Everything that a fault happens to: stores, two web nodes and a worker, and lines between them.

::

    clients ── line ── first  ─┐                ┌─ line ── PostgreSQL
    clients ── line ── second ─┼── each node ───┤       (and its standby, if there is one)
                       worker ─┘                └─ line ── Valkey

Every line is a `FaultProxy`. Whatever ends is started again by whoever minds it, as a service
manager would; nobody else lends a hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import aiohttp
import psutil

from loadtests.faults import processes
from loadtests.faults.own_stores import OwnPostgres, OwnValkey
from loadtests.faults.processes import Command
from loadtests.faults.proxy import FaultProxy
from loadtests.faults.skew import Skew
from loadtests.faults.small_disk import SmallDisk
from loadtests.faults.standby import OwnStandby, Pair
from loadtests.sms import signing
from loadtests.sms.carrier import Carrier, running_carrier
from loadtests.wire.api import open_session

MIND_S = 0.1
RESTART_AFTER_S = 0.5
MIGRATE_TIMEOUT_S = 120.0
READY_TIMEOUT_S = 180.0


class Minder:
    """Starts a command again when it ends."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.restarts = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on."""
        self.command.launch()
        self._task = asyncio.create_task(self._mind())

    async def stop(self) -> None:
        """Ends the command for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(ProcessLookupError):
            self.command.resume()
        await self.command.stop()

    async def _mind(self) -> None:
        while True:
            await asyncio.sleep(MIND_S)
            if not self.runs:
                await asyncio.sleep(RESTART_AFTER_S)
                self.restarts += 1
                self.command.launch()

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        try:
            return psutil.Process(self.command.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True, slots=True)
class Clocks:
    """Clocks that are moved by hand: of the second web node, and of PostgreSQL."""

    node: Skew
    postgres: Skew


@dataclass(frozen=True, slots=True)
class Special:
    """What some faults need beside the usual.

    Attributes:
        standby: a synchronous one; nodes know both hosts (``listed``), or an address that moves.
    """

    disk: SmallDisk | None = None
    clocks: Clocks | None = None
    standby: Literal["listed", "behind one address"] | None = None
    postgres_settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seat:
    """One web node with its lines."""

    minder: Minder
    clients: FaultProxy
    database: FaultProxy
    carrier: FaultProxy
    """To Valkey."""

    @property
    def node(self) -> Command:
        """The node's process."""
        return self.minder.command

    @property
    def url(self) -> str:
        """Its address, by way of its line."""
        return self.clients.url


@dataclass(frozen=True, slots=True)
class Stage:
    """What faults are played on."""

    folder: Path
    postgres: OwnPostgres
    valkey: OwnValkey
    seats: tuple[Seat, ...]
    worker: Minder
    session: aiohttp.ClientSession
    texts: Carrier
    special: Special
    pair: Pair | None = None

    @property
    def database_url(self) -> str:
        """Of the server that may be written to now, past every line."""
        return self.postgres.url if self.pair is None else self.pair.url

    @property
    def minders(self) -> list[Minder]:
        """Of the nodes and the worker."""
        return [*(seat.minder for seat in self.seats), self.worker]

    async def ready(self) -> None:
        """Waits until both nodes say that they can serve."""
        for seat in self.seats:
            await seat.node.ready(READY_TIMEOUT_S)


async def _migrate(variables: Mapping[str, str], log: Path) -> None:
    command = Command(["migrate"], 0, log, variables)
    command.launch()
    async with asyncio.timeout(MIGRATE_TIMEOUT_S):
        while Minder(command).runs:  # noqa: ASYNC110 another process
            await asyncio.sleep(0.1)
    if await command.stop() != 0:
        raise processes.ServerFailed(command.tail())


@asynccontextmanager
async def set_up(special: Special | None = None) -> AsyncIterator[Stage]:
    """A stage in a folder of its own, which goes with it."""
    wanted = special or Special()
    folder = processes.data_folder("setroom-faults-")
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres, valkey = _primary(folder / "postgres", wanted), OwnValkey(folder / "valkey")
        for store in (postgres, valkey):
            stack.push_async_callback(store.stop)
            await store.start()
        texts = await stack.enter_async_context(running_carrier(1))
        common = {"SETROOM_SECRET_KEY": secrets.token_hex(32), **signing.settings(texts.url)}
        direct = common | {
            "SETROOM_DATABASE_URL": postgres.url,
            "SETROOM_REDIS_URL": valkey.url,
        }
        await _migrate(direct, folder / "migrate.log")
        pair = await _standby(stack, folder, postgres, wanted)
        clocks = wanted.clocks
        seats = []
        for name in ("first", "second"):
            own = clocks.node.environment if clocks and name == "second" else {}
            seats.append(
                await _seat(stack, name, folder, pair or postgres, valkey, {**common, **own})
            )
        worker = Minder(
            processes.worker(
                pair.addresses(pair.line.url) if pair else postgres.url,
                valkey.url,
                folder / "worker.log",
                secret_key=common["SETROOM_SECRET_KEY"],
                environment=common,
            )
        )
        stack.push_async_callback(worker.stop)
        worker.start()
        session = await stack.enter_async_context(open_session())
        stage = Stage(folder, postgres, valkey, tuple(seats), worker, session, texts, wanted, pair)
        await stage.ready()
        yield stage


def _primary(folder: Path, wanted: Special) -> OwnPostgres:
    environment: dict[str, str] = {}
    if wanted.disk is not None:
        environment |= wanted.disk.environment
    if wanted.clocks is not None:
        environment |= wanted.clocks.postgres.environment
    return OwnPostgres(
        folder,
        data=wanted.disk.data if wanted.disk else None,
        environment=environment,
        settings=wanted.postgres_settings,
    )


async def _standby(
    stack: AsyncExitStack, folder: Path, postgres: OwnPostgres, wanted: Special
) -> Pair | None:
    if wanted.standby is None:
        return None
    standby = OwnStandby(folder / "standby", postgres)
    stack.push_async_callback(standby.stop)
    await standby.start()
    address = None
    if wanted.standby == "behind one address":
        address = await stack.enter_async_context(FaultProxy(postgres.url))
    pair = Pair(postgres, standby, address)
    await pair.follow()
    return pair


async def _seat(
    stack: AsyncExitStack,
    name: str,
    folder: Path,
    postgres: OwnPostgres | Pair,
    valkey: OwnValkey,
    variables: Mapping[str, str],
) -> Seat:
    pair = postgres if isinstance(postgres, Pair) else None
    line = postgres.line if isinstance(postgres, Pair) else postgres
    database = await stack.enter_async_context(FaultProxy(line.url))
    carrier = await stack.enter_async_context(FaultProxy(valkey.url))
    minder = Minder(
        processes.serve(
            pair.addresses(database.url) if pair else database.url,
            carrier.url,
            folder / f"{name}.log",
            name=name,
            secret_key=variables["SETROOM_SECRET_KEY"],
            environment=variables,
        )
    )
    stack.push_async_callback(minder.stop)
    minder.start()
    clients = await stack.enter_async_context(FaultProxy(minder.command.url))
    return Seat(minder, clients, database, carrier)
