"""What somebody is to a show, and how they come to be in its room."""

from __future__ import annotations

from rooms.accounts.naming import room_name
from rooms.participants import Participant, Role
from rooms.ports import Clock, NewId
from rooms.show import Access, is_announced
from rooms.shows.ports import AttendeeStore, Standing
from rooms.shows.records import AttendeeRecord
from server.problems import ApiError, not_allowed, not_found
from server.rate_limits import JOIN_CODES_BY_ACCOUNT, RateLimits
from server.security.identity import Identity
from server.shows.codes import same_code
from server.shows.stage_names import StageNames

_EVERYWHERE = frozenset({Role.ADMIN, Role.CURATOR})
"""Account roles that hold in every room."""

_AUDIENCE = frozenset({Role.FAN, Role.BRAND})
"""Who needs what the show asks of everybody: a brand is named for its figures, not for the room."""


class Attendance:
    """Admits people to rooms."""

    def __init__(
        self,
        store: AttendeeStore,
        stage_names: StageNames,
        limits: RateLimits,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._store = store
        self._stage_names = stage_names
        self._limits = limits
        self._clock = clock
        self._new_id = new_id

    async def standing(self, show_id: str, viewer: Identity | None) -> Standing:
        """What the viewer is to the show.

        Raises:
            ApiError: ``unknown_show``; to all but its crew one that was never announced is.
        """
        found = await self._store.standing(show_id, viewer.account_id if viewer else None)
        if found is None:
            raise not_found("show")
        if not is_announced(found.status, found.join_code) and not is_crew(found, viewer):
            raise not_found("show")
        return found

    async def drive(self, show_id: str, identity: Identity) -> Standing:
        """The standing of somebody who may change the show.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        found = await self.standing(show_id, identity)
        if role_in(found, identity) not in (Role.ARTIST, Role.ADMIN):
            raise not_allowed("Only this show's crew may do this.")
        return found

    async def read(
        self, show_id: str, viewer: Identity | None, join_code: str | None = None
    ) -> Standing:
        """The standing of somebody who may see what goes on.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``, ``wrong_join_code``.
        """
        found = await self.standing(show_id, viewer)
        if found.access is Access.PRIVATE and not is_crew(found, viewer):
            admitted = found.attendee is not None and found.attendee.admitted
            if not admitted and not await self._opens(found, viewer, join_code):
                raise _code_required()
        return found

    async def join(
        self, show_id: str, identity: Identity, join_code: str | None = None
    ) -> Participant:
        """The participant that the caller is in the room, made at the first time.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``, ``wrong_join_code``, ``removed``,
                ``rate_limited``.
        """
        found = await self.standing(show_id, identity)
        role = role_in(found, identity)
        attendee = found.attendee
        if attendee is not None and attendee.removed and role in _AUDIENCE:
            raise ApiError(403, "removed", "You were removed from this room.")
        admitted = role not in _AUDIENCE or bool(attendee and attendee.admitted)
        if not admitted:
            admitted = found.access is Access.PUBLIC or await self._opens(
                found, identity, join_code
            )
        if not admitted and found.access is Access.PRIVATE:
            raise _code_required()
        attendee_id = attendee.attendee_id if attendee else self._new_id()
        name = await self._name_of(show_id, identity, role, attendee_id)
        if attendee is None or _is_news(attendee, identity, role, name, admitted=admitted):
            attendee = await self._store.join(
                attendee_id,
                show_id,
                identity.account_id,
                role=role,
                display_name=name,
                admitted=admitted,
                device_id=identity.device_id,
                now=self._clock.now(),
            )
        return Participant(
            participant_id=attendee.attendee_id,
            account_id=identity.account_id,
            role=role,
            display_name=attendee.display_name,
            guest=identity.guest,
            admitted=attendee.admitted,
            device_id=attendee.device_id,
            shows_presence=identity.shows_presence,
        )

    async def _name_of(self, show_id: str, identity: Identity, role: Role, attendee_id: str) -> str:
        """Whoever is called like the crew or an artist, or looks so, has no name in this room:
        they come in, and nobody is misled."""
        shown = identity.shows_name
        if shown and role is Role.FAN:
            shown = not await self._stage_names.have(show_id, identity.display_name)
        return room_name(
            identity.display_name, shows_name=shown, role=role, attendee_id=attendee_id
        )

    async def _opens(self, found: Standing, viewer: Identity | None, join_code: str | None) -> bool:
        """Whether the code is the show's; wrong ones are counted."""
        if not join_code:
            return False
        who = viewer.account_id if viewer else f"show {found.show_id}"
        await self._limits.test(JOIN_CODES_BY_ACCOUNT, who)
        if found.join_code is not None and same_code(join_code, found.join_code):
            return True
        await self._limits.hit(JOIN_CODES_BY_ACCOUNT, who)
        raise ApiError(403, "wrong_join_code", "This is not the code of this show.")


def _is_news(
    attendee: AttendeeRecord, identity: Identity, role: Role, name: str, *, admitted: bool
) -> bool:
    """Whether the stored attendee lacks something that is known now."""
    device_is_new = attendee.device_id is None and identity.device_id is not None
    differs = attendee.role is not role or attendee.admitted is not admitted
    return differs or device_is_new or attendee.display_name != name


def role_in(found: Standing, viewer: Identity | None) -> Role:
    """The role of an account in one show's room."""
    if viewer is None:
        return Role.FAN
    if viewer.role is Role.ADMIN:
        return Role.ADMIN
    if found.owner_id == viewer.account_id:
        return Role.ARTIST
    if found.crew_role is not None:
        return found.crew_role
    return viewer.role if viewer.role in _EVERYWHERE else Role.FAN


def is_crew(found: Standing, viewer: Identity | None) -> bool:
    """Whether the viewer belongs to the show's crew. A brand that the crew names does not."""
    if viewer is None:
        return False
    owner = found.owner_id == viewer.account_id
    return owner or found.crew_role not in (None, Role.BRAND) or viewer.role is Role.ADMIN


def sees_drafts(found: Standing, viewer: Identity | None) -> bool:
    """Whether the viewer may know what was written before the show was published: the crew, and
    curators, who bring it back."""
    return is_crew(found, viewer) or role_in(found, viewer) is Role.CURATOR


def _code_required() -> ApiError:
    return ApiError(403, "join_code_required", "This show is private. Enter its code.")
