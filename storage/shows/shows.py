"""Shows in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms.catalogue.gazetteer import City
from rooms.catalogue.names import normalised
from rooms.shows.ports import Taken
from rooms.shows.records import NewShow, ShowChange, ShowFilter, ShowRecord
from storage.shows.audit import write_audit
from storage.shows.catalogue import Connection, artist_by_name, city_of, tour_id, venue_id
from storage.shows.rows import SELECT_SHOW, show_of

_INSERT = """
INSERT INTO shows (id, owner_id, slug, title, access, starts_at, ends_at, date, join_code, venue_id,
                   created_at, updated_at, status_changed_at, takes_sms)
VALUES ($1, $2, $3, $4, $5, $6, $7, ($6 AT TIME ZONE 'UTC')::date, $8, $9, $10, $10, $10, $11)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""

_CHANGE = """
UPDATE shows
   SET title = $2, access = $3, starts_at = $4, ends_at = $5, venue_id = $6, updated_at = $7,
       takes_sms = $8, tour_id = $9, date = ($4 AT TIME ZONE 'UTC')::date, version = version + 1
 WHERE id = $1
"""

_UNIQUE = {"shows_slug_unique": "slug", "shows_join_code_unique": "join_code"}


class PostgresShows:
    """`rooms.shows.ports.ShowStore`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def create(self, show: NewShow, now: datetime) -> ShowRecord:
        """Inserts a show with its line-up and an empty room."""
        city = await city_of(show.venue)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await self._insert(connection, show, city, now)
        except asyncpg.UniqueViolationError as error:
            raise Taken(_UNIQUE.get(error.constraint_name or "", "show")) from None
        created = await self.by_id(show.show_id)
        if created is None:
            raise LookupError("a show vanished between two statements")
        return created

    async def by_id(self, show_id: str) -> ShowRecord | None:
        """One show."""
        row = await self._pool.fetchrow(f"{SELECT_SHOW} WHERE s.id = $1", show_id)
        return show_of(row) if row else None

    async def by_slug(self, slug: str) -> ShowRecord | None:
        """One show."""
        row = await self._pool.fetchrow(f"{SELECT_SHOW} WHERE s.slug = $1", slug)
        return show_of(row) if row else None

    async def by_join_code(self, join_code: str) -> ShowRecord | None:
        """One show."""
        row = await self._pool.fetchrow(f"{SELECT_SHOW} WHERE s.join_code = $1", join_code)
        return show_of(row) if row else None

    async def find(self, wanted: ShowFilter) -> list[ShowRecord]:
        """One page of shows."""
        query, values = _find(wanted)
        return [show_of(row) for row in await self._pool.fetch(query, *values)]

    async def change(
        self, show_id: str, change: ShowChange, account_id: str, now: datetime
    ) -> ShowRecord | None:
        """Replaces a show's values; the audit entry holds what differs."""
        city = await city_of(change.venue)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT FROM shows WHERE id = $1 FOR NO KEY UPDATE", show_id)
            row = await connection.fetchrow(f"{SELECT_SHOW} WHERE s.id = $1", show_id)
            if row is None:
                return None
            before = _values(show_of(row))
            after: dict[str, Any] = msgspec.to_builtins(change)
            changed = [name for name in after if before[name] != after[name]]
            if changed:
                place = await venue_id(connection, change.venue, city)
                await connection.execute(
                    _CHANGE,
                    show_id,
                    change.title,
                    change.access.value,
                    change.starts_at,
                    change.ends_at,
                    place,
                    now,
                    change.takes_sms,
                    await tour_id(connection, show_id, change.tour),
                )
                await write_audit(
                    connection,
                    at=now,
                    show_id=show_id,
                    account_id=account_id,
                    action="change_show",
                    subject=f"show:{show_id}",
                    before={name: before[name] for name in changed},
                    after={name: after[name] for name in changed},
                )
        return await self.by_id(show_id)

    async def _insert(
        self, connection: Connection, show: NewShow, city: City | None, now: datetime
    ) -> None:
        place = await venue_id(connection, show.venue, city)
        inserted = await connection.fetchval(
            _INSERT,
            show.show_id,
            show.owner_id,
            show.slug,
            show.title,
            show.access.value,
            show.starts_at,
            show.ends_at,
            show.join_code,
            place,
            now,
            show.takes_sms,
        )
        if inserted is None:
            return
        for position, name in enumerate(show.artists, start=1):
            await connection.execute(
                "INSERT INTO line_up (show_id, artist_id, billing, position) "
                "VALUES ($1, $2, $3, $4) ON CONFLICT (show_id, artist_id) DO NOTHING",
                show.show_id,
                await artist_by_name(connection, name),
                "headliner" if position == 1 else "support",
                position,
            )
        if show.tour is not None:
            tour = await tour_id(connection, show.show_id, show.tour)
            await connection.execute(
                "UPDATE shows SET tour_id = $2 WHERE id = $1", show.show_id, tour
            )
        await connection.execute(
            "INSERT INTO rooms (show_id) VALUES ($1) ON CONFLICT DO NOTHING", show.show_id
        )
        await write_audit(
            connection,
            at=now,
            show_id=show.show_id,
            account_id=show.owner_id,
            action="create_show",
            subject=f"show:{show.show_id}",
            after={"title": show.title, "access": show.access.value, "slug": show.slug},
        )


def _values(show: ShowRecord) -> dict[str, Any]:
    change = ShowChange(
        title=show.title,
        access=show.access,
        starts_at=show.starts_at,
        ends_at=show.ends_at,
        venue=show.venue,
        takes_sms=show.takes_sms,
        tour=show.tour.name if show.tour else None,
    )
    values: dict[str, Any] = msgspec.to_builtins(change)
    return values


def conditions_of(wanted: ShowFilter, value: Callable[[Any], str]) -> list[str]:
    """SQL conditions on ``shows s`` and ``venues v`` for everything but order and page.

    Args:
        value: takes a parameter of the statement and answers its placeholder.
    """
    conditions: list[str] = []
    if wanted.mine or not wanted.sees_all:
        viewer = value(wanted.viewer_id)
        theirs = (
            f"(s.owner_id = {viewer}::uuid OR EXISTS (SELECT FROM crew "
            f"WHERE crew.show_id = s.id AND crew.account_id = {viewer}::uuid "
            f"AND (crew.role <> 'brand' OR s.status <> 'draft')) "
            f"OR EXISTS (SELECT FROM line_up l JOIN artists a ON a.id = l.artist_id "
            f"WHERE l.show_id = s.id AND l.status = 'accepted' "
            f"AND a.claimed_by = {viewer}::uuid))"
        )
        public = "s.status <> 'draft' AND s.access <> 'private'"
        conditions.append(theirs if wanted.mine else f"(({public}) OR {theirs})")
    if wanted.statuses:
        statuses = value([status.value for status in wanted.statuses])
        conditions.append(f"s.status = ANY({statuses}::text[])")
    if wanted.q:
        like = value(_containing(wanted.q))
        by_artist = value(_containing(normalised(wanted.q)))
        conditions.append(
            f"(s.title ILIKE {like} OR v.name ILIKE {like} OR v.city ILIKE {like} "
            f"OR EXISTS (SELECT FROM line_up l JOIN artists a ON a.id = l.artist_id "
            f"WHERE l.show_id = s.id AND a.normalised_name LIKE {by_artist}))"
        )
    if wanted.artist:
        artist = value(_containing(normalised(wanted.artist)))
        conditions.append(
            f"EXISTS (SELECT FROM line_up l JOIN artists a ON a.id = l.artist_id "
            f"WHERE l.show_id = s.id AND a.normalised_name LIKE {artist})"
        )
    if wanted.artist_id:
        conditions.append(
            f"EXISTS (SELECT FROM line_up l WHERE l.show_id = s.id "
            f"AND l.artist_id = {value(wanted.artist_id)}::uuid AND l.status <> 'declined')"
        )
    if wanted.city:
        conditions.append(f"v.city ILIKE {value(_containing(wanted.city))}")
    if wanted.starts_from:
        conditions.append(f"s.starts_at >= {value(wanted.starts_from)}")
    if wanted.starts_to:
        conditions.append(f"s.starts_at < {value(wanted.starts_to)}")
    return conditions


def _find(wanted: ShowFilter) -> tuple[str, list[Any]]:
    values: list[Any] = []

    def value(given: Any) -> str:
        values.append(given)
        return f"${len(values)}"

    conditions = conditions_of(wanted, value)
    if wanted.after:
        sign = ">" if wanted.ascending else "<"
        at, show_id = wanted.after
        conditions.append(f"(s.starts_at, s.id) {sign} ({value(at)}, {value(show_id)}::uuid)")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    direction = "ASC" if wanted.ascending else "DESC"
    order = f" ORDER BY s.starts_at {direction}, s.id {direction}"
    return f"{SELECT_SHOW}{where}{order} LIMIT {value(wanted.limit)}", values


def _containing(text: str) -> str:
    """A LIKE pattern for text that holds ``text``, taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
