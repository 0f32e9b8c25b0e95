"""The queues and jobs as Prometheus sees them.

Workers have no HTTP: they count in Redis, in the step that settles a job, and every web node
tells what is there. So each node says the same of all workers together: take ``max`` over nodes,
not ``sum`` (docs/operations.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from rooms.operations.dead_letters import Source
from rooms.operations.priorities import SECONDS
from rooms.operations.queues import Workload


class JobMetrics(Collector):
    """What was seen last; nothing where nothing could be seen, rather than what was once."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.workload: Workload | None = None
        self.dead: dict[Source, int] | None = None
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """The metrics, with the samples that there are."""
        yield from self._queues()
        yield from self._tries()
        dead = GaugeMetricFamily(
            "setroom_dead_letters", "What was set aside and waits for somebody.", labels=("source",)
        )
        for source, count in (self.dead or {}).items():
            dead.add_metric((source.value,), count)
        yield dead

    def _queues(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily(
            "setroom_jobs",
            "Jobs by priority: waiting, running, or later (to be tried again).",
            labels=("priority", "state"),
        )
        oldest = GaugeMetricFamily(
            "setroom_jobs_oldest_seconds",
            "Age of the oldest job that waits, by priority.",
            labels=("priority",),
        )
        for queue in self.workload.queues if self.workload else ():
            name = queue.priority.value
            jobs.add_metric((name, "waiting"), queue.waiting)
            jobs.add_metric((name, "running"), queue.running)
            jobs.add_metric((name, "later"), queue.later)
            oldest.add_metric((name,), queue.oldest_s)
        yield jobs
        yield oldest

    def _tries(self) -> Iterator[Metric]:
        tries = CounterMetricFamily(
            "setroom_job_tries",
            "Tries of jobs: done, retried (made again later) or dead (set aside).",
            labels=("job", "priority", "outcome"),
        )
        seconds = HistogramMetricFamily(
            "setroom_job_seconds", "How long tries of jobs took.", labels=("priority",)
        )
        if self.workload is not None:
            for count in self.workload.counts:
                labels = (count.task, count.priority.value, count.outcome.value)
                tries.add_metric(labels, count.tries)
            for one in self.workload.durations:
                seconds.add_metric((one.priority.value,), _cumulated(one.buckets), one.sum_s)
        yield tries
        yield seconds


def _cumulated(buckets: tuple[int, ...]) -> list[tuple[str, float]]:
    """Each bucket with all that is below it, as Prometheus has them."""
    edges = [*(str(edge) for edge in SECONDS), "+Inf"]
    return [(edge, float(sum(buckets[: place + 1]))) for place, edge in enumerate(edges)]
