"""A backup as a file: a ZIP of one COPY stream for each table, and a manifest.

Everything in it can be read without Setroom: ``unzip`` gives the tables in PostgreSQL's own text
format (https://www.postgresql.org/docs/18/sql-copy.html). The manifest is written last, with the
number of rows and the SHA-256 of each table; a file without it, or one that differs, is no backup.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from storage.backup.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_BYTES_MAX = 4 * 1024 * 1024
LEVEL = 4
"""Of deflate: a third of the size at a quarter of the time of the best."""
PIECE_BYTES = 256 * 1024
"""Read at once; what a restore holds of a table."""


class TableEntry(Struct, frozen=True):
    """One table. ``size``: bytes before compression."""

    name: str
    columns: list[str]
    rows: int
    size: int
    sha256: str

    @property
    def member(self) -> str:
        """Its name in the file."""
        return member_of(self.name)


class SequenceEntry(Struct, frozen=True):
    """One sequence."""

    name: str
    value: int
    is_called: bool


class Manifest(Struct, frozen=True):
    """What a backup is of.

    Attributes:
        backup_at: the moment that it shows, by the database's clock.
        migrations: ids of those that had been applied, in order.
        key_check: tells whether a secret key is the one that this deployment had.
    """

    format: int
    version: str
    backup_at: datetime
    postgres: str
    migrations: list[str]
    key_check: str
    tables: list[TableEntry]
    sequences: list[SequenceEntry]

    @property
    def rows(self) -> int:
        """In all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return sum(table.size for table in self.tables)


def member_of(table: str) -> str:
    """A table's name in the file."""
    return f"tables/{table}.copy"


class Written:
    """One table's stream on its way into the file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    async def take(self, data: bytes) -> None:
        """The next piece."""
        self._stream.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """Of everything so far, hexadecimal."""
        return self._hash.hexdigest()


class ArchiveWriter:
    """Writes a backup; use `new_archive`."""

    def __init__(self, target: zipfile.ZipFile) -> None:
        self._target = target

    @contextmanager
    def table(self, name: str) -> Iterator[Written]:
        """One table's stream."""
        with self._target.open(member_of(name), "w", force_zip64=True) as stream:
            yield Written(stream)

    def finish(self, manifest: Manifest) -> None:
        """Without this it is no backup."""
        self._target.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


@contextmanager
def new_archive(path: Path) -> Iterator[ArchiveWriter]:
    """A file that has its name only once it is whole and on the disk. Its owner alone may read it.

    Raises:
        BackupError: ``file_exists``, or ``file_unwritable``.
    """
    if path.exists():
        raise BackupError("file_exists", f"{path} exists already")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            with zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=LEVEL
            ) as target:
                yield ArchiveWriter(target)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # Unlike a rename this never replaces a file.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        raise BackupError("file_exists", f"{path} exists already") from None
    except OSError as error:
        raise BackupError("file_unwritable", f"{path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


class Archive:
    """A backup that is read; use `open_archive`."""

    def __init__(self, source: zipfile.ZipFile, manifest: Manifest) -> None:
        self._source = source
        self.manifest = manifest

    def pieces(self, table: TableEntry) -> Iterator[bytes]:
        """A table's stream, piece by piece.

        Raises:
            BackupError: ``damaged``.
        """
        digest, size = hashlib.sha256(), 0
        try:
            with self._source.open(table.member) as stream:
                while piece := stream.read(PIECE_BYTES):
                    digest.update(piece)
                    size += len(piece)
                    if size > table.size:
                        break
                    yield piece
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, RuntimeError):
            raise BackupError("damaged", f"{table.member} cannot be read") from None
        if size != table.size or digest.hexdigest() != table.sha256:
            raise BackupError("damaged", f"{table.member} is not what was written")

    def verify(self) -> None:
        """Reads everything once.

        Raises:
            BackupError: ``damaged``.
        """
        for table in self.manifest.tables:
            for _ in self.pieces(table):
                pass


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """A backup to read.

    Raises:
        BackupError: ``no_such_file``, ``not_a_backup``, or ``backup_newer``: of a format that
            this version does not know.
    """
    try:
        source = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BackupError("no_such_file", f"{path} does not exist") from None
    except OSError as error:
        raise BackupError("no_such_file", f"{path}: {error.strerror}") from None
    except zipfile.BadZipFile:
        raise BackupError("not_a_backup", f"{path} is no backup, or not whole") from None
    with source:
        yield Archive(source, _manifest_of(source, path))


class _Head(Struct):
    format: int


def _manifest_of(source: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        if source.getinfo(MANIFEST).file_size > MANIFEST_BYTES_MAX:
            raise BackupError("not_a_backup", f"the manifest of {path} is too large")
        text = source.read(MANIFEST)
        if msgspec.json.decode(text, type=_Head).format > FORMAT:
            raise BackupError("backup_newer", f"{path} was written by a later version of Setroom")
        return msgspec.json.decode(text, type=Manifest)
    except (KeyError, msgspec.DecodeError, zipfile.BadZipFile, zlib.error, OSError):
        raise BackupError("not_a_backup", f"{path} has no manifest: it is not whole") from None
