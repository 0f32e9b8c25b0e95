"""What a client does after its socket closed, by close code (wire contract, "Close codes")."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

ABNORMAL = 1006
RESTARTING = 1012
TRY_LATER = 1013
TOO_MANY = 4029
TICKET_EXPIRED = 4401
NOT_ALLOWED = 4403

DELAY_FIRST_S = 0.25
DELAY_MAX_S = 10.0
DELAY_TOO_MANY_S = 5.0
SPREAD_MAX_S = 60.0
"""A server that restarts may ask for a spread of at most this many seconds."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Come back after ``delay_s``, with a ticket of your own or, if ``new_ticket``, a fresh one."""

    delay_s: float
    new_ticket: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Do not come back as you are."""

    code: int
    reason: str


def after(
    code: int, reason: str, attempt: int, rng: random.Random, *, welcomed: bool
) -> Retry | Stop:
    """Decides what follows a close.

    Args:
        code: close code; 1006 where the socket broke without one.
        reason: the close frame's reason; for 1012 it names the spread in seconds.
        attempt: closes in a row without a ``welcome`` between them, from 0.
        rng: jitter.
        welcomed: whether this socket had got its ``welcome``: a ticket that expires under a
            socket is renewed, one that is refused at once is renewed at most twice.
    """
    jitter = 0.5 + rng.random()
    backoff = min(DELAY_FIRST_S * 2 ** min(attempt, 10), DELAY_MAX_S) * jitter
    if code == RESTARTING:
        return Retry(min(_spread_s(reason), SPREAD_MAX_S) * rng.random() + 0.1)
    if code == TICKET_EXPIRED:
        if welcomed or attempt < 2:
            return Retry(backoff, new_ticket=True)
        return Stop(code, reason)
    if 4400 <= code <= 4499:
        return Stop(code, reason)
    if code == TOO_MANY:
        return Retry(DELAY_TOO_MANY_S * jitter)
    return Retry(backoff, new_ticket=attempt >= 3)


def _spread_s(reason: str) -> float:
    found = re.search(r"\d+(?:\.\d+)?", reason)
    return float(found.group()) if found else 1.0
