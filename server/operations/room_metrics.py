"""This node's rooms, doors and event loop as Prometheus sees them.

Everything here is read when it is asked for: `rooms.meters` counts in plain integers, which this
collector turns into metrics. Nothing is labelled by room: a deployment has any number of them, and
the page of nodes lists the busiest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from rooms.meters import EDGES_S, Times
from rooms.node import Node
from rooms.operations.nodes import Kind, NodeState
from server.log_rates import RATES, levels
from server.operations.loop_lag import LoopLag
from server.operations.reporting import bus_is_away
from server.operations.sampling import RoomSamples
from server.version import VERSION

DOORS: Final = ("socket", "stream", "poll")


class RoomMetrics(Collector):
    """See the module. Says nothing before `watch` was called.

    Attributes:
        commits: how long turns took at the database.
        joins: attempts to come in, by outcome.
        listed: processes by kind and state, as of now; ``None``: nobody knows.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.commits = Times()
        self.joins: Counter[str] = Counter()
        self.listed: Counter[tuple[Kind, NodeState]] | None = None
        self._watched: tuple[Node, RoomSamples, LoopLag] | None = None
        self._name = ""
        self._draining: Callable[[], bool] = lambda: False
        registry.register(self)

    def watch(
        self,
        name: str,
        node: Node,
        samples: RoomSamples,
        lag: LoopLag,
        draining: Callable[[], bool],
    ) -> None:
        """Begins to tell of a node."""
        self._name = name
        self._watched = (node, samples, lag)
        self._draining = draining

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment; what was sampled is up to five seconds old."""
        if self._watched is None:
            return
        node, samples, lag = self._watched
        info = InfoMetricFamily("setroom", "Which node this is, and its version.")
        info.add_metric((), {"node": self._name, "version": VERSION})
        yield info
        yield _gauge("setroom_draining", "1 while the node sends everybody away.", self._draining())
        yield _gauge(
            "setroom_loop_lag_seconds",
            "The latest that anything came on the event loop in the newest five to ten seconds.",
            lag.seconds,
        )
        yield from self._rooms(node)
        yield from _work(node)
        yield _histogram("setroom_commit_seconds", "How long turns took to be durable.",
                         self.commits)  # fmt: skip
        yield from _fan_out(node, samples)
        yield from _bus(node)
        joins = CounterMetricFamily(
            "setroom_joins",
            "Attempts to come in by a socket or a stream: joined, resumed, or why not.",
            labels=("outcome",),
        )
        for outcome, times in sorted(self.joins.items()):
            joins.add_metric((outcome,), times)
        yield joins
        yield self._nodes()
        lines = CounterMetricFamily(
            "setroom_log_lines", "Lines logged, written or held back, by level.", labels=("level",)
        )
        for level, count in levels().items():
            lines.add_metric((level,), count)
        yield lines
        yield _counter(
            "setroom_log_lines_held_back",
            "Lines not written, as too many said the same.",
            RATES.held_back,
        )

    def _rooms(self, node: Node) -> Iterator[Metric]:
        rooms = node.rooms
        yield _gauge("setroom_rooms_loaded", "Rooms loaded on this node.", len(rooms))
        connections = GaugeMetricFamily(
            "setroom_connections", "Connections to this node by door.", labels=("door",)
        )
        doors = [room.hub.doors() for room in rooms]
        for door in DOORS:
            connections.add_metric((door,), sum(getattr(one, door) for one in doors))
        yield connections
        waiting = [room.waiting for room in rooms]
        yield _gauge("setroom_room_inbox_commands", "Commands in all rooms' inboxes.", sum(waiting))
        yield _gauge(
            "setroom_room_inbox_commands_max",
            "Commands in the fullest inbox.",
            max(waiting, default=0),
        )
        lags = [room.lag for room in rooms]
        yield _gauge(
            "setroom_room_lag_events",
            "Events that the log has and the room that is behind most lacks.",
            max(lags, default=0),
        )
        yield _gauge("setroom_rooms_behind", "Rooms that lack events of the log.",
                     sum(lag > 0 for lag in lags))  # fmt: skip

    def _nodes(self) -> Metric:
        nodes = GaugeMetricFamily(
            "setroom_nodes",
            "Processes of the deployment by kind and state; every node says the same.",
            labels=("kind", "state"),
        )
        if self.listed is not None:
            for kind in Kind:
                for state in NodeState:
                    nodes.add_metric((kind.value, state.value), self.listed[kind, state])
        return nodes


def _work(node: Node) -> Iterator[Metric]:
    totals = node.totals()
    yield _histogram(
        "setroom_room_turn_seconds",
        "How long turns took, from their begin until everybody in them was answered.",
        totals.turns,
    )
    yield _counter("setroom_room_turn_commands", "Commands taken by turns.", totals.commands)


def _fan_out(node: Node, samples: RoomSamples) -> Iterator[Metric]:
    totals = node.totals()
    yield _counter(
        "setroom_fanout_deliveries",
        "Writes to receivers, one per receiver and sweep.",
        totals.deliveries,
    )
    yield _counter(
        "setroom_slow_closed", "Receivers closed because they took too little.", totals.slow_closed
    )
    yield _gauge(
        "setroom_fanout_queue_bytes",
        "Bytes that receivers have not taken, all together; sampled every five seconds.",
        samples.queue_bytes,
    )
    yield _gauge(
        "setroom_fanout_queue_bytes_max",
        "Bytes that the slowest receiver has not taken; sampled every five seconds.",
        samples.queue_bytes_max,
    )


def _bus(node: Node) -> Iterator[Metric]:
    yield _gauge(
        "setroom_bus_messages_dropped",
        "Messages to other nodes that were never sent, since the start.",
        getattr(node.bus, "dropped", 0),
    )
    yield _counter(
        "setroom_bus_messages_received", "Messages of nodes, this one included.", node.heard
    )
    yield _gauge(
        "setroom_bus_up", "1 while other nodes can be heard and told.", not bus_is_away(node)
    )


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=float(value))


def _counter(name: str, says: str, value: float) -> Metric:
    return CounterMetricFamily(name, says, value=float(value))


def _histogram(name: str, says: str, times: Times) -> Metric:
    family = HistogramMetricFamily(name, says)
    below, buckets = 0, []
    for edge, count in zip((*map(str, EDGES_S), "+Inf"), times.counts, strict=True):
        below += count
        buckets.append((edge, float(below)))
    family.add_metric((), buckets, times.sum_s)
    return family
