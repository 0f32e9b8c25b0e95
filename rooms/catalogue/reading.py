"""Turns the bytes of an archive file into structs, whatever its format and compression.

Known by their content, not their names: the Grateful Dead's and Springsteen's JSON lines, and
Setroom's packed form; each plain, gzip or xz.
"""

from __future__ import annotations

import gzip
import io
import lzma

import msgspec

from rooms.catalogue.archive import Archive
from rooms.catalogue.grateful_dead import read_grateful_dead, read_references
from rooms.catalogue.packed import is_packed, read_packed
from rooms.catalogue.springsteen import read_songs, read_springsteen
from rooms.limits import ARCHIVE_BYTES_MAX

_GZIP = b"\x1f\x8b"
_XZ = b"\xfd7zXZ\x00"


class UnknownArchiveError(ValueError):
    """The file is no archive that Setroom can read; the message says what was found."""


def decompress(data: bytes) -> bytes:
    """The plain bytes of a gzip or xz file, or the bytes themselves.

    Raises:
        UnknownArchiveError: broken compression, or more than ``ARCHIVE_BYTES_MAX`` bytes.
    """
    try:
        if data.startswith(_GZIP):
            return _bounded(gzip.GzipFile(fileobj=io.BytesIO(data)))
        if data.startswith(_XZ):
            return _bounded(lzma.LZMAFile(io.BytesIO(data)))
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise UnknownArchiveError(f"the compressed file is broken: {error}") from error
    return data


def _bounded(stream: gzip.GzipFile | lzma.LZMAFile) -> bytes:
    with stream:
        plain = stream.read(ARCHIVE_BYTES_MAX + 1)
    if len(plain) > ARCHIVE_BYTES_MAX:
        raise UnknownArchiveError(f"the archive holds more than {ARCHIVE_BYTES_MAX} bytes")
    return plain


def read_archive(data: bytes, songs: bytes | None = None) -> Archive:
    """Reads one archive file.

    Args:
        data: the file, possibly compressed.
        songs: the archive's own file of songs, where it has one: song references (Grateful
            Dead) or song catalogue (Springsteen). Without it, only what was played is known.

    Raises:
        UnknownArchiveError: neither format, or a song file that does not belong to it.
    """
    lines = decompress(data).splitlines()
    first = next((line for line in lines if line.strip()), b"")
    try:
        if is_packed(first):
            return read_packed(lines)
        match _keys(lines):
            case keys if {"uuid", "sets"} <= keys:
                references = read_references(decompress(songs)) if songs else {}
                return read_grateful_dead(lines, references)
            case keys if {"gig_key", "setlist"} <= keys:
                catalogue = read_songs(decompress(songs).splitlines()) if songs else {}
                return read_springsteen(lines, catalogue)
            case keys:
                found = ", ".join(sorted(keys)[:8]) or "no JSON object"
                raise UnknownArchiveError(f"not an archive known to Setroom; found: {found}")
    except msgspec.DecodeError as error:
        raise UnknownArchiveError(
            f"the archive's header or song file is broken: {error}"
        ) from error


_LINES_LOOKED_AT = 50


def _keys(lines: list[bytes]) -> set[str]:
    """The keys of the first line that is a JSON object: an archive may begin with a bad one."""
    for line in lines[:_LINES_LOOKED_AT]:
        try:
            value = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(value, dict):
            return set(value)
    return set()
