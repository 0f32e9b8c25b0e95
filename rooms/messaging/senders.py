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
"""What a carrier takes from one number of a kind each second, before it queues or refuses.
Twilio, "Understanding Twilio Rate Limits and Message Queues"; WhatsApp: 80 by default."""


class Sender(Struct, frozen=True):
    """A number to send from.

    Attributes:
        channel: ``sms`` or ``whatsapp``.
        address: as the carrier writes it: ``+12015550100``, ``12345``, ``whatsapp:+1201…``.
        kind: a key of `MESSAGES_PER_SECOND`.
    """

    channel: str
    address: str
    kind: str

    @property
    def per_second(self) -> int:
        """Messages that it may send each second."""
        return MESSAGES_PER_SECOND[self.kind]
