"""Tickets of displays, and the door that takes these and people's.

Like `server.security.tickets`: signed, first used within a minute, and then good until what they
hang on is over, which here is the display.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from rooms import limits
from rooms.displays.logins import login_of
from rooms.displays.ports import DisplayRecord, DisplayStore, NewDisplayTicket
from rooms.messages import CloseCode
from rooms.ports import Clock, NewId
from server.displays.displays import participant_of
from server.secret import Secret
from server.security.tickets import Admission, IssuedTicket, TicketRefused, TicketService
from server.security.tokens import Signer, TokenInvalid

LASTS: Final = timedelta(days=2)
"""A page that is open for longer gets a new one with its token."""

_PREFIX: Final = "display."


class DisplayTickets:
    """Issues tickets to displays and takes them at the doors."""

    def __init__(
        self, secret_key: Secret, store: DisplayStore, clock: Clock, new_id: NewId
    ) -> None:
        self._signer = Signer(secret_key, "display ticket")
        self._store = store
        self._clock = clock
        self._new_id = new_id

    async def issue(self, display: DisplayRecord) -> IssuedTicket:
        """A ticket for the socket of the display's show."""
        now = self._clock.now()
        ticket_id = self._new_id()
        first_use_by = now + timedelta(seconds=limits.TICKET_FIRST_USE_S)
        await self._store.add_ticket(
            NewDisplayTicket(
                ticket_id=ticket_id,
                display_id=display.display_id,
                created_at=now,
                first_use_by=first_use_by,
                expires_at=now + LASTS,
            )
        )
        claims = {"jti": ticket_id, "show": display.show_id}
        ticket = self._signer.sign(claims, now=now, lasts_s=LASTS.total_seconds())
        return IssuedTicket(ticket=_PREFIX + ticket, ticket_id=ticket_id, expires_at=first_use_by)

    async def redeem(self, ticket: str, show_id: str) -> Admission:
        """Lets a ticket's display in, for the first time or again.

        Raises:
            TicketRefused: forged, for another show, too late, or the display is revoked.
        """
        now = self._clock.now()
        try:
            claims = self._signer.read(ticket.removeprefix(_PREFIX), now=now)
            ticket_id = str(UUID(str(claims["jti"])))
        except (TokenInvalid, KeyError, ValueError):
            raise TicketRefused("ticket_invalid", CloseCode.TICKET_EXPIRED) from None
        if claims.get("show") != show_id:
            raise TicketRefused("ticket_invalid", CloseCode.NOT_ALLOWED)
        use = await self._store.use_ticket(ticket_id, show_id, now)
        if use is None:
            raise TicketRefused("ticket_invalid", CloseCode.TICKET_EXPIRED)
        if use.display.revoked_at is not None:
            raise TicketRefused("display_revoked", CloseCode.NOT_ALLOWED)
        if not use.usable:
            raise TicketRefused("ticket_expired", CloseCode.TICKET_EXPIRED)
        await self._store.seen([use.display.display_id], now)
        return Admission(
            participant=participant_of(use.display),
            session_id=login_of(use.display.display_id),
            ticket_id=ticket_id,
        )


class AllTickets:
    """What the doors ask: tells whose kind of ticket is shown."""

    def __init__(self, people: TicketService, displays: DisplayTickets) -> None:
        self._people = people
        self._displays = displays

    async def redeem(self, ticket: str, show_id: str) -> Admission:
        """Lets a person or a display in; raises `TicketRefused`."""
        door = self._displays if ticket.startswith(_PREFIX) else self._people
        return await door.redeem(ticket, show_id)
