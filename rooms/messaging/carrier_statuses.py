"""What a carrier's word for a message's state means for ours.

Twilio, "Messages resource", *Message Status values*. ``accepted``, ``scheduled``, ``queued`` and
``sending`` are states at the carrier: for us it has gone.
"""

from __future__ import annotations

from collections.abc import Mapping

from rooms.messaging.carrier_codes import undelivered
from rooms.messaging.ports import Heard
from rooms.messaging.states import MessageState

STATES: Mapping[str, MessageState] = {
    "accepted": MessageState.SENT,
    "scheduled": MessageState.SENT,
    "queued": MessageState.SENT,
    "sending": MessageState.SENT,
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.DELIVERED,
    "partially_delivered": MessageState.DELIVERED,
    "undelivered": MessageState.FAILED,
    "failed": MessageState.FAILED,
    "canceled": MessageState.CANCELLED,
}


def heard(carrier_id: str, status: str, code: int | None, tag: str | None) -> Heard:
    """What a carrier said, in our words.

    Args:
        status: its word, in any case of letters; an unknown one means nothing new.
        code: its error.
        tag: our message's id, where it was told.
    """
    word = status.strip().lower()
    state = STATES.get(word)
    if state is not MessageState.FAILED:
        return Heard(carrier_id=carrier_id, status=word, state=state, tag=tag)
    why = undelivered(code)
    return Heard(
        carrier_id=carrier_id,
        status=word,
        state=MessageState.SUPPRESSED if why.opted_out else MessageState.FAILED,
        reason=why.reason,
        error_code=why.error_code,
        suppress=why.suppress,
        tag=tag,
    )
