"""Effects that await delivery: what a turn left in the outbox, and how a worker takes it up.

An effect is written in the transaction of its cause (`rooms.decide.draft.Draft.deliver`), so it
is as durable as that. A worker leases it, hands it to the handler of its kind, and marks it
delivered; a worker that dies lets the lease run out and another one takes it. So every effect is
delivered at least once, and *handlers must bear repetition*. One that keeps failing is tried
less and less often, then set aside as dead: kept and shown, never dropped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from rooms import limits

SETTLE_RATINGS = "settle_ratings"
"""Kind: what is known of a show's list has changed, so its ratings are settled anew."""

RENAME_IN_LOGS = "rename_in_logs"
"""Kind: somebody is called by another name wherever theirs was kept. Payload: ``account_id``."""

RESULTS = "results"
"""Kind: a show has closed, and those who agreed to it hear what was voted. Payload: ``show_id``."""

ANNOUNCE_SHOW = "announce_show"
"""Kind: a show was published; those who know its artists are told. Payload: ``show_id``."""

ARCHIVE_SHOW = "archive_show"
"""Kind: turn a show's final setlist into performances. Payload: ``show_id``."""


class Effect(Struct, frozen=True):
    """An effect under lease.

    Attributes:
        effect_id: its row.
        show_id: the show of its cause, where there is one.
        payload: what its cause wrote.
        attempt: which try this is, from 1; also what tells an old lease from a newer one.
    """

    effect_id: str
    kind: str
    dedupe_key: str
    payload: dict[str, Any]
    created_at: datetime
    attempt: int
    show_id: str | None = None


Handler: TypeAlias = Callable[[Effect], Awaitable[None]]
"""Delivers the effects of one kind. Returning is success. `EffectRefused` sets the effect aside
at once; any other exception means "try again later". May be called again for an effect that was
delivered, also while another worker is at it; is cancelled after `limits.EFFECT_TIMEOUT_S`."""

Handlers: TypeAlias = Mapping[str, Handler]
"""Kind → handler. Effects of other kinds are left alone."""


class EffectRefused(Exception):
    """No further try can succeed: the effect itself is at fault."""


class KindCount(Struct, frozen=True):
    """What is undelivered of one kind. ``oldest_s``: age of the oldest waiting one, seconds."""

    kind: str
    waiting: int
    dead: int
    oldest_s: float


class Outbox(Protocol):
    """The effects that are undelivered, with leases."""

    async def lease(self, kinds: Collection[str]) -> Effect | None:
        """Takes the effect that has been due longest, for `limits.EFFECT_LEASE_S` seconds.

        One whose tries are used up is set aside instead.
        """
        ...

    async def delivered(self, effect: Effect) -> None:
        """It is done, whoever did it."""
        ...

    async def failed(self, effect: Effect, error: str, retry_after_s: float | None) -> None:
        """It was not done; ``None``: it never will be. Without effect under an old lease."""
        ...


class Nudges(Protocol):
    """Says that something was put into the outbox. May miss some: the relay also looks by time."""

    @property
    def count(self) -> int:
        """How many there were."""
        ...

    async def beyond(self, count: int, timeout_s: float) -> None:
        """Returns when there have been more than ``count``, or after ``timeout_s`` seconds."""
        ...


def retry_after_s(attempt: int, random: float) -> float | None:
    """Seconds until the next try after try number ``attempt`` failed; ``None``: none is left.

    Doubles from `limits.EFFECT_RETRY_FIRST_S` to `limits.EFFECT_RETRY_LAST_S`; of each wait the
    second half is left to chance, so that effects that failed together do not return together.

    Args:
        random: a number from 0 up to 1.
    """
    if attempt >= limits.EFFECT_ATTEMPTS_MAX:
        return None
    nominal = limits.EFFECT_RETRY_FIRST_S * 2.0 ** min(attempt - 1, 32)
    return min(nominal, limits.EFFECT_RETRY_LAST_S) * (0.5 + 0.5 * random)
