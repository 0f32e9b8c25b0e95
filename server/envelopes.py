"""From a door to a room and back: envelopes in, answers or problems out."""

from __future__ import annotations

from datetime import datetime

from rooms.acts import Act
from rooms.answers import SetlistAnswer
from rooms.commands import AnyCommand, Envelope
from rooms.messages import Ack, CloseCode, Reject
from rooms.participants import Participant
from rooms.sessions.envelopes import payload_hash
from server.problems import ApiError

_STATUS = {
    "not_allowed": 403,
    "code_required": 403,
    "account_required": 403,
    "check_in_required": 403,
    "device_required": 403,
    "phone_required": 403,
    "removed": 403,
    "muted": 403,
    "setlist_locked": 403,
    "invalid_arguments": 400,
    "invalid_picks": 400,
    "not_tied": 400,
    "empty_text": 400,
    "text_too_long": 400,
    "unknown_command": 400,
    "invalid_vote_config": 422,
    "words_refused": 422,
    "command_id_reused": 422,
    "rate_limited": 429,
    "slow_mode": 429,
    "no_vote": 404,
    "internal_error": 500,
}
"""HTTP statuses of rejects that are neither 404 (``unknown_…``) nor 409."""

_CLOSE_PROBLEMS = {
    CloseCode.NOT_ALLOWED: (403, "not_allowed"),
    CloseCode.REMOVED: (403, "removed"),
    CloseCode.TOO_LARGE: (413, "too_large"),
    CloseCode.TRY_LATER: (503, "room_unavailable"),
    CloseCode.INVALID_DATA: (400, "invalid_update"),
}
"""Close codes that an update would have earned on a socket, as problems."""


def envelope(
    command_id: str,
    participant: Participant,
    command: AnyCommand,
    received_at: datetime,
    *,
    keeps_reply: bool = True,
) -> Envelope:
    """A command as it goes into a room's inbox."""
    return Envelope(
        command_id=command_id,
        participant=participant,
        received_at=received_at,
        command=command,
        payload_hash=payload_hash(command),
        keeps_reply=keeps_reply,
    )


def problem_of(reject: Reject) -> ApiError:
    """The HTTP view of a reject."""
    if reject.code.startswith("unknown_") and reject.code not in _STATUS:
        status = 404
    else:
        status = _STATUS.get(reject.code, 503 if reject.retryable else 409)
    return ApiError(
        status,
        reject.code,
        reject.detail,
        retry_after_s=reject.retry_after_s,
        meanwhile=reject.meanwhile if isinstance(reject.meanwhile, Act) else None,
    )


def acknowledged(answer: object) -> Ack:
    """The ack of an answer.

    Raises:
        ApiError: it was a reject.
    """
    match answer:
        case Ack():
            return answer
        case Reject():
            raise problem_of(answer)
        case _:
            raise TypeError(f"a command was answered with {type(answer).__name__}")


def accepted_update(answer: object) -> SetlistAnswer:
    """The answer to a Yjs update that has become durable, repaired or not.

    Raises:
        ApiError: on a socket it would have closed the socket.
    """
    match answer:
        case SetlistAnswer(close=None):
            return answer
        case SetlistAnswer(close=(int() as code, str() as reason)):
            status, name = _CLOSE_PROBLEMS.get(code, (409, "update_refused"))
            raise ApiError(status, name, f"The update was not taken ({reason}).")
        case Reject():
            raise problem_of(answer)
        case _:
            raise TypeError(f"an update was answered with {type(answer).__name__}")
