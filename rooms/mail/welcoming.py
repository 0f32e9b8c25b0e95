"""The welcome sequence: three mails in six days. The second and third wait until the address is
proven, and are dropped when that takes too long or somebody wants none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec import Struct

from rooms.messaging.ports import NewMessage

STEPS: Final = {1: timedelta(0), 2: timedelta(days=2), 3: timedelta(days=6)}
"""When each is due after somebody signed up."""

PATIENCE: Final = timedelta(days=21)
"""Whoever has not proven their address by then is not welcomed any further."""

ASKED_AGAIN_AFTER: Final = timedelta(hours=6)
"""How soon it is looked again whether the address has been proven."""


class Next(Struct, frozen=True):
    """A step to come."""

    step: int
    due_at: datetime


class Progress(Struct, frozen=True):
    """Where somebody is. ``step`` is due since ``due_at``; ``refused``: they want none."""

    account_id: str
    step: int
    due_at: datetime
    began_at: datetime
    language: str
    verified: bool
    refused: bool


class Decided(Struct, frozen=True):
    """Whether the step's mail goes now, and what comes then; no ``then``: that was all."""

    send: bool
    then: Next | None


class Welcomes(Protocol):
    """Keeps where people are."""

    async def begin(self, message: NewMessage, language: str | None, then: Next) -> None:
        """Queues the first mail and plans the second, once."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Progress]:
        """Whose time has come, the one that is late longest first."""
        ...

    async def go_on(
        self, progress: Progress, message: NewMessage | None, then: Next | None
    ) -> bool:
        """Queues a mail, if there is one, and plans the next or ends; false: somebody else did."""
        ...


def after_first(began_at: datetime) -> Next:
    """The second step."""
    return Next(2, began_at + STEPS[2])


def decide_next(progress: Progress, now: datetime) -> Decided:
    """What becomes of a step that is due."""
    if progress.refused or progress.step not in STEPS:
        return Decided(False, None)
    if not progress.verified:
        if now - progress.began_at > PATIENCE:
            return Decided(False, None)
        return Decided(False, Next(progress.step, now + ASKED_AGAIN_AFTER))
    following = progress.step + 1
    if following not in STEPS:
        return Decided(True, None)
    # Counted from now where the address was proven late: not two mails on one day.
    gap = STEPS[following] - STEPS[progress.step]
    return Decided(True, Next(following, max(progress.began_at + STEPS[following], now + gap)))
