"""The faults, each with the stage that it needs: `loadtests.faults.table` plays them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from loadtests.faults import disturbances as do
from loadtests.faults import poison, processes
from loadtests.faults.disturbances import AWAY_S, CUTS, FAR, FULL_S, SILENT_S, SKEW_S, STOP_S
from loadtests.faults.night import Disturbance
from loadtests.faults.proxy import SLOW_3G
from loadtests.faults.skew import Skew
from loadtests.faults.small_disk import small_disk
from loadtests.faults.stage import Clocks, Special, Stage, set_up


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the table.

    Attributes:
        name: for ``--only``.
        what: in words.
        another_log: rooms' epochs have to change, because nobody could tell that nothing is lost;
            otherwise they must not.
    """

    name: str
    what: str
    disturb: Disturbance
    another_log: bool = False


@dataclass(frozen=True, slots=True)
class Platform:
    """A kind of stage, and the faults that are played on one such.

    Attributes:
        stand: a new stage of the kind.
    """

    stand: Callable[[], AbstractAsyncContextManager[Stage]]
    faults: tuple[Fault, ...]


PLAIN: tuple[Fault, ...] = (
    Fault("web-killed", "web node: kill -9", do.kill_web),
    Fault("web-stopped", f"web node: SIGSTOP for {STOP_S:.0f} s", do.stop_web),
    Fault("worker-killed", "worker: kill -9", do.kill_worker),
    Fault("worker-stopped", f"worker: SIGSTOP for {STOP_S:.0f} s", do.stop_worker),
    Fault("postgres-killed", "PostgreSQL: kill -9, crash recovery", do.killed(do.postgres)),
    Fault("postgres-restarted", "PostgreSQL: fast shutdown and start", do.restart_postgres),
    Fault("postgres-stopped", f"PostgreSQL: SIGSTOP for {SILENT_S:.0f} s", do.stopped(do.postgres)),
    Fault("postgres-away", f"PostgreSQL: killed, absent for {AWAY_S:.0f} s", do.away(do.postgres)),
    Fault("valkey-killed", "Valkey: kill -9, restarted empty", do.killed(do.valkey)),
    Fault("valkey-stopped", f"Valkey: SIGSTOP for {SILENT_S:.0f} s", do.stopped(do.valkey)),
    Fault("valkey-away", f"Valkey: killed, absent for {AWAY_S:.0f} s", do.away(do.valkey)),
    Fault("database-cut", f"node–PostgreSQL: cut for {AWAY_S:.0f} s", do.cut(do.to_database)),
    Fault("database-slow", "node–PostgreSQL: 200 ms, 200 kB/s", do.slow(do.to_database, FAR)),
    Fault(
        "database-half-way",
        f"node–PostgreSQL: cut half-way, {CUTS} times",
        do.half_way(do.to_database),
    ),
    Fault(
        "database-silent",
        f"node–PostgreSQL: black hole, {SILENT_S:.0f} s",
        do.silent(do.to_database),
    ),
    Fault("database-half-open", "node–PostgreSQL: half open", do.half_open(do.to_database)),
    Fault("valkey-cut", f"node–Valkey: cut for {AWAY_S:.0f} s", do.cut(do.to_valkey)),
    Fault("valkey-slow", "node–Valkey: 200 ms, 200 kB/s", do.slow(do.to_valkey, FAR)),
    Fault("valkey-half-way", f"node–Valkey: cut half-way, {CUTS} times", do.half_way(do.to_valkey)),
    Fault("valkey-silent", f"node–Valkey: black hole, {SILENT_S:.0f} s", do.silent(do.to_valkey)),
    Fault("valkey-half-open", "node–Valkey: half open", do.half_open(do.to_valkey)),
    Fault("clients-cut", f"clients–node: cut for {AWAY_S:.0f} s", do.cut(do.to_clients)),
    Fault("clients-slow", "clients–node: 400 ms, 50 kB/s for all", do.slow(do.to_clients, SLOW_3G)),
    Fault(
        "clients-half-way", f"clients–node: cut half-way, {CUTS} times", do.half_way(do.to_clients)
    ),
    Fault(
        "clients-silent", f"clients–node: black hole, {SILENT_S:.0f} s", do.silent(do.to_clients)
    ),
    Fault("clients-half-open", "clients–node: half open", do.half_open(do.to_clients)),
    Fault("job-poisoned", "jobs: unreadable and unknown ones", poison.jobs),
)


@asynccontextmanager
async def _disk(*, mount: bool) -> AsyncIterator[Stage]:
    with small_disk(mount=mount) as disk:
        async with set_up(Special(disk=disk)) as stage:
            yield stage


@asynccontextmanager
async def _clocks() -> AsyncIterator[Stage]:
    folder = processes.data_folder("setroom-clocks-")
    try:
        clocks = Clocks(Skew(folder / "node"), Skew(folder / "postgres"))
        clocks.node.set(-SKEW_S)  # The node starts with a wrong clock.
        async with set_up(Special(clocks=clocks)) as stage:
            yield stage
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_MINUTES = f"{SKEW_S / 60:.0f} min"

CLOCKS: tuple[Fault, ...] = (
    Fault(
        "node-behind",
        f"node's clock {_MINUTES} behind from its start, then put right",
        do.jump(do.of_node, -SKEW_S),
    ),
    Fault(
        "node-ahead",
        f"node's clock jumps {_MINUTES} ahead and back",
        do.jump(do.of_node, SKEW_S),
    ),
    Fault(
        "postgres-ahead",
        f"PostgreSQL's clock jumps {_MINUTES} ahead and back",
        do.jump(do.of_postgres, SKEW_S),
    ),
    Fault(
        "postgres-behind",
        f"PostgreSQL's clock jumps {_MINUTES} back and ahead again",
        do.jump(do.of_postgres, -SKEW_S),
    ),
)

PLATFORMS: tuple[Platform, ...] = (
    Platform(set_up, PLAIN),
    Platform(
        lambda: set_up(Special(standby="listed")),
        (
            Fault(
                "standby-promoted",
                "PostgreSQL: primary kill -9, its synchronous standby promoted; nodes know both",
                do.primary_killed,
                another_log=True,
            ),
        ),
    ),
    Platform(
        lambda: set_up(Special(standby="behind one address")),
        (
            Fault(
                "address-moved",
                "PostgreSQL: the same; nodes know one address, which moves",
                do.primary_killed,
                another_log=True,
            ),
        ),
    ),
    Platform(
        lambda: set_up(Special(standby="listed")),
        (
            Fault(
                "primary-returns",
                "PostgreSQL: primary SIGSTOP, standby promoted, the old one comes back and stays",
                do.primary_returns,
                another_log=True,
            ),
        ),
    ),
    Platform(
        lambda: _disk(mount=True),
        (
            Fault(
                "disk-full",
                f"PostgreSQL: disk full for {FULL_S:.0f} s (a tmpfs of 160 MiB, filled by a file)",
                do.full_disk,
            ),
        ),
    ),
    Platform(
        lambda: _disk(mount=False),
        (
            Fault(
                "disk-full-preloaded",
                f"PostgreSQL: disk full for {FULL_S:.0f} s (a preloaded library that says ENOSPC "
                "to files that would grow)",
                do.full_disk,
            ),
        ),
    ),
    Platform(_clocks, CLOCKS),
)
"""Every kind of stage, in the table's order."""
