"""Whether the server's memory grows under a load that does not."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low

from loadtests.kit.result import Growth
from loadtests.kit.scenario import Check, check
from loadtests.kit.trend import TooFew, theil_sen
from loadtests.kit.watch import ROLES, Sample

MIB = 1024 * 1024

SHARE_PER_HOUR_MAX = 0.10
"""Of the median, in an hour: what grows by less doubles in ten hours, longer than any night."""

MIB_PER_HOUR_MIN = 8.0
"""Below this nothing is called growth, however small the process: allocators and caches breathe."""


HIGHER_MAX = 1.10
"""How much higher the second half may reach than the first, where the slope cannot tell."""

SECONDS_MIN = 600.0
"""A shorter look after the warm-up shows caches that fill, not leaks: then nothing is judged."""


def judge(samples: Sequence[Sample], warm_up_s: float) -> list[Growth]:
    """The trend of each role's memory after the warm-up; none where samples are too few.

    PostgreSQL has a process for each connection, whose number follows the pools and their bounds:
    it jumps by ten where everybody comes at once and falls back minutes later. What could grow
    without an end is what one of them holds. So that is judged, times their median number.

    Memory grows where the slope is over its bound and the whole of its interval above zero. A
    sawtooth (connections are replaced after some minutes, and begin with nothing) has a slope at
    random and an interval on both sides of zero: there its teeth must not become higher.
    """
    found = []
    for role in ROLES:
        points = [
            (sample.at_s, sample.roles[role])
            for sample in samples
            if role in sample.roles and sample.at_s >= warm_up_s
        ]
        processes = median_low(one.processes for _, one in points) if points else 1
        values = [one.memory_bytes / one.processes * processes for _, one in points]
        try:
            trend = theil_sen([at for at, _ in points], values)
        except TooFew:
            continue
        bound = max(MIB_PER_HOUR_MIN, SHARE_PER_HOUR_MAX * trend.median / MIB)
        per_hour = trend.slope * 3600 / MIB
        middle = len(values) // 2
        before, after = max(values[:middle]), max(values[middle:])
        grows = per_hour > bound and (trend.low > 0 or after > HIGHER_MAX * before)
        found.append(
            Growth(
                role=role,
                trend=trend,
                mib_per_hour=round(per_hour, 3),
                bound_mib_per_hour=round(bound, 3),
                grows=grows,
                processes=processes,
                highest_mib=(round(before / MIB, 1), round(after / MIB, 1)),
            )
        )
    return found


def checks(found: Sequence[Growth], seconds: float) -> list[Check]:
    """A check for each role; one that fails where nothing could be measured.

    Args:
        found: the trends.
        seconds: that they were taken over; too few make no check.
    """
    if seconds < SECONDS_MIN:
        return []
    if not found:
        return [check("memory is flat", False, "memory could not be measured")]
    return [
        check(
            f"memory of {one.role} is flat",
            not one.grows,
            f"{one.mib_per_hour:+.1f} MiB an hour"
            f" (95 %: {one.trend.low * 3600 / MIB:+.1f} to {one.trend.high * 3600 / MIB:+.1f}),"
            f" median {one.trend.median / MIB:.0f} MiB,"
            f" bound {one.bound_mib_per_hour:.1f} MiB an hour"
            + (f", {one.processes} processes" if one.processes > 1 else "")
            + f", highest {one.highest_mib[0]:.0f} MiB and in the second half"
            f" {one.highest_mib[1]:.0f}",
        )
        for one in found
    ]
