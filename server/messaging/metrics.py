"""Gauges of messages, set when the metrics are asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from storage.messaging.counting import MessageCounts


class MessageMetrics:
    """What waits, and what carriers and we do not agree on."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._open = Gauge(
            "setroom_messages_open",
            "Messages that have not been handed over, or nobody knows, by channel and state.",
            ("channel", "state"),
            registry=registry,
        )
        self._overdue = Gauge(
            "setroom_messages_overdue_seconds",
            "How long the oldest open message has been due, by channel.",
            ("channel",),
            registry=registry,
        )
        self._differences = Gauge(
            "setroom_messages_differences",
            "What the newest comparisons with the carrier's list found.",
            ("what",),
            registry=registry,
        )

    def set(self, counts: MessageCounts | None) -> None:
        """``None``: nobody knows, so nothing is said rather than old news."""
        for gauge in (self._open, self._overdue, self._differences):
            gauge.clear()
        if counts is None:
            return
        overdue: dict[str, float] = {}
        for one in counts.open:
            self._open.labels(one.channel, one.state).set(one.messages)
            overdue[one.channel] = max(overdue.get(one.channel, 0.0), one.overdue_s)
        for channel, seconds in overdue.items():
            self._overdue.labels(channel).set(seconds)
        for what, found in counts.differences.items():
            self._differences.labels(what).set(found)
