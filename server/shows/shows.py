"""Making, finding and changing shows: the rules, without HTTP."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import UNSET

from rooms.catalogue.countries import country_code
from rooms.commands import ChangeShowStatus
from rooms.node import Node
from rooms.participants import Role
from rooms.ports import Clock, NewId
from rooms.show import ShowStatus
from rooms.shows.ports import ShowStore, Taken
from rooms.shows.records import NewShow, ShowChange, ShowFilter, ShowRecord, VenueRecord
from server.cursors import Moment, read_cursor, write_cursor
from server.envelopes import acknowledged, envelope
from server.field_problems import FieldProblem
from server.problems import ApiError, invalid, not_allowed, not_found
from server.security.identity import Identity
from server.shows.attendance import Attendance
from server.shows.codes import new_join_code, slug_of
from server.shows.schemas import ChangeShowBody, NewShowBody, TourBody, VenueBody
from server.text import one_line

ATTEMPTS_MAX: Final = 8
"""Tries to find a free slug and join code."""

MAKERS: Final = frozenset({Role.ARTIST, Role.MODERATOR, Role.CURATOR, Role.BRAND, Role.ADMIN})
"""Account roles that may put on shows."""


class Shows:
    """Shows and their life."""

    def __init__(
        self,
        store: ShowStore,
        attendance: Attendance,
        node: Node,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._store = store
        self._attendance = attendance
        self._node = node
        self._clock = clock
        self._new_id = new_id

    async def create(self, show_id: str, identity: Identity, body: NewShowBody) -> ShowRecord:
        """Makes a draft show, owned by the caller.

        Raises:
            ApiError: ``not_allowed``, ``validation_failed``.
        """
        if identity.guest or identity.role not in MAKERS:
            raise not_allowed("Sign up as an artist to put on shows.")
        venue = _venue(body.venue)
        title = _title(body.title)
        _check_times(body.starts_at, body.ends_at)
        artists = tuple(dict.fromkeys(one_line(artist.name) for artist in body.artists))
        if not all(artists):
            raise invalid(FieldProblem("artists", "empty", "An artist needs a name."))
        tour = _tour(body.tour, has_artists=bool(artists))
        for attempt in range(ATTEMPTS_MAX):
            show = NewShow(
                show_id=show_id,
                slug=slug_of(title, body.starts_at, attempt=attempt),
                title=title,
                access=body.access,
                starts_at=body.starts_at,
                ends_at=body.ends_at,
                join_code=new_join_code(),
                owner_id=identity.account_id,
                venue=venue,
                artists=artists,
                takes_sms=body.takes_sms,
                tour=tour,
            )
            try:
                return await self._store.create(show, self._clock.now())
            except Taken:
                continue
        raise ApiError(503, "unavailable", "No free address was found. Try again.", retry_after_s=1)

    async def by_id_or_slug(self, name: str) -> ShowRecord:
        """A show by its id or slug.

        Raises:
            ApiError: ``unknown_show``.
        """
        try:
            found = await self._store.by_id(str(UUID(name)))
        except ValueError:
            found = await self._store.by_slug(name[:200])
        if found is None:
            raise not_found("show")
        return found

    async def find(self, wanted: ShowFilter) -> tuple[list[ShowRecord], str | None]:
        """A page of shows and the cursor of the next."""
        one_more = msgspec.structs.replace(wanted, limit=wanted.limit + 1)
        found = await self._store.find(one_more)
        page = found[: wanted.limit]
        more = len(found) > wanted.limit
        return page, cursor_of(page[-1]) if more else None

    async def change(self, show_id: str, identity: Identity, body: ChangeShowBody) -> ShowRecord:
        """Changes what the body names.

        Raises:
            ApiError: ``not_allowed``, ``show_is_over``, ``validation_failed``.
        """
        await self.may_change(show_id, identity)
        show = await self.by_id_or_slug(show_id)
        change = ShowChange(
            title=show.title if body.title is UNSET else _title(body.title),
            access=show.access if body.access is UNSET else body.access,
            starts_at=show.starts_at if body.starts_at is UNSET else body.starts_at,
            ends_at=show.ends_at if body.ends_at is UNSET else body.ends_at,
            venue=show.venue if body.venue is UNSET else _venue(body.venue),
            takes_sms=show.takes_sms if body.takes_sms is UNSET else body.takes_sms,
            tour=_tour_name(show)
            if body.tour is UNSET
            else _tour(body.tour, has_artists=bool(show.artists)),
        )
        _check_times(change.starts_at, change.ends_at)
        changed = await self._store.change(show_id, change, identity.account_id, self._clock.now())
        if changed is None:
            raise not_found("show")
        return changed

    async def may_change(self, show_id: str, identity: Identity) -> None:
        """Whether the caller may change the show and who performs, which ends with the show.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``, ``show_is_over``.
        """
        standing = await self._attendance.drive(show_id, identity)
        if standing.status in (ShowStatus.ARCHIVED, ShowStatus.CANCELLED):
            raise ApiError(409, "show_is_over", "This show cannot be changed any more.")

    async def move(self, show_id: str, identity: Identity, to: ShowStatus) -> ShowRecord:
        """Takes a show one step through its life, by way of its room, whose log tells of it.

        Raises:
            ApiError: ``not_allowed``, ``illegal_transition``.
        """
        await self._attendance.drive(show_id, identity)
        participant = await self._attendance.join(show_id, identity)
        room = await self._node.enter(show_id)
        try:
            answer = await room.ask(
                envelope(self._new_id(), participant, ChangeShowStatus(to=to), self._clock.now())
            )
        finally:
            self._node.leave(room)
        acknowledged(answer)
        return await self.by_id_or_slug(show_id)


def cursor_of(show: ShowRecord) -> str:
    """Where a page ends, opaque to clients."""
    return cursor_at(show.starts_at, show.show_id)


def cursor_at(at: datetime, show_id: str) -> str:
    """A place in a list of shows that is in order of some time of theirs."""
    return write_cursor((at, show_id))


def read_place(cursor: str) -> tuple[datetime, str]:
    """Reads it back.

    Raises:
        ApiError: it is none of ours.
    """
    at, show_id = read_cursor(cursor, tuple[Moment, UUID])
    return at, str(show_id)


def _title(text: str) -> str:
    title = one_line(text)
    if not title:
        raise invalid(FieldProblem("title", "empty", "A show needs a title."))
    return title


def _check_times(starts_at: datetime, ends_at: datetime | None) -> None:
    if ends_at is not None and ends_at <= starts_at:
        raise invalid(FieldProblem("ends_at", "before_start", "A show ends after it starts."))


def _tour(body: TourBody | None, *, has_artists: bool) -> str | None:
    if body is None:
        return None
    name = one_line(body.name)
    if not name:
        raise invalid(FieldProblem("tour.name", "empty", "A tour needs a name."))
    if not has_artists:
        raise invalid(FieldProblem("tour", "no_artist", "A tour is an artist's: name one first."))
    return name


def _tour_name(show: ShowRecord) -> str | None:
    return show.tour.name if show.tour else None


def _venue(body: VenueBody | None) -> VenueRecord | None:
    if body is None:
        return None
    name, city = one_line(body.name), one_line(body.city or "")
    if not name:
        raise invalid(FieldProblem("venue.name", "empty", "A venue needs a name."))
    country = one_line(body.country or "") or None
    if country is not None:
        code = country.upper() if re.fullmatch("[A-Za-z]{2}", country) else country_code(country)
        code = "GB" if code == "UK" else code
        if code is None:
            detail = "Give the country's two-letter code (ISO 3166-1)."
            raise invalid(FieldProblem("venue.country", "unknown_country", detail))
        country = code
    return VenueRecord(name=name, city=city or None, country=country)
