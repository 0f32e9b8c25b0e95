"""What is done to a stage, each for a while; every one returns when it was over."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from loadtests.faults.night import Disturbance
from loadtests.faults.proxy import FaultProxy, Shape, Way
from loadtests.faults.skew import Skew
from loadtests.faults.stage import Clocks, Stage
from loadtests.faults.standby import Pair
from loadtests.faults.stores import Store

STOP_S = 8.0
AWAY_S = 8.0
FULL_S = 6.0
SILENT_S = 12.0
"""Longer than any call may take."""
NOTICED_S = 1.0
"""Until whoever minds a primary and its standby believes that the primary is gone. Managers take
longer: that is theirs to set."""
CUTS = 12
"""Breaks half-way, one after the other."""
CUT_BYTES = (1, 4_000)
CUT_EVERY_S = 0.5
SKEW_S = 180.0
SKEWED_S = 12.0

FAR = Shape(down=200_000, up=200_000, rtt_s=0.2)
"""A database in another part of the world, on a thin line."""


def _now() -> float:
    return time.monotonic()


# --- processes --------------------------------------------------------------------------------


async def kill_web(stage: Stage) -> float:
    """The second node, ``kill -9``."""
    await stage.seats[1].node.kill_family()
    return _now()


async def stop_web(stage: Stage) -> float:
    """The second node, SIGSTOP."""
    node = stage.seats[1].node
    node.pause()
    await asyncio.sleep(STOP_S)
    node.resume()
    return _now()


async def kill_worker(stage: Stage) -> float:
    """The worker, ``kill -9``."""
    await stage.worker.command.kill_family()
    return _now()


async def stop_worker(stage: Stage) -> float:
    """The worker, SIGSTOP."""
    stage.worker.command.pause()
    await asyncio.sleep(STOP_S)
    stage.worker.command.resume()
    return _now()


def killed(store: Callable[[Stage], Store]) -> Disturbance:
    """``kill -9`` of a store, which is started again half a second later."""

    async def disturb(stage: Stage) -> float:
        await store(stage).kill()
        return _now()

    return disturb


def stopped(store: Callable[[Stage], Store]) -> Disturbance:
    """SIGSTOP: connections stay open, new ones are accepted by the kernel, nothing is said."""

    async def disturb(stage: Stage) -> float:
        store(stage).pause()
        await asyncio.sleep(SILENT_S)
        store(stage).resume()
        return _now()

    return disturb


def away(store: Callable[[Stage], Store]) -> Disturbance:
    """Killed, and not there for a while: connections are refused."""

    async def disturb(stage: Stage) -> float:
        store(stage).leave_down()
        await store(stage).kill()
        await asyncio.sleep(AWAY_S)
        store(stage).mind_again()
        return _now()

    return disturb


async def restart_postgres(stage: Stage) -> float:
    """Asked to end (clients are disconnected), and started again: an upgrade, a failover."""
    stage.postgres.fast_shutdown()
    while stage.postgres.processes:
        await asyncio.sleep(0.05)
        if stage.postgres.has_ended:
            break
    return _now()


def postgres(stage: Stage) -> Store:
    """The database."""
    return stage.postgres


def valkey(stage: Stage) -> Store:
    """The carrier."""
    return stage.valkey


# --- another server takes over ------------------------------------------------------------------


async def primary_killed(stage: Stage) -> float:
    """The primary is gone for good; whoever minds the two notices and promotes the standby."""
    pair = _pair(stage)
    pair.primary.leave_down()
    await pair.primary.kill()
    killed_at = _now()
    await asyncio.sleep(NOTICED_S)
    await pair.fail_over()
    return killed_at


async def primary_returns(stage: Stage) -> float:
    """The primary stands still, its standby is promoted, and the old one comes back, to stay.

    It still believes that it is the primary, and takes connections. Its commits wait for a standby
    that follows it no longer.
    """
    pair = _pair(stage)
    pair.primary.pause()
    await asyncio.sleep(NOTICED_S)
    await pair.fail_over()
    await asyncio.sleep(STOP_S)
    pair.primary.resume()
    return _now()


def _pair(stage: Stage) -> Pair:
    if stage.pair is None:
        raise RuntimeError("a stage with a standby")
    return stage.pair


# --- lines ------------------------------------------------------------------------------------

Line = Callable[[Stage], FaultProxy]


def to_database(stage: Stage) -> FaultProxy:
    """The second node's line to the database."""
    return stage.seats[1].database


def to_valkey(stage: Stage) -> FaultProxy:
    """The second node's line to Valkey."""
    return stage.seats[1].carrier


def to_clients(stage: Stage) -> FaultProxy:
    """The second node's line to its clients."""
    return stage.seats[1].clients


def cut(line: Line) -> Disturbance:
    """Connections are reset and new ones refused."""

    async def disturb(stage: Stage) -> float:
        line(stage).cut()
        await asyncio.sleep(AWAY_S)
        line(stage).mend()
        return _now()

    return disturb


def slow(line: Line, shape: Shape) -> Disturbance:
    """Everything arrives, late."""

    async def disturb(stage: Stage) -> float:
        line(stage).shape(shape)
        await asyncio.sleep(AWAY_S)
        line(stage).mend()
        return _now()

    return disturb


def silent(line: Line) -> Disturbance:
    """A black hole: connections stay, new ones are accepted, nothing passes."""

    async def disturb(stage: Stage) -> float:
        line(stage).silence()
        await asyncio.sleep(SILENT_S)
        line(stage).mend()
        return _now()

    return disturb


def half_open(line: Line) -> Disturbance:
    """The far sides are gone and the near ones are not told."""

    async def disturb(stage: Stage) -> float:
        line(stage).half_open()
        return _now()

    return disturb


def half_way(line: Line) -> Disturbance:
    """Broken in the middle of a frame, a statement or a body, again and again, either way."""

    async def disturb(stage: Stage) -> float:
        rng = random.Random(7)
        for number in range(CUTS):
            way = Way.UP if number % 2 else Way.DOWN
            line(stage).cut_after(rng.randint(*CUT_BYTES), way)
            await asyncio.sleep(CUT_EVERY_S)
        line(stage).mend()
        return _now()

    return disturb


# --- disks and clocks -------------------------------------------------------------------------


async def full_disk(stage: Stage) -> float:
    """Nothing fits any more, and later it does."""
    disk = stage.special.disk
    if disk is None:
        raise RuntimeError("a stage with a small disk")
    disk.fill()
    await asyncio.sleep(FULL_S)
    disk.free()
    return _now()


def of_node(clocks: Clocks) -> Skew:
    """The second node's clock."""
    return clocks.node


def of_postgres(clocks: Clocks) -> Skew:
    """The database's clock."""
    return clocks.postgres


def jump(which: Callable[[Clocks], Skew], seconds: float) -> Disturbance:
    """A clock that is wrong from one moment to the next, and is put right later."""

    async def disturb(stage: Stage) -> float:
        if stage.special.clocks is None:
            raise RuntimeError("a stage with clocks of its own")
        skew = which(stage.special.clocks)
        skew.set(seconds)
        await asyncio.sleep(SKEWED_S)
        skew.set(0.0)
        return _now()

    return disturb
