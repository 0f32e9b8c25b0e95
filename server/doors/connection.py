"""One open event stream of one participant, as a hub sees it."""

from __future__ import annotations

from rooms.fanout import event_stream
from rooms.fanout.speech import Speech
from rooms.participants import Participant
from server.egress.streams import Stream


class StreamConnection:
    """`rooms.fanout.connection.Connection` over the body of a response.

    The stream's own methods are bound in, so that a fan-out costs one call per receiver.
    """

    __slots__ = (
        "_stream",
        "abort",
        "backlog",
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
        self.abort = stream.abort

    def close(self, code: int, reason: str = "") -> None:
        """Says why in a last event and ends the response."""
        self._stream.write(event_stream.close_event(code, reason))
        self._stream.end()
