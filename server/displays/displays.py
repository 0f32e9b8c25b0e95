"""Making, listing and ending displays, and knowing one by its token: the rules, without HTTP."""

from __future__ import annotations

from typing import Final

import structlog
from msgspec import Struct

from rooms.displays.logins import login_of
from rooms.displays.ports import DisplayRecord, DisplayStore, NewDisplay, TooManyDisplays
from rooms.participants import CREW, DisplayKind, Participant, Role
from rooms.ports import Clock
from server.accounts.revocation import Revocation
from server.displays.tokens import DisplayToken, new_token, read_bearer
from server.field_problems import FieldProblem
from server.problems import ApiError, invalid, not_allowed, not_authenticated, not_found
from server.security.identity import Identity
from server.shows.attendance import Attendance, role_in
from server.text import one_line

_ROLES: Final = {DisplayKind.STAGE: Role.MODERATOR, DisplayKind.BIG_SCREEN: Role.FAN}
"""Whose view a display has. It may do nothing whatever its role may."""

_log = structlog.get_logger(__name__)


class MadeDisplay(Struct, frozen=True):
    """A new display with its token, which nobody can read again."""

    display: DisplayRecord
    token: DisplayToken


class Displays:
    """The displays of shows."""

    def __init__(
        self, store: DisplayStore, attendance: Attendance, revocation: Revocation, clock: Clock
    ) -> None:
        self._store = store
        self._attendance = attendance
        self._revocation = revocation
        self._clock = clock

    async def make(
        self, display_id: str, show_id: str, identity: Identity, kind: DisplayKind, name: str
    ) -> MadeDisplay:
        """A new display of a show, for its crew.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``, ``too_many_displays``,
                ``validation_failed``.
        """
        await self._crew(show_id, identity)
        title = one_line(name)
        if not title:
            raise invalid(FieldProblem("name", "empty", "A display needs a name."))
        token = new_token(display_id)
        new = NewDisplay(
            display_id=display_id,
            show_id=show_id,
            kind=kind,
            name=title,
            token_hash=token.hash,
            account_id=identity.account_id,
        )
        try:
            made = await self._store.create(new, self._clock.now())
        except TooManyDisplays:
            detail = "This show has as many displays as it can. Revoke one first."
            raise ApiError(409, "too_many_displays", detail) from None
        except LookupError:
            raise ApiError(409, "display_revoked", "This display was ended meanwhile.") from None
        _log.info("display_made", show_id=show_id, display_id=display_id, kind=kind.value)
        return MadeDisplay(display=made, token=token)

    async def of_show(self, show_id: str, identity: Identity) -> list[DisplayRecord]:
        """A show's displays, for its crew.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        await self._crew(show_id, identity)
        return await self._store.of_show(show_id)

    async def revoke(self, display_id: str, identity: Identity) -> None:
        """Ends a display on every node; saying it twice does it once.

        Raises:
            ApiError: ``unknown_display``, ``not_allowed``.
        """
        display = await self._store.by_id(display_id)
        if display is None:
            raise not_found("display")
        await self._crew(display.show_id, identity)
        await self._store.revoke(display_id, identity.account_id, self._clock.now())
        self._revocation.announce(login_of(display_id))
        _log.info("display_revoked", show_id=display.show_id, display_id=display_id)

    async def known(self, display_id: str, authorization: str | None) -> DisplayRecord:
        """The display that calls with its own token.

        Raises:
            ApiError: ``not_authenticated``, ``invalid_token``, ``display_revoked``.
        """
        token = read_bearer(authorization)
        if token is None:
            raise not_authenticated(detail="Send the display's token.")
        return await self._known(token, token.display_id == display_id)

    async def visitor(self, show_id: str, authorization: str | None) -> DisplayRecord | None:
        """The display that comes to a show's room with its token; ``None``: it is no display.

        Raises:
            ApiError: ``invalid_token``, ``display_revoked``; ``not_allowed`` in another show.
        """
        token = read_bearer(authorization)
        if token is None:
            return None
        display = await self._known(token, True)
        if display.show_id != show_id:
            raise not_allowed("This display belongs to another show.")
        return display

    async def _known(self, token: DisplayToken, meant: bool) -> DisplayRecord:
        display = await self._store.by_id(token.display_id)
        if display is None or not token.opens(display.token_hash) or not meant:
            raise not_authenticated("invalid_token", "This display's token is not valid.")
        if display.revoked_at is not None:
            raise ApiError(403, "display_revoked", "The crew has ended this display.")
        return display

    async def _crew(self, show_id: str, identity: Identity) -> None:
        """Those who see what a stage display shows: they alone may hand it on."""
        standing = await self._attendance.standing(show_id, identity)
        if role_in(standing, identity) not in CREW:
            raise not_allowed("Displays are for the show's crew.")


def participant_of(display: DisplayRecord) -> Participant:
    """A display as its room sees it."""
    return Participant(
        participant_id=display.display_id,
        account_id=display.display_id,
        role=_ROLES[display.kind],
        display_name=display.name,
        display=display.kind,
    )
