"""The gazetteer that Setroom ships (see ``data/README.md`` for its source and licence)."""

from __future__ import annotations

import asyncio
import lzma
import threading
from functools import lru_cache
from importlib import resources
from typing import Final

from rooms.catalogue.gazetteer import Gazetteer

FILE: Final = "cities.tsv.xz"


_READING: Final = threading.Lock()
"""Whoever asks while the cities are being read waits for them, and does not read them as well."""


def packaged_gazetteer() -> Gazetteer:
    """All cities, read once per process; the first call takes about half a second."""
    with _READING:
        return _read()


async def gazetteer() -> Gazetteer:
    """All cities, without holding the event loop up while they are read.

    Not to be waited for inside a transaction: the first call of a process takes its time, and on
    a busy machine the database ends transactions that stand still.
    """
    if _read.cache_info().currsize:
        return _read()
    return await asyncio.to_thread(packaged_gazetteer)


@lru_cache(maxsize=1)
def _read() -> Gazetteer:
    packed = (resources.files("storage.catalogue") / "data" / FILE).read_bytes()
    return Gazetteer(lzma.decompress(packed).decode().split("\n"))
