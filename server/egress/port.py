"""What a door needs to write frames to one socket, whatever server runs underneath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

EXTENSION = "setroom.frames"
"""Key in an ASGI websocket scope's ``extensions``; its value is an `Egress`."""

NO_OUTLET = -1

REASON_BYTES_MAX = 123
"""RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the close code."""


class Egress(Protocol):
    """One socket's way out. Usable once ``websocket.accept`` was sent."""

    @property
    def is_open(self) -> bool:
        """Accepted, and no close frame was sent or received."""
        ...

    @property
    def outlet(self) -> int:
        """What `server.egress.bulk.write_to_all` knows it by, while the socket is open and has no
        backlog; `NO_OUTLET`: `write` must be used."""
        ...

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """Calls back with ``subject``, at once, when `outlet` becomes something else."""
        ...

    def write(self, frames: bytes) -> int:
        """Queues whole, encoded server frames (`rooms.fanout.framing`); nothing once it is closing.

        Returns:
            The backlog after it, in bytes.
        """
        ...

    def waited_s(self) -> float:
        """Seconds since the newest bytes of the peer reached this machine; 0 if not known."""
        ...

    def backlog(self) -> int:
        """Bytes that were written and that the peer's system has not taken yet."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Sends the close frame behind what is queued; aborts when the peer does not answer."""
        ...

    def abort(self) -> None:
        """Drops the socket now, with what is queued."""
        ...


def shortened(reason: str) -> str:
    """A close reason that fits into a close frame, cut between characters."""
    return reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")
