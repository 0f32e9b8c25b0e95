"""The faults, each with the stage that it needs: `loadtests.faults.table` plays them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from loadtests.faults import disturbances as do
from loadtests.faults import poison, processes
from loadtests.faults.disturbances import AWAY_S, CUTS, FAR, FULL_S, SILENT_S, SKEW_S, STOP_S
from loadtests.faults.night import Disturbance
from loadtests.faults.proxy import SLOW_3G
from loadtests.faults.skew import Skew
from loadtests.faults.small_disk import small_disk
from loadtests.faults.stage import Stage, set_up


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the table.

    Attributes:
        name: for ``--only``.
        what: in words.
    """

    name: str
    what: str
    disturb: Disturbance


@dataclass(frozen=True, slots=True)
class Platform:
    """A stage and what its faults need."""

    stage: Stage
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
async def _plain() -> AsyncIterator[Platform]:
    async with set_up() as stage:
        yield Platform(stage, PLAIN)


@asynccontextmanager
async def _disk(*, mount: bool) -> AsyncIterator[Platform]:
    with small_disk(mount=mount) as disk:
        async with set_up(postgres_environment=disk.environment, postgres_data=disk.data) as stage:
            name = "disk-full" if mount else "disk-full-preloaded"
            what = f"PostgreSQL: disk full for {FULL_S:.0f} s ({disk.how})"
            yield Platform(stage, (Fault(name, what, do.full_disk(disk.fill, disk.free)),))


@asynccontextmanager
async def _clocks() -> AsyncIterator[Platform]:
    folder = processes.data_folder("setroom-clocks-")
    of_node, of_postgres = Skew(folder / "node"), Skew(folder / "postgres")
    of_node.set(-SKEW_S)  # The node starts with a wrong clock.
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stage = await stack.enter_async_context(
            set_up(
                postgres_environment=of_postgres.environment,
                node_environment=of_node.environment,
            )
        )
        minutes = SKEW_S / 60
        yield Platform(
            stage,
            (
                Fault(
                    "node-behind",
                    f"node's clock {minutes:.0f} min behind from its start, then put right",
                    do.jump(of_node, -SKEW_S),
                ),
                Fault(
                    "node-ahead",
                    f"node's clock jumps {minutes:.0f} min ahead and back",
                    do.jump(of_node, SKEW_S),
                ),
                Fault(
                    "postgres-ahead",
                    f"PostgreSQL's clock jumps {minutes:.0f} min ahead and back",
                    do.jump(of_postgres, SKEW_S),
                ),
                Fault(
                    "postgres-behind",
                    f"PostgreSQL's clock jumps {minutes:.0f} min back and ahead again",
                    do.jump(of_postgres, -SKEW_S),
                ),
            ),
        )


PLATFORMS = {
    "plain": _plain,
    "disk": lambda: _disk(mount=True),
    "disk-preloaded": lambda: _disk(mount=False),
    "clocks": _clocks,
}
"""Every kind of stage, in the table's order."""


NAMES = {
    "plain": tuple(fault.name for fault in PLAIN),
    "disk": ("disk-full",),
    "disk-preloaded": ("disk-full-preloaded",),
    "clocks": ("node-behind", "node-ahead", "postgres-ahead", "postgres-behind"),
}
"""Its faults, known before it stands."""
