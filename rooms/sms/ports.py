"""What phones ask of a store, as Protocols, with the records that cross the border.

``storage.sms`` implements these. A phone is a number on one channel; `PhoneKey` names one as a text
came from it, without the number being kept anywhere that it need not be.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class PhoneChannel(StrEnum):
    """What a phone is texted by. One number on two channels is two phones."""

    SMS = "sms"
    WHATSAPP = "whatsapp"


class PhoneState(StrEnum):
    """Where a phone stands at one show: DOMAIN "SMS"."""

    NONE = "none"
    PENDING = "pending"
    ACTIVE = "active"
    SUPPRESSED = "suppressed"


class ConsentKind(StrEnum):
    """What somebody agreed to, or no longer does."""

    JOIN = "join"
    CONFIRM = "confirm"
    STOP = "stop"
    START = "start"


class PhoneKey(Struct, frozen=True):
    """A phone that texts, and the sender that it texts to.

    Attributes:
        number: E.164.
        number_hash: 32 bytes, keyed; what suppressions know the number by.
        sender: our number, E.164.
    """

    channel: PhoneChannel
    number: str
    number_hash: bytes
    sender: str


class Suppressions(Protocol):
    """Which numbers a sender must not text. They outlive accounts."""

    async def suppress(
        self, sender: str, channel: PhoneChannel, number: str, *, source: str, at: datetime
    ) -> None:
        """From now on nothing is sent to this number, of any show.

        Args:
            number: E.164.
            source: who says so: ``sms`` (STOP), ``carrier`` (an opt-out that the carrier handled,
                or an error such as 21610).
        """
        ...

    async def is_suppressed(self, sender: str, channel: PhoneChannel, number: str) -> bool:
        """Whether a sender must not text this number."""
        ...
