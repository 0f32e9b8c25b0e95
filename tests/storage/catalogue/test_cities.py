"""The gazetteer is read once, however many ask for it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from rooms.catalogue.gazetteer import Gazetteer
from storage.catalogue import cities


async def test_all_who_ask_at_once_wait_for_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = 0

    def counted(lines: Sequence[str]) -> Gazetteer:
        nonlocal readings
        readings += 1
        return Gazetteer(list(lines))

    monkeypatch.setattr(cities, "Gazetteer", counted)
    cities._read.cache_clear()
    first, *others = await asyncio.gather(*(cities.gazetteer() for _ in range(6)))
    assert readings == 1
    assert all(one is first for one in others)
    assert await cities.gazetteer() is first
