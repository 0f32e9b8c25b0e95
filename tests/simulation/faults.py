"""What goes wrong, and when: faults that begin and end, as the seed says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from rooms import limits
from rooms.compaction import snapshot_of
from tests.simulation.world import SHOW

if TYPE_CHECKING:
    from tests.simulation.night import Night

KINDS = (
    "bus_drop",
    "bus_duplicate",
    "bus_delay",
    "bus_partition",
    "bus_restart",
    "log_partition",
    "log_away",
    "log_slow",
    "unknown_outcome",
    "crash",
    "drain",
    "stall",
    "cut",
    "half_open",
    "slow_reader",
    "offline",
    "reload",
    "clock_jump",
    "epoch",
    "compact",
)
"""Every kind of fault, in a fixed order: a seed's dice are thrown in it."""

QUEUE_BYTES = 1 << 20
"""As in `rooms.limits`: no night fills it."""

CRASHES_MAX = 3
HOT_EVERY = 60
"""While a commit is under way, one step in so many is a node's last."""


class Faults:
    """Plans a night's faults, and ends them."""

    def __init__(self, night: Night, dice: Random) -> None:
        self._night = night
        self._dice = dice
        self._over = False
        self._crashes = 0
        night.loop.before_step = self._dies
        night.crash_points.over = False

    def plan(self) -> None:
        """Puts every fault at its place in the night."""
        night, dice = self._night, self._dice
        if "log_slow" in night.plan.faults:
            self._tell("log_slow", "database", night.plan.slow_s)
        kinds: dict[str, tuple[float, Callable[[], None]]] = {
            "bus_partition": (0.6, self._partition_bus),
            "bus_restart": (0.3, self._restart_bus),
            "log_partition": (0.6, self._partition_log),
            "log_away": (0.4, self._take_log_away),
            "drain": (0.3, self._drain),
            "stall": (0.6, self._stall),
            "cut": (1.5, self._cut),
            "half_open": (0.6, self._silence),
            "slow_reader": (1.0, self._stick),
            "offline": (0.8, self._offline),
            "reload": (0.5, self._reload),
            "clock_jump": (0.5, self._jump),
            "epoch": (0.2, self._restore),
            "compact": (0.5, self._compact),
        }
        for kind, (per_s, happen) in kinds.items():
            if kind not in night.plan.faults:
                continue
            for _ in range(1 + int(dice.random() * per_s * night.plan.busy_s)):
                at = dice.random() * night.plan.busy_s
                night.loop.call_later(at, self._happen, kind, happen)

    def heal(self) -> None:
        """From now on nothing fails."""
        night = self._night
        self._over = night.crash_points.over = True
        night.database.away = night.carrier.away = False
        night.database.faulty = night.carrier.faulty = False
        night.database.cut_off.clear()
        night.carrier.cut_off.clear()
        night.database.slow_s = min(night.database.slow_s, 0.01)
        for site in night.sites:
            if site.process.dead and not site.draining:
                site.start()
        limits.CONNECTION_QUEUE_BYTES_MAX = QUEUE_BYTES  # the night's seal puts it back
        for wire in night.wires:
            wire.stick(False)

    # --- crashes ----------------------------------------------------------------------------

    def _dies(self, process: object) -> bool:
        if process is self._night.crash_points.doomed and not self._over:
            self._night.crash_points.doomed = None
            return self._kill(process)
        every = self._night.plan.crash_every
        if not every or self._over or self._crashes >= CRASHES_MAX:
            return False
        hot = getattr(process, "hot", 0)
        if self._dice.random() * (HOT_EVERY if hot else every) >= 1.0:
            return False
        if not self._kill(process, booting=False):
            return False
        self._crashes += 1
        if hot:
            self._night.story.counts["crash_in_commit"] += 1
        return True

    def _kill(self, process: object, *, booting: bool = True) -> bool:
        """Kills a process and starts another in its place, some time later."""
        for site in self._night.sites:
            if site.process is process and (site.up or booting):
                self._tell("crash", site.process)
                site.crash()
                self._later(site.start, 0.1, 1.5)
                return True
        return False

    # --- the rest ---------------------------------------------------------------------------

    def _happen(self, kind: str, happen: Callable[[], None]) -> None:
        if not self._over:
            happen()

    def _tell(self, kind: str, who: object = "", what: object = "") -> None:
        self._night.story.tell(self._night.loop.now, kind, who, what)

    def _later(self, work: Callable[[], None], least_s: float, most_s: float) -> None:
        def unless_over() -> None:
            if not self._over:
                work()

        self._night.loop.call_later(self._dice.uniform(least_s, most_s), unless_over)

    def _partition_bus(self) -> None:
        site = self._dice.choice(self._night.sites)
        self._tell("bus_partition", site.name)
        self._night.carrier.cut_off.add(site.name)
        self._later(lambda: self._night.carrier.return_to(site.name), 0.2, 2.0)

    def _restart_bus(self) -> None:
        self._tell("bus_restart")
        self._night.carrier.away = True
        self._later(self._night.carrier.return_to, 0.1, 1.5)

    def _partition_log(self) -> None:
        site = self._dice.choice(self._night.sites)
        self._tell("log_partition", site.name)
        self._night.database.cut_off.add(site.name)
        self._later(lambda: self._night.database.cut_off.discard(site.name), 0.1, 1.5)

    def _take_log_away(self) -> None:
        self._tell("log_away")
        self._night.database.away = True
        self._later(lambda: setattr(self._night.database, "away", False), 0.1, 1.2)

    def _drain(self) -> None:
        site = self._dice.choice(self._night.sites)
        if not site.up:
            return
        self._tell("drain", site.process)

        async def restart() -> None:
            await site.drain()
            await asyncio.sleep(0.2)
            if site.process.dead:
                site.start()

        self._night.loop.create_task(restart(), context=self._night.loop.world.context)

    def _stall(self) -> None:
        site = self._dice.choice(self._night.sites)
        for_s = self._dice.choice([0.1, 0.5, 1.5])
        self._tell("stall", site.process, for_s)
        site.process.stalled_until = self._night.loop.now + for_s

    def _cut(self) -> None:
        phone = self._dice.choice(self._night.phones)
        if phone.wire is not None:
            self._tell("cut", phone.name)
            phone.wire.cut()

    def _silence(self) -> None:
        phone = self._dice.choice(self._night.phones)
        if phone.wire is not None:
            self._tell("half_open", phone.name)
            phone.wire.fall_silent()

    def _stick(self) -> None:
        phone = self._dice.choice(self._night.phones)
        wire = phone.wire
        if wire is not None:
            self._tell("slow_reader", phone.name)
            wire.stick(True)
            self._later(lambda: wire.stick(False), 0.3, 2.0)

    def _offline(self) -> None:
        """One is away for a while; or all for a moment, and come back together."""
        if self._dice.random() < 0.4:
            self._tell("offline", "everybody")
            for phone in self._night.phones:
                phone.lose_signal(self._dice.uniform(0.05, 0.3))
            return
        phone = self._dice.choice(self._night.phones)
        self._tell("offline", phone.name)
        phone.lose_signal(self._dice.uniform(0.2, 1.0))

    def _reload(self) -> None:
        phone = self._dice.choice(self._night.phones)
        self._tell("reload", phone.name)
        phone.reload()

    def _jump(self) -> None:
        site = self._dice.choice(self._night.sites)
        by_s = self._dice.choice([-3.0, -0.7, 0.7, 3.0])
        self._tell("clock_jump", site.name, by_s)
        was = site.clock.skew_s
        site.clock.skew_s = was + by_s
        self._later(lambda: setattr(site.clock, "skew_s", was), 0.2, 1.5)

    def _restore(self) -> None:
        """The same log under another name: what clients and nodes know of places is void."""
        self._tell("epoch")
        log = self._night.database.log
        log.epoch_base = f"{log.epoch_base}+"

    def _compact(self) -> None:
        room = self._night.database.log.room(SHOW.show_id)
        self._tell("compact", "database", room.head.seq)
        room.snapshot = snapshot_of(room.record("epoch"))
