"""Whether the load generator itself was what was measured."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from loadtests.kit.recorder import LATE_S
from loadtests.kit.timeline import Generator

CPU_SHARE_MAX = 0.85
"""Of one core, on average: a process above has no time left for what comes next."""

LAG_P99_S_MAX = 0.1
"""A loop that wakes up so late measures itself: every latency holds that much of its own."""

LATE_SHARE_MAX = 0.05
"""Of all sends, how many may begin more than `LATE_S` after they were due."""

WALL_S_MIN = 2.0
"""Shorter runs say nothing about shares."""


class GeneratorUse(Struct, frozen=True):
    """One generator process over the measured time.

    Attributes:
        cpu_share: of one core, on average.
        cpu_share_max: over the busiest second.
        loop_lag_ms_p99: how late its own loop woke up.
        late_share: of its sends, how many began late.
        rss_bytes: its largest resident memory.
    """

    number: int
    cpu_share: float
    cpu_share_max: float
    loop_lag_ms_p99: float
    loop_lag_ms_max: float
    sends: int
    late_share: float
    rss_bytes: int


class Bottleneck(Struct, frozen=True):
    """Whether the generator was the bottleneck, and why."""

    was: bool
    reasons: list[str]


def use_of(generators: Mapping[int, Generator]) -> list[GeneratorUse]:
    """What each process used."""
    return [
        GeneratorUse(
            number=number,
            cpu_share=round(one.share, 4),
            cpu_share_max=round(one.busiest, 4),
            loop_lag_ms_p99=round(one.lag.quantile_s(0.99) * 1e3, 3),
            loop_lag_ms_max=round(one.lag.max_us / 1e3, 3),
            sends=one.late.count,
            late_share=round(one.late_share, 5),
            rss_bytes=one.rss_bytes,
        )
        for number, one in sorted(generators.items())
    ]


def judge(generators: Mapping[int, Generator]) -> Bottleneck:
    """Whether any process had no time left, or was given none."""
    reasons = []
    for number, one in sorted(generators.items()):
        if one.wall_s < WALL_S_MIN:
            continue
        if one.share > CPU_SHARE_MAX:
            reasons.append(
                f"process {number} used {one.share:.0%} of a core (limit {CPU_SHARE_MAX:.0%})"
            )
        lag_s = one.lag.quantile_s(0.99)
        if lag_s > LAG_P99_S_MAX:
            reasons.append(
                f"process {number}'s own loop woke up {lag_s * 1e3:.0f} ms late at p99"
                f" (limit {LAG_P99_S_MAX * 1e3:.0f} ms)"
            )
        if one.late_share > LATE_SHARE_MAX:
            reasons.append(
                f"process {number} began {one.late_share:.0%} of its sends more than"
                f" {LATE_S * 1e3:.0f} ms late (limit {LATE_SHARE_MAX:.0%})"
            )
    return Bottleneck(bool(reasons), reasons)
