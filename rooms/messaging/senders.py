"""Numbers that messages are sent from, and how fast each may send."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

MESSAGES_PER_SECOND: Mapping[str, int] = {
    "long_code": 1,
    "toll_free": 3,
    "short_code": 100,
    "whatsapp": 80,
}
"""Segments that a carrier takes from one number of a kind each second, before it queues or
refuses: Twilio, "Understanding Twilio Rate Limits and Message Queues"."""


class Sender(Struct, frozen=True):
    """A number or address to send from.

    Attributes:
        channel: a `rooms.messaging.kinds.Channel`.
        address: as the carrier writes it: ``+12015550100``, ``12345``, ``whatsapp:+1201…``.
        per_second: segments (or mails) that it may send each second.
    """

    channel: str
    address: str
    per_second: float
