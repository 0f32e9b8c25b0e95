"""What is kept of a night beside its log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class HeadCountAt(Struct, frozen=True):
    """The most people who were in a room at once within one minute."""

    show_id: str
    minute: datetime
    participants: int


class HeadCounts(Protocol):
    """Head counts by show and minute."""

    async def record(self, counts: Sequence[HeadCountAt]) -> None:
        """Keeps these. Several nodes may say the same minute: the highest is kept."""
        ...
