"""What a node counts of texts. Nothing here says who texted, or what."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from rooms.sms.intents import AnyIntent

BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
"""50 and 100 ms are what is promised, 15 s is how long Twilio waits."""


class SmsMetrics:
    """Counters of inbound texts, and how long their webhooks take."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._texts = Counter(
            "setroom_sms_texts_total",
            "Texts that came for the first time, by what they asked for.",
            ("intent",),
            registry=registry,
        )
        self.repeated = Counter(
            "setroom_sms_repeated_total",
            "Texts that had come before, answered as they were then.",
            registry=registry,
        )
        shed = Counter(
            "setroom_sms_receipts_shed_total",
            "Votes and wishes answered with nothing, because of the sender's number or the phone.",
            ("because",),
            registry=registry,
        )
        self.shed_by_number = shed.labels("number")
        self.shed_by_phone = shed.labels("phone")
        self.refused = Counter(
            "setroom_sms_refused_total",
            "Webhooks of texts that were not taken, by reason.",
            ("reason",),
            registry=registry,
        )
        seconds = Histogram(
            "setroom_sms_webhook_seconds",
            "Seconds until the webhook of a text was answered: taken, or not.",
            ("outcome",),
            buckets=BUCKETS_S,
            registry=registry,
        )
        self.taken_s = seconds.labels("taken")
        self.not_taken_s = seconds.labels("not_taken")
        self._by_intent: dict[type[AnyIntent], Counter] = {}

    def text(self, intent: AnyIntent) -> None:
        """One more that asks for this."""
        kind = type(intent)
        counter = self._by_intent.get(kind)
        if counter is None:
            name = str(intent.__struct_config__.tag)
            counter = self._by_intent[kind] = self._texts.labels(name)
        counter.inc()
