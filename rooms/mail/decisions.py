"""Whether a mail goes out now, waits for a digest, or stays here.

====================================  ==========================================
what is true, in this order           what happens
====================================  ==========================================
no address                            withheld, ``no_address``
a mail that verifies the address      sent: it is how a suppression is lifted
the address is suppressed             withheld, with the suppression's reason
SECURITY                              sent, verified or not
the first welcome                     sent: it carries the link that verifies
the address is not verified           withheld, ``unverified``
the type is wanted never              withheld, ``unsubscribed``
daily or weekly, and collected        waits for the digest
anything else                         sent
====================================  ==========================================
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from rooms.mail.kinds import COLLECTED, DEFAULTS, Frequency, MailType


class Suppression(StrEnum):
    """Why nothing is sent to an address."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Purpose(StrEnum):
    """What sets a mail apart from others of its type."""

    USUAL = "usual"
    FIRST_WELCOME = "first_welcome"
    VERIFICATION = "verification"


class Mailbox(Struct, frozen=True):
    """What is known of somebody's address.

    Attributes:
        address: ``None``: they have none (a guest, or gone).
        verified: they proved that this address is theirs.
        suppressed: why nothing may go there; ``None``: it may.
        frequencies: what they chose; types that are absent have their default.
    """

    address: str | None
    verified: bool = False
    suppressed: Suppression | None = None
    frequencies: Mapping[MailType, Frequency] = {}

    def frequency(self, kind: MailType) -> Frequency:
        """How often they want this type."""
        if kind is MailType.SECURITY:
            return Frequency.IMMEDIATE
        return self.frequencies.get(kind, DEFAULTS[kind])


class Send(Struct, frozen=True, tag=True):
    """It goes out."""


class Collect(Struct, frozen=True, tag=True):
    """It becomes part of the next digest of this frequency."""

    frequency: Frequency


class Withhold(Struct, frozen=True, tag=True):
    """It is not sent. ``reason`` is kept with it and shown."""

    reason: str


Decision: TypeAlias = Send | Collect | Withhold


def decide(kind: MailType, mailbox: Mailbox, purpose: Purpose = Purpose.USUAL) -> Decision:
    """What becomes of one mail; see the table above."""
    if mailbox.address is None:
        return Withhold("no_address")
    if purpose is Purpose.VERIFICATION:
        return Send()
    if mailbox.suppressed is not None:
        return Withhold(mailbox.suppressed.value)
    if kind is MailType.SECURITY or purpose is Purpose.FIRST_WELCOME:
        return Send()
    if not mailbox.verified:
        return Withhold("unverified")
    frequency = mailbox.frequency(kind)
    if frequency is Frequency.NEVER:
        return Withhold("unsubscribed")
    if kind in COLLECTED and frequency is not Frequency.IMMEDIATE:
        return Collect(frequency)
    return Send()
