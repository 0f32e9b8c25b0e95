"""Who polls keeps a seat: its credentials are looked up once in a while, not at every poll.

A seat is to somebody who polls what an open socket is to its participant: it was let in once, and
is let go when the room lets go of the participant or the session (`rooms.sessions.polls`). It is
good for no longer than `limits.POLL_SEAT_S`, so what nobody tells the room is noticed then.
"""

from __future__ import annotations

from msgspec import Struct

from rooms import limits
from rooms.participants import Participant


class Seat(Struct, frozen=True):
    """Somebody who was let in.

    Attributes:
        until: monotonic seconds; looked up again after that.
    """

    participant: Participant
    session_id: str
    until: float


class Seats:
    """One room's seats on this node, by the credentials that they were taken with."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}

    def take(self, credentials: str, participant: Participant, session_id: str, now: float) -> None:
        """Somebody was let in. With the room full of seats there is none: that is only slower."""
        if len(self._seats) >= limits.POLL_SEATS_MAX:
            self.prune(now)
        if len(self._seats) < limits.POLL_SEATS_MAX:
            self._seats[credentials] = Seat(participant, session_id, now + limits.POLL_SEAT_S)

    def find(self, credentials: str, now: float) -> Seat | None:
        """The seat of these credentials; ``None``: they have to be looked up."""
        seat = self._seats.get(credentials)
        return seat if seat is not None and now < seat.until else None

    def let_go(self, *, participant_id: str = "", session_id: str = "") -> None:
        """Frees the seats of a participant or of a session."""
        if not self._seats:
            return
        for credentials, seat in list(self._seats.items()):
            if seat.session_id == session_id or seat.participant.participant_id == participant_id:
                del self._seats[credentials]

    def prune(self, now: float) -> None:
        """Frees the seats whose time is over."""
        self._seats = {key: seat for key, seat in self._seats.items() if now < seat.until}

    def clear(self) -> None:
        """Frees all."""
        self._seats.clear()
