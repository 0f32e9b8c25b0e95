"""Which answers are stored under their command's id, and how."""

from __future__ import annotations

import msgspec

from rooms.answers import Answer, SetlistAnswer
from rooms.commands import Envelope
from rooms.messages import Ack, Reject
from rooms.ports import ReplyRecord

_encode = msgspec.json.Encoder().encode


def is_final(answer: Answer | None) -> bool:
    """Whether saying the command again gets the same answer. "Try again" is none."""
    match answer:
        case Ack() | SetlistAnswer(close=None):
            return True
        case Reject():
            return not answer.retryable
        case _:
            return False


def reply_of(envelope: Envelope, answer: Answer | None) -> ReplyRecord:
    """The answer as it is stored."""
    return ReplyRecord(
        participant_id=envelope.participant.participant_id,
        command_id=envelope.command_id,
        payload_hash=envelope.payload_hash,
        answer=_encode(answer),
    )
