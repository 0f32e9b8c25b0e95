"""Everything that a line-up may play, in one answer: phones keep it and search without a network.

A whole audience asks for the same bytes when doors open: they are made once in a while.
"""

from __future__ import annotations

import asyncio
import gzip
from typing import Final

import msgspec
from msgspec import Struct

from rooms.ports import Clock
from server.conditional import tag_of
from server.security.identity import Identity
from server.shows.attendance import Attendance
from server.song_requests.schemas import SongBookItem, SongBookPage
from storage.song_requests.catalogue import LineUpCatalogue

FRESH_S: Final = 60.0
"""A new song is in the book after so long at most."""

BOOKS_KEPT: Final = 32
"""Books of so many shows, 0.5 MB each at most."""


class SongBook(Struct, frozen=True):
    """One show's answer, as it is and packed (gzip). ``tag``: of what it says."""

    tag: str
    plain: bytes
    packed: bytes


class SongBooks:
    """Makes and keeps the books of shows."""

    def __init__(self, catalogue: LineUpCatalogue, attendance: Attendance, clock: Clock) -> None:
        self._catalogue = catalogue
        self._attendance = attendance
        self._clock = clock
        self._books: dict[str, tuple[float, asyncio.Task[SongBook]]] = {}

    async def of(self, show_id: str, viewer: Identity | None) -> SongBook:
        """The book of a show.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``.
        """
        await self._attendance.read(show_id, viewer)
        now = self._clock.monotonic()
        made_at, task = self._books.get(show_id, (0.0, None))
        failed = task is not None and task.done() and (task.cancelled() or task.exception())
        if task is None or failed or now - made_at > FRESH_S:
            self._books.pop(show_id, None)
            while len(self._books) >= BOOKS_KEPT:
                del self._books[next(iter(self._books))]
            task = asyncio.create_task(self._make(show_id))
            self._books[show_id] = (now, task)
        return await asyncio.shield(task)

    async def _make(self, show_id: str) -> SongBook:
        songs = await self._catalogue.everything(show_id)
        page = SongBookPage(
            items=[SongBookItem(song.song_id, song.title, song.times) for song in songs]
        )
        plain = msgspec.json.encode(page)
        packed = await asyncio.to_thread(gzip.compress, plain, 6, mtime=0)
        return SongBook(tag=tag_of(plain), plain=plain, packed=packed)
