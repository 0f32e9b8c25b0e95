"""The life of a text in the sandbox: ``queued → sent → delivered``, or ``undelivered``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from rooms.sandbox.records import MessageStatus

UNREACHABLE: Final = 30003
"""Twilio's "Unreachable destination handset": the phone is switched off."""

UNKNOWN_HANDSET: Final = 30005
"""Twilio's "Unknown destination handset": nobody has this number."""

TO_SENT: Final = timedelta(milliseconds=300)
TO_DELIVERED: Final = timedelta(milliseconds=700)
"""As a carrier takes them on a good day, and slow enough to be seen."""


class Step(NamedTuple):
    """What a message becomes. ``due_at``: when it changes next; ``None``: never."""

    status: MessageStatus
    due_at: datetime | None
    error_code: int | None = None


def accepted(now: datetime) -> Step:
    """A message that the carrier has just taken."""
    return Step(MessageStatus.QUEUED, now + TO_SENT)


def next_step(
    status: MessageStatus, now: datetime, *, known: bool, switched_off: bool
) -> Step | None:
    """The next step of a message that is due; ``None``: it has come to its end.

    Args:
        status: as it is.
        known: a simulated phone has the number.
        switched_off: that phone is.
    """
    match status:
        case MessageStatus.QUEUED:
            return Step(MessageStatus.SENT, now + TO_DELIVERED)
        case MessageStatus.SENT if not known:
            return Step(MessageStatus.UNDELIVERED, None, UNKNOWN_HANDSET)
        case MessageStatus.SENT if switched_off:
            return Step(MessageStatus.UNDELIVERED, None, UNREACHABLE)
        case MessageStatus.SENT:
            return Step(MessageStatus.DELIVERED, None)
        case _:
            return None
