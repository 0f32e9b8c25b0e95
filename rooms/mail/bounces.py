"""What reports of mails mean, and when an address gets nothing any more."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from rooms.mail.decisions import Suppression
from rooms.mail.replies import NO_MAILBOX

SOFT_BOUNCES_MAX: Final = 5
SOFT_BOUNCES_WITHIN: Final = timedelta(days=14)
"""An address that could not take five mails within two weeks, and none in between, is dead: a full
mailbox or a server that is away is mended sooner."""


class Verdict(StrEnum):
    """What a report says."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    DELIVERED = "delivered"


class Report(Struct, frozen=True):
    """Somebody's word on one mail.

    Attributes:
        report: its own name: the same report posted twice counts once.
        address: whom the mail was for.
        status: enhanced status code, such as ``5.1.1``; of a complaint its kind.
        message_id: our message, where the report says which.
    """

    report: str
    address: str
    verdict: Verdict
    status: str | None = None
    message_id: str | None = None


def verdict_of(action: str, status: str | None) -> Verdict | None:
    """What a recipient's fields of a delivery status notification mean (RFC 3464 §2.3).

    Args:
        action: ``failed``, ``delayed``, ``delivered``, ``relayed`` or ``expanded``.
        status: ``5.1.1``; the first number says for good (5) or for now (4).

    Returns:
        ``None``: nothing to be learnt yet (delayed, handed on to a server that reports nothing).
    """
    match action.strip().lower():
        case "failed":
            if status in NO_MAILBOX:
                return Verdict.HARD
            return Verdict.SOFT
        case "delivered":
            return Verdict.DELIVERED
        case _:
            return None


def suppression_after(verdict: Verdict, soft_lately: int) -> Suppression | None:
    """Whether an address is suppressed by a report.

    Args:
        soft_lately: soft bounces within `SOFT_BOUNCES_WITHIN` since the last delivery, this one
            among them.
    """
    match verdict:
        case Verdict.HARD:
            return Suppression.BOUNCED
        case Verdict.COMPLAINT:
            return Suppression.COMPLAINED
        case Verdict.SOFT:
            return Suppression.BOUNCED if soft_lately >= SOFT_BOUNCES_MAX else None
        case Verdict.DELIVERED:
            return None
