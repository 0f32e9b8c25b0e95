"""Artists, songs and archived shows to test with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crdt.schema import SetlistEntry
from rooms.catalogue.names import normalised
from rooms.performances.records import Derived, FinalSetlist
from storage.database import Database
from storage.performances.nights import PostgresNights
from tests.contract.harness import new_id

FIRST_NIGHT = datetime(1977, 5, 8, 20, tzinfo=UTC)


class Stage:
    """Fills a database."""

    def __init__(self, database: Database) -> None:
        self.pool = database.pool
        self.nights = PostgresNights(database.pool)

    async def artist(self, name: str) -> str:
        return str(
            await self.pool.fetchval(
                "INSERT INTO artists (name, normalised_name) VALUES ($1, $2) RETURNING id",
                name,
                normalised(name),
            )
        )

    async def songs(self, artist_id: str, *titles: str) -> list[str]:
        return [
            str(
                await self.pool.fetchval(
                    "INSERT INTO songs (artist_id, title, normalised_title)"
                    " VALUES ($1, $2, $3) RETURNING id",
                    artist_id,
                    title,
                    normalised(title),
                )
            )
            for title in titles
        ]

    async def account(self, role: str = "curator") -> str:
        account_id = new_id()
        await self.pool.execute(
            "INSERT INTO accounts (id, kind, role, email, password_hash, display_name)"
            " VALUES ($1, 'user', $2, $1::uuid || '@example.com', 'x', 'Ann')",
            account_id,
            role,
        )
        return account_id

    async def show(
        self, *artists: str, day: int = 0, status: str = "archived", owner: str | None = None
    ) -> str:
        """A show some days after the first night; its first artist is the headliner."""
        show_id = new_id()
        await self.pool.execute(
            "INSERT INTO shows (id, slug, title, status, starts_at, source_id, owner_id)"
            " VALUES ($1, 'show-' || $1::uuid, 'A show', $2, $3, $1::uuid, $4)",
            show_id,
            status,
            FIRST_NIGHT + timedelta(days=day),
            owner,
        )
        for place, artist_id in enumerate(artists, 1):
            await self.pool.execute(
                "INSERT INTO line_up (show_id, artist_id, billing, position, status)"
                " VALUES ($1, $2, $3, $4, 'accepted')",
                show_id,
                artist_id,
                "headliner" if place == 1 else "support",
                place,
            )
        return show_id

    async def archive(
        self, show_id: str, *titles: str, seq: int = 1, struck: Sequence[str] = (), **fields: Any
    ) -> Derived | None:
        """Archives a setlist of these titles; ``encore:…`` and ``soundcheck:…`` say where."""
        final = FinalSetlist(seq, setlist(*titles, **fields), frozenset(struck))
        return await self.nights.archive(show_id, final)

    async def played(self, show_id: str) -> list[tuple[str, str | None]]:
        """(what is printed or the song's title, the song's title) in order."""
        rows = await self.pool.fetch(
            "SELECT coalesce(p.printed_title, o.title) AS title, o.title AS song"
            "  FROM performances p LEFT JOIN songs o ON o.id = p.song_id"
            " WHERE p.show_id = $1 ORDER BY p.ordinal",
            show_id,
        )
        return [(row["title"], row["song"]) for row in rows]

    async def reviews(self, show_id: str) -> dict[str, str]:
        """Title → status."""
        rows = await self.pool.fetch(
            "SELECT title, status FROM song_reviews WHERE show_id = $1", show_id
        )
        return {row["title"]: row["status"] for row in rows}

    async def statistics(self, song_id: str) -> dict[str, Any] | None:
        """The row of a song's own artist."""
        row = await self.pool.fetchrow(
            "SELECT t.* FROM song_statistics t JOIN songs o ON o.id = t.song_id"
            " WHERE o.id = $1 AND t.artist_id = o.artist_id",
            song_id,
        )
        return dict(row) if row else None


def setlist(*titles: str, **fields: Any) -> tuple[SetlistEntry, ...]:
    """Entries in order, with ids ``e1``, ``e2`` …"""
    entries = []
    for number, title in enumerate(titles, 1):
        section, _, rest = title.rpartition(":")
        entries.append(
            SetlistEntry(
                id=f"e{number}",
                title=rest,
                section={"encore": "encore1"}.get(section, section or "set1"),
                **fields,
            )
        )
    return tuple(entries)
