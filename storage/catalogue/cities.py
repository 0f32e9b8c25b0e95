"""The gazetteer that Setroom ships (see ``data/README.md`` for its source and licence)."""

from __future__ import annotations

import asyncio
import lzma
from functools import lru_cache
from importlib import resources
from typing import Final

from rooms.catalogue.gazetteer import Gazetteer

FILE: Final = "cities.tsv.xz"


@lru_cache(maxsize=1)
def packaged_gazetteer() -> Gazetteer:
    """All cities, read once per process; the first call takes about half a second."""
    packed = (resources.files("storage.catalogue") / "data" / FILE).read_bytes()
    return Gazetteer(lzma.decompress(packed).decode().split("\n"))


async def gazetteer() -> Gazetteer:
    """All cities, without holding the event loop up while they are read."""
    return await asyncio.to_thread(packaged_gazetteer)
