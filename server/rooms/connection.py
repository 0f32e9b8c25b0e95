"""One open socket of one participant, as a hub sees it."""

from __future__ import annotations

from rooms.fanout.speech import Speech
from rooms.participants import Participant
from server.egress.port import Egress


class SocketConnection:
    """`rooms.fanout.connection.Connection` over an egress.

    The egress' own methods are bound in, so that a fan-out costs one call per receiver.
    """

    __slots__ = (
        "abort",
        "backlog",
        "close",
        "participant",
        "session_id",
        "speech",
        "ticket_id",
        "write",
    )

    def __init__(
        self,
        egress: Egress,
        *,
        participant: Participant,
        session_id: str,
        ticket_id: str,
        speech: Speech,
    ) -> None:
        self.participant = participant
        self.session_id = session_id
        self.ticket_id = ticket_id
        self.speech = speech
        self.write = egress.write
        self.backlog = egress.backlog
        self.close = egress.close
        self.abort = egress.abort
