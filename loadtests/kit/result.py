"""What a run came to: the JSON that ``--json`` writes, its schema with a version.

The schema is generated from these structs (``python -m loadtests schema``); it lies in
``docs/schemas/load-result.schema.json``. Fields are only ever added within a version.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from loadtests.kit.bottleneck import Bottleneck, GeneratorUse
from loadtests.kit.histogram import Histogram
from loadtests.kit.scenario import Check
from loadtests.kit.timeline import Timeline
from loadtests.kit.trend import Trend
from loadtests.kit.watch import Sample

SCHEMA_VERSION = 1
SHARES = (0.5, 0.9, 0.99, 0.999)

Milliseconds = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0)]


class Latency(Struct, frozen=True):
    """A distribution of durations, in milliseconds."""

    mean: Milliseconds
    p50: Milliseconds
    p90: Milliseconds
    p99: Milliseconds
    p999: Milliseconds
    max: Milliseconds


class Operation(Struct, frozen=True):
    """One kind of operation over the measured time.

    Attributes:
        what: in words.
        count: that succeeded.
        per_second: over the time from its first to its last, in whole intervals.
        errors: counts by code, those before the start included.
        histogram: pairs of bucket and count; `loadtests.kit.histogram.middle_of` gives the
            middle of a bucket in microseconds.
    """

    name: str
    what: str
    count: Annotated[int, Meta(ge=0)]
    per_second: Share
    latency_ms: Latency
    errors: dict[str, int]
    histogram: list[tuple[int, int]]


class Point(Struct, frozen=True):
    """One operation in one moment."""

    per_second: Share
    p50_ms: Milliseconds
    p99_ms: Milliseconds
    max_ms: Milliseconds
    errors: int


class MomentPoint(Struct, frozen=True):
    """One moment of all operations, and the share of a core of each generator process."""

    at_s: float
    operations: dict[str, Point]
    generator_cpu: dict[str, Share]


class Machine(Struct, frozen=True):
    """Where generator (and an own server) ran."""

    cores: int
    python: str
    platform: str
    load_before: float
    load_after: float


class Target(Struct, frozen=True):
    """What was under load."""

    url: str
    own_server: bool
    measured_by: str
    """Where memory and CPU come from; empty: they are not known."""
    not_measured_because: str


class Growth(Struct, frozen=True):
    """Memory of one role over time, after the warm-up (Theil-Sen).

    Attributes:
        trend: in bytes; of a role of several processes what one holds, times `processes`.
        processes: the role's median number of processes.
        highest_mib: in the first and in the second half of the time.
    """

    role: str
    trend: Trend
    mib_per_hour: float
    bound_mib_per_hour: float
    grows: bool
    processes: int = 1
    highest_mib: tuple[float, float] = (0.0, 0.0)


class Result(Struct, frozen=True):
    """One run."""

    schema_version: Literal[1]
    scenario: str
    title: str
    seed: int
    options: dict[str, Any]
    started_at: str
    seconds: float
    machine: Machine
    target: Target
    operations: list[Operation]
    counters: dict[str, int]
    figures: dict[str, float]
    interval_s: float
    timeline: list[MomentPoint]
    generators: list[GeneratorUse]
    bottleneck: Bottleneck
    server: list[Sample]
    growth: list[Growth]
    checks: list[Check]
    verdict: Literal["kept", "broken"]
    notes: list[str]


def latency_of(histogram: Histogram) -> Latency:
    """Percentiles of a histogram."""
    p50, p90, p99, p999 = (round(s * 1e3, 3) for s in histogram.quantiles_s(SHARES))
    return Latency(
        mean=round(histogram.mean_s * 1e3, 3),
        p50=p50,
        p90=p90,
        p99=p99,
        p999=p999,
        max=histogram.max_us / 1e3,
    )


def operations_of(timeline: Timeline, words: dict[str, str]) -> list[Operation]:
    """All operations, the declared ones first and in their order."""
    seen = {**timeline.total, **{name: Histogram() for name in timeline.errors}}
    seen.update(timeline.total)
    names = [name for name in words if name in seen]
    names += sorted(name for name in seen if name not in words)
    return [
        Operation(
            name=name,
            what=words.get(name, name),
            count=seen[name].count,
            per_second=round(seen[name].count / max(_span_s(timeline, name), 1e-9), 3),
            latency_ms=latency_of(seen[name]),
            errors=dict(timeline.errors.get(name, {})),
            histogram=sorted(seen[name].counts.items()),
        )
        for name in names
    ]


def _span_s(timeline: Timeline, name: str) -> float:
    """Seconds from the first moment in which an operation succeeded to the end of the last."""
    numbers = [number for number, moment in timeline.moments.items() if name in moment.took]
    return (max(numbers) - min(numbers) + 1) * timeline.interval_s if numbers else 1.0


def moments_of(timeline: Timeline) -> list[MomentPoint]:
    """The moments in order."""
    found = []
    for number, moment in sorted(timeline.moments.items()):
        points = {}
        for name in sorted({*moment.took, *moment.errors}):
            histogram = moment.took.get(name, Histogram())
            p50, p99 = histogram.quantiles_s((0.5, 0.99))
            points[name] = Point(
                per_second=round(histogram.count / timeline.interval_s, 3),
                p50_ms=round(p50 * 1e3, 3),
                p99_ms=round(p99 * 1e3, 3),
                max_ms=histogram.max_us / 1e3,
                errors=moment.errors[name],
            )
        cpu = {
            str(process): round(cpu_s / wall_s, 4) if wall_s else 0.0
            for process, (wall_s, cpu_s) in sorted(moment.generator_cpu.items())
        }
        found.append(MomentPoint(number * timeline.interval_s, points, cpu))
    return found


def json_schema() -> dict[str, Any]:
    """The schema of a result (JSON Schema 2020-12)."""
    schema = msgspec.json.schema(Result)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Result of a Setroom load test, version {SCHEMA_VERSION}",
        **schema,
    }
