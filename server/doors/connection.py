"""One open event stream of one participant, as a hub sees it."""

from __future__ import annotations

from collections.abc import Callable

from rooms.fanout import event_stream
from rooms.fanout.connection import Connection
from rooms.fanout.members import BulkWriter
from rooms.fanout.speech import Speech
from rooms.participants import Participant
from server.egress.streams import Stream, write_chunk_to_all


class StreamConnection:
    """`rooms.fanout.connection.Connection` over the body of a response, with its outlet.

    The stream's own methods are bound in, so that whoever is behind costs one call.
    """

    __slots__ = (
        "_stream",
        "abort",
        "backlog",
        "finish",
        "participant",
        "session_id",
        "speech",
        "ticket_id",
        "write",
    )

    def __init__(
        self, stream: Stream, *, participant: Participant, session_id: str, ticket_id: str
    ) -> None:
        self.participant = participant
        self.session_id = session_id
        self.ticket_id = ticket_id
        self.speech = Speech.STREAM
        self._stream = stream
        self.write = stream.write
        self.backlog = stream.backlog
        self.finish = stream.finish
        self.abort = stream.abort

    @property
    def outlet(self) -> int:
        """See `rooms.fanout.members.Direct`, as for the next two."""
        return self._stream.outlet

    @property
    def write_to_all(self) -> BulkWriter:
        return write_chunk_to_all

    def watch(self, changed: Callable[[Connection], None] | None) -> None:
        self._stream.watch(changed, self)

    def close(self, code: int, reason: str = "") -> None:
        """Says why in a last event and ends the response."""
        self._stream.write(event_stream.close_event(code, reason))
        self._stream.end()
