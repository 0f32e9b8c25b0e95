"""What a seed makes of a night: how large it is, and which faults there are, how often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tests.simulation.faults import KINDS, QUEUE_BYTES


@dataclass(frozen=True)
class Plan:
    """A night before it happens.

    Attributes:
        faults: kinds of fault that happen, of `tests.simulation.faults.KINDS`.
        busy_s: how long people do things, in seconds.
        acts: things that each of them does.
        edits: share of these that are edits of the setlist.
        loses, doubles, delays: share of the bus's messages that are lost, come twice, come late
            (and so out of order).
        unknown: share of appends whose outcome the caller does not learn.
        tick_s: things happen at multiples of it; 0: whenever.
        slow_s: how long a call of the log takes at most, one way.
        shuffles: share of steps that run out of their process's order.
        crash_every: one step in so many is a process's last; far fewer where a commit is under way.
        queue_bytes: bound of a connection's queue.
        skew_s: how wrong nodes' clocks are at most.
        fallback: nodes whose server has no fast egress.
        seconds: so many of the fans have a second device, and take part with both.
        rush: votes that each device gives in one of the moments in which everybody votes at once.
    """

    seed: int
    nodes: int
    fans: int
    busy_s: float
    acts: int
    edits: float
    faults: frozenset[str]
    loses: float
    doubles: float
    delays: float
    unknown: float
    tick_s: float
    slow_s: float
    shuffles: float
    crash_every: int
    queue_bytes: int
    skew_s: float
    fallback: frozenset[int]
    seconds: int = 0
    rush: int = 0

    def without(self, kinds: frozenset[str]) -> Plan:
        """The same night with fewer kinds of fault."""
        return replace(self, faults=self.faults - kinds).consistent()

    def consistent(self) -> Plan:
        """Without the amounts of faults that do not happen."""
        has = self.faults.__contains__
        return replace(
            self,
            loses=self.loses if has("bus_drop") else 0.0,
            doubles=self.doubles if has("bus_duplicate") else 0.0,
            delays=self.delays if has("bus_delay") else 0.0,
            unknown=self.unknown if has("unknown_outcome") else 0.0,
            slow_s=self.slow_s if has("log_slow") else min(self.slow_s, 0.1),
            crash_every=self.crash_every if has("crash") else 0,
            queue_bytes=self.queue_bytes if has("slow_reader") else QUEUE_BYTES,
        )

    @property
    def calm(self) -> bool:
        """Whether the log is always there and clocks are right: then nothing excuses a vote that
        came in time and was not counted, however many slow calls its turn takes."""
        if self.faults & DISTURBING:
            return False
        # What clocks differ by, and one call to hold the round, have to fit into the margin.
        return self.slow_s <= 0.05 or (self.slow_s <= CALL_S_MAX and self.skew_s <= 0.05)


SECOND_DEVICES = 0.3
"""Share of nights in which somebody has two."""

DISTURBING = frozenset(
    {"log_partition", "log_away", "unknown_outcome", "stall", "clock_jump", "epoch"}
)
"""What may keep a node from its log for longer than a round's margin."""

CALL_S_MAX = 0.25
"""One way. Calls that take longer are failures: so long the log lets no transaction wait."""


def plan_of(seed: int) -> Plan:
    """The night of a seed."""
    dice = Random(f"plan {seed}")
    long = seed % 200 == 199
    quiet = dice.random() < 0.25
    share = 0.15 if quiet else dice.choice([0.3, 0.5, 0.8])
    faults = frozenset(kind for kind in KINDS if dice.random() < share)
    if dice.random() < 0.25:
        faults -= DISTURBING
    nodes = dice.choice([1, 2, 2, 2, 3]) if not long else dice.choice([3, 4])
    return Plan(
        seed=seed,
        nodes=nodes,
        fans=dice.choice([1, 1, 2, 2, 3]) if not long else dice.choice([5, 8]),
        busy_s=dice.choice([1.5, 2.0, 2.5]) if not long else 12.0,
        acts=dice.choice([3, 4, 6, 8]) if not long else 30,
        edits=dice.choice([0.1, 0.3, 0.6]),
        faults=faults,
        loses=dice.choice([0.05, 0.3, 1.0]) if "bus_drop" in faults else 0.0,
        doubles=0.2 if "bus_duplicate" in faults else 0.0,
        delays=0.3 if "bus_delay" in faults else 0.0,
        unknown=dice.choice([0.05, 0.2, 0.5]) if "unknown_outcome" in faults else 0.0,
        tick_s=dice.choice([0.0, 0.0, 0.01, 0.05]),
        slow_s=dice.choice([0.002, 0.01, 0.05, 0.1]) if "log_slow" not in faults else 0.4,
        shuffles=dice.choice([0.0, 0.0, 0.2]),
        crash_every=dice.choice([600, 2000]) if "crash" in faults else 0,
        queue_bytes=dice.choice([1_500, 3_000, 6_000]) if "slow_reader" in faults else QUEUE_BYTES,
        skew_s=dice.choice([0.05, 0.3]),
        fallback=frozenset(n for n in range(nodes) if dice.random() < 0.2),
        seconds=1 if Random(f"devices {seed}").random() < SECOND_DEVICES else 0,
        rush=Random(f"rush {seed}").choice([0, 0, 4, 8]),
    )
