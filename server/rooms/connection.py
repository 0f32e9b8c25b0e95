"""One open socket of one participant, as a hub sees it."""

from __future__ import annotations

from collections.abc import Callable

from rooms.fanout.connection import Connection
from rooms.fanout.members import BulkWriter
from rooms.fanout.speech import Speech
from rooms.participants import Participant
from server.egress.bulk import write_to_all
from server.egress.port import Egress


class SocketConnection:
    """`rooms.fanout.connection.Connection` over an egress, with its outlet."""

    __slots__ = ("_egress", "participant", "session_id", "speech", "ticket_id")

    def __init__(
        self,
        egress: Egress,
        *,
        participant: Participant,
        session_id: str,
        ticket_id: str,
        speech: Speech,
    ) -> None:
        self._egress = egress
        self.participant = participant
        self.session_id = session_id
        self.ticket_id = ticket_id
        self.speech = speech

    @property
    def outlet(self) -> int:
        """See `rooms.fanout.members.Direct`, as for the next three."""
        return self._egress.outlet

    @property
    def write_to_all(self) -> BulkWriter:
        return write_to_all

    def finish(self, data: bytes, taken: int) -> int:
        return self._egress.write(data[taken:])

    def watch(self, changed: Callable[[Connection], None] | None) -> None:
        self._egress.watch(changed, self)

    def write(self, frames: bytes) -> int:
        """See `rooms.fanout.connection.Connection`, as for all below."""
        return self._egress.write(frames)

    def backlog(self) -> int:
        return self._egress.backlog()

    def close(self, code: int, reason: str = "") -> None:
        self._egress.close(code, reason)

    def abort(self) -> None:
        self._egress.abort()
