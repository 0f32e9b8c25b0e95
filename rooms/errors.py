"""The errors of a room: one tree, three views.

A problem document (RFC 9457), a websocket ``reject`` and an SMS reply are views of the same
error, so a client that knows a ``code`` from one door knows it from all.

::

    RoomError                      the code, whether a retry can help, the HTTP status
    ├── Refused                    the command was understood and is not allowed now
    └── Retryable                  nothing was decided; saying it again may work
"""

from __future__ import annotations

import math

from rooms.acts import Act


class RoomError(Exception):
    """A command that was not carried out.

    Attributes:
        code: stable, snake_case, part of the wire contract.
        detail: one sentence for people; never holds a secret.
        status: HTTP status of the problem document.
        retryable: the same command may succeed later; such answers are never stored.
        retry_after_s: seconds to wait before trying again, where that is known.
        meanwhile: what somebody did first that is the reason; for crew alone.
    """

    status = 409
    retryable = False

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        meanwhile: Act | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.meanwhile = meanwhile
        self.detail = detail
        self.retry_after_s = retry_after_s
        if status is not None:
            self.status = status


class Refused(RoomError):
    """Understood and not allowed. A final answer: it is stored under the command's id."""


class Retryable(RoomError):
    """Nothing was decided (a full inbox, a rate limit, a room that reloads)."""

    status = 503
    retryable = True


def not_allowed(detail: str = "Your role may not do this in this room.") -> Refused:
    """The participant's role or admission does not permit the command."""
    return Refused("not_allowed", detail, status=403)


def invalid(detail: str) -> Refused:
    """The arguments do not fit the command's schema or limits."""
    return Refused("invalid_arguments", detail, status=400)


def unknown(what: str) -> Refused:
    """Something that the command names does not exist in this room."""
    return Refused(f"unknown_{what}", f"No such {what.replace('_', ' ')} in this room.", status=404)


def room_busy(retry_after_s: float = 1.0) -> Retryable:
    """The room's inbox is full."""
    return Retryable("room_busy", "The room is busy. Try again.", retry_after_s=retry_after_s)


def rate_limited(retry_after_s: float) -> Retryable:
    """The participant sends faster than the limits allow."""
    return Retryable(
        "rate_limited",
        "Too many commands. Slow down.",
        status=429,
        # Whole milliseconds, and never "after 0": that would read as "at once".
        retry_after_s=math.ceil(retry_after_s * 1000) / 1000,
    )
