"""Draws pictures off the event loop, few at a time, and keeps the newest."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from weakref import WeakValueDictionary

import msgspec

from server.cards.drawing import VERSION, Card
from server.problems import ApiError

DRAWN_AT_ONCE: Final = 2
"""A picture takes a tenth to a quarter of a second of one core."""

WAITING_MAX: Final = 40
"""More than that are told to come again: nobody waits ten seconds for a picture."""

KEPT_BYTES_MAX: Final = 16 * 1024 * 1024

Draw = Callable[[Card], bytes]


class Pictures:
    """PNG files by what they show: the same content is the same picture, whoever asks."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._drawing = asyncio.Semaphore(DRAWN_AT_ONCE)
        self._waiting = 0
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @staticmethod
    def etag(card: Card, draw: Draw) -> str:
        """Names the content of a picture."""
        told = msgspec.msgpack.encode((VERSION, draw.__name__, card))
        return hashlib.sha256(told).hexdigest()[:32]

    async def png(self, card: Card, draw: Draw) -> bytes:
        """The picture.

        Raises:
            ApiError: ``busy``: too many are waiting for theirs.
        """
        key = self.etag(card, draw)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        if self._waiting >= WAITING_MAX:
            raise ApiError(503, "busy", "Many pictures are being drawn.", retry_after_s=5)
        self._waiting += 1
        # Those who want the same picture wait for the first of them.
        turn = self._turns.setdefault(key, asyncio.Lock())
        try:
            async with turn, self._drawing:
                kept = self._kept.get(key)
                if kept is None:
                    kept = await asyncio.to_thread(draw, card)
                    self._keep(key, kept)
                return kept
        finally:
            self._waiting -= 1

    def _keep(self, key: str, png: bytes) -> None:
        self._kept[key] = png
        self._kept_bytes += len(png)
        while self._kept_bytes > KEPT_BYTES_MAX and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest)
