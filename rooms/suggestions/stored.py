"""A model as bytes: the shows that its statistics follow from, and its forest.

msgpack and plain numpy arrays, compressed; nothing in it can run code. What is read is checked
before it is used, because a walk over a broken forest could leave its arrays.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from zipfile import BadZipFile

import msgspec
import numpy as np
from msgspec import Struct

from rooms.limits import SUGGESTION_MODEL_BYTES_MAX
from rooms.suggestions.features import COLUMNS
from rooms.suggestions.forest import Forest
from rooms.suggestions.history import PastShow, PlayedSong

FORMAT_VERSION = 1
"""Version of the bytes and of the features together: another one must be trained anew."""

_DECODER_BYTES_MAX = 256 * 1024 * 1024
"""Memory that the decompressor may take; the dictionary size is the sender's choice."""
_INTEGERS = ("roots", "feature", "children")
_FLOATS = ("threshold", "value")


class UnreadableModelError(ValueError):
    """The bytes are no model of this version; train a new one."""


class _StoredShow(Struct, array_like=True):
    date: date
    venue: str | None
    tour: str | None
    songs: list[tuple[int, str]]


class _StoredModel(Struct, array_like=True):
    version: int
    songs: list[tuple[str, str]]
    shows: list[_StoredShow]
    forest: bytes
    depth: int
    features: int


_decoder = msgspec.msgpack.Decoder(_StoredModel)


def pack_model(shows: Iterable[PastShow], forest: Forest | None) -> bytes:
    """The bytes of a model; the same model gives the same bytes (of the same liblzma)."""
    titles: dict[str, str] = {}
    numbers: dict[str, int] = {}
    rows = []
    for show in shows:
        played = []
        for song in show.songs:
            number = numbers.setdefault(song.song_id, len(numbers))
            titles[song.song_id] = song.title or titles.get(song.song_id, "")
            played.append((number, song.section))
        rows.append(_StoredShow(show.date, show.venue, show.tour, played))
    stored = _StoredModel(
        FORMAT_VERSION,
        list(titles.items()),
        rows,
        _pack_forest(forest) if forest else b"",
        forest.depth if forest else 0,
        forest.features if forest else 0,
    )
    return lzma.compress(msgspec.msgpack.encode(stored), preset=6)


def unpack_model(payload: bytes) -> tuple[tuple[PastShow, ...], Forest | None]:
    """Reads what ``pack_model`` wrote.

    Raises:
        UnreadableModelError: broken, too large, or of another version.
    """
    try:
        decompressor = lzma.LZMADecompressor(memlimit=_DECODER_BYTES_MAX)
        plain = decompressor.decompress(payload, max_length=SUGGESTION_MODEL_BYTES_MAX)
        if not decompressor.eof:
            raise UnreadableModelError("the model is cut off or too large")
        stored = _decoder.decode(plain)
        if stored.version != FORMAT_VERSION:
            raise UnreadableModelError(f"version {stored.version} of the model is not known")
        shows = tuple(_show(row, stored.songs) for row in stored.shows)
        return shows, _unpack_forest(stored) if stored.forest else None
    except UnreadableModelError:
        raise
    except (
        lzma.LZMAError,
        BadZipFile,
        EOFError,
        IndexError,
        KeyError,
        OSError,
        ValueError,  # numpy, msgspec and Forest.check
    ) as error:
        raise UnreadableModelError(f"the model cannot be read: {error}") from error


def _show(row: _StoredShow, songs: Sequence[tuple[str, str]]) -> PastShow:
    played = []
    for number, section in row.songs:
        if number < 0:
            raise IndexError("a song's number is negative")
        played.append(PlayedSong(*songs[number], section))
    return PastShow(row.date, tuple(played), row.venue, row.tour)


def _pack_forest(forest: Forest) -> bytes:
    buffer = BytesIO()
    arrays = {name: getattr(forest, name).astype(np.int32) for name in _INTEGERS}
    arrays |= {name: getattr(forest, name) for name in _FLOATS}
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack_forest(stored: _StoredModel) -> Forest:
    with np.load(BytesIO(stored.forest), allow_pickle=False) as arrays:
        integers = {name: arrays[name].astype(np.int64) for name in _INTEGERS}
        floats = {name: arrays[name].astype(np.float32) for name in _FLOATS}
    forest = Forest(**integers, **floats, depth=stored.depth, features=stored.features)
    forest.check()
    if forest.features != COLUMNS:
        raise UnreadableModelError(f"the forest looks at {forest.features} features, not {COLUMNS}")
    return forest
