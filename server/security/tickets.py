"""Tickets: what a client shows at the door of a room's socket, which carries no headers.

A ticket is signed, so that rubbish costs no query, and has a row, so that it opens within a
minute or not at all. Once used it belongs to its participant until the session ends: a stock
provider reconnects with the parameters it was made with.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from rooms import limits
from rooms.messages import CloseCode
from rooms.participants import Participant
from rooms.ports import Clock, NewId
from rooms.shows.ports import AttendeeStore, NewTicket
from server.secret import Secret
from server.security.tokens import DEVICE_S, Signer, TokenInvalid


class Admission(Struct, frozen=True):
    """Who a ticket lets in, and the session that it hangs on."""

    participant: Participant
    session_id: str
    ticket_id: str


class IssuedTicket(Struct, frozen=True):
    """A ticket; ``expires_at`` bounds its first use."""

    ticket: str
    ticket_id: str
    expires_at: datetime


class TicketRefused(Exception):
    """A ticket that opens nothing.

    Attributes:
        code: ``ticket_invalid``, ``ticket_expired``, ``session_revoked``, ``removed``.
        close_code: for the socket (PROTOCOL "Close codes").
    """

    def __init__(self, code: str, close_code: int) -> None:
        super().__init__(code)
        self.code = code
        self.close_code = close_code


class TicketService:
    """Issues tickets over HTTP and takes them at the socket's door."""

    def __init__(
        self, secret_key: Secret, store: AttendeeStore, clock: Clock, new_id: NewId
    ) -> None:
        self._signer = Signer(secret_key, "ticket")
        self._store = store
        self._clock = clock
        self._new_id = new_id

    async def issue(self, participant: Participant, show_id: str, session_id: str) -> IssuedTicket:
        """A ticket of a participant for one show's socket."""
        now = self._clock.now()
        ticket_id = self._new_id()
        first_use_by = now + timedelta(seconds=limits.TICKET_FIRST_USE_S)
        # The session's end bounds later uses: it is looked up at each. This bounds the row.
        lasts = timedelta(seconds=DEVICE_S)
        await self._store.add_ticket(
            NewTicket(
                ticket_id=ticket_id,
                show_id=show_id,
                participant_id=participant.participant_id,
                account_id=participant.account_id,
                session_id=session_id,
                first_use_by=first_use_by,
                expires_at=now + lasts,
                created_at=now,
            )
        )
        ticket = self._signer.sign(
            {"jti": ticket_id, "show": show_id}, now=now, lasts_s=lasts.total_seconds()
        )
        return IssuedTicket(ticket=ticket, ticket_id=ticket_id, expires_at=first_use_by)

    async def redeem(self, ticket: str, show_id: str) -> Admission:
        """Lets a ticket's participant in, for the first time or again.

        Raises:
            TicketRefused: forged, for another show, too late, its session over, or removed.
        """
        now = self._clock.now()
        try:
            claims = self._signer.read(ticket, now=now)
            ticket_id = str(UUID(str(claims["jti"])))
        except (TokenInvalid, KeyError, ValueError):
            raise TicketRefused("ticket_invalid", CloseCode.TICKET_EXPIRED) from None
        if claims.get("show") != show_id:
            raise TicketRefused("ticket_invalid", CloseCode.NOT_ALLOWED)
        use = await self._store.use_ticket(ticket_id, show_id, now)
        if use is None:
            raise TicketRefused("ticket_invalid", CloseCode.TICKET_EXPIRED)
        if use.removed:
            raise TicketRefused("removed", CloseCode.REMOVED)
        if not use.session_live:
            raise TicketRefused("session_revoked", CloseCode.TICKET_EXPIRED)
        if not use.usable:
            raise TicketRefused("ticket_expired", CloseCode.TICKET_EXPIRED)
        return Admission(
            participant=use.participant, session_id=use.session_id, ticket_id=use.ticket_id
        )
