"""Loads an archive file, or a shipped archive, into a store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from msgspec import Struct

from jobs.archive.packaged import PackagedArchive, read_packaged
from rooms.catalogue.archive import Archive, ReadingReport
from rooms.catalogue.ports import ArchiveStore, LoadReport, Progress
from rooms.catalogue.reading import UnknownArchiveError, read_archive
from rooms.limits import ARCHIVE_BYTES_MAX

log = structlog.get_logger(__name__)

SONG_FILES = ("{stem}-song-refs.json", "{stem}-songs.jsonl")
"""Names under which an archive's song file lies beside it (``{stem}``: ``grateful-dead``)."""


class ArchiveLoaded(Struct, frozen=True):
    """What was read, what was left out or repaired, and what was written."""

    archive: Archive
    written: LoadReport

    @property
    def reading(self) -> ReadingReport:
        return self.archive.report


def read_archive_file(path: Path) -> Archive:
    """Reads an archive and, if it lies beside it, its song file.

    Raises:
        UnknownArchiveError: the file is no archive, or is larger than ``ARCHIVE_BYTES_MAX``.
        OSError: it cannot be read.
    """
    size_bytes = path.stat().st_size
    if size_bytes > ARCHIVE_BYTES_MAX:
        raise UnknownArchiveError(f"{path.name} has {size_bytes} bytes, too many for an archive")
    songs = song_file_of(path)
    return read_archive(path.read_bytes(), songs.read_bytes() if songs else None)


def song_file_of(path: Path) -> Path | None:
    """The song file beside an archive (``grateful-dead.jsonl.gz`` → ``…-song-refs.json``)."""
    stem = path.name.split(".", 1)[0]
    for pattern in SONG_FILES:
        name = pattern.format(stem=stem)
        for candidate in (path.with_name(name), path.with_name(f"{name}.gz")):
            if candidate.is_file():
                return candidate
    return None


async def load_archive(path: Path, store: ArchiveStore, progress: Progress) -> ArchiveLoaded:
    """Reads ``path`` off the event loop and hands it to the store; idempotent.

    Raises:
        UnknownArchiveError: the file is no archive known to Setroom.
        OSError: it cannot be read.
    """
    return await load_read(await asyncio.to_thread(read_archive_file, path), store, progress)


async def load_packaged(
    name: PackagedArchive, store: ArchiveStore, progress: Progress
) -> ArchiveLoaded:
    """Loads one of the shipped archives; idempotent."""
    return await load_read(await asyncio.to_thread(read_packaged, name), store, progress)


async def load_read(archive: Archive, store: ArchiveStore, progress: Progress) -> ArchiveLoaded:
    """Hands an archive that was read already to the store; idempotent."""
    written = await store.load(archive, progress)
    log.info(
        "archive_loaded",
        source=archive.source,
        shows=written.shows,
        shows_new=written.shows_new,
        performances_new=written.performances_new,
        skipped=archive.report.skipped,
    )
    return ArchiveLoaded(archive, written)
