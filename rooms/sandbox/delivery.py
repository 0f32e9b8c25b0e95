"""The life of a text in the sandbox: ``queued → sent → delivered``, or ``undelivered``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from rooms.sandbox.records import TextStatus

UNREACHABLE: Final = 30003
"""Twilio's "Unreachable destination handset": the phone is switched off."""

UNKNOWN_HANDSET: Final = 30005
"""Twilio's "Unknown destination handset": nobody has this number."""

TO_SENT: Final = timedelta(milliseconds=300)
TO_DELIVERED: Final = timedelta(milliseconds=700)
"""As a carrier takes them on a good day, and slow enough to be seen."""


class Step(NamedTuple):
    """What a message becomes. ``due_at``: when it changes next; ``None``: never."""

    status: TextStatus
    due_at: datetime | None
    error_code: int | None = None


def accepted(now: datetime) -> Step:
    """A message that the carrier has just taken."""
    return Step(TextStatus.QUEUED, now + TO_SENT)


def next_step(status: TextStatus, now: datetime, *, known: bool, switched_off: bool) -> Step | None:
    """The next step of a message that is due; ``None``: it has come to its end.

    Args:
        status: as it is.
        known: a simulated phone has the number.
        switched_off: that phone is.
    """
    match status:
        case TextStatus.QUEUED:
            return Step(TextStatus.SENT, now + TO_DELIVERED)
        case TextStatus.SENT if not known:
            return Step(TextStatus.UNDELIVERED, None, UNKNOWN_HANDSET)
        case TextStatus.SENT if switched_off:
            return Step(TextStatus.UNDELIVERED, None, UNREACHABLE)
        case TextStatus.SENT:
            return Step(TextStatus.DELIVERED, None)
        case _:
            return None
