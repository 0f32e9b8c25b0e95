"""When a job that failed is tried again."""

from __future__ import annotations

from typing import Final

ATTEMPTS_MAX: Final = 8
"""Tries of one job, over some ten minutes. What must outlast an evening goes by the outbox."""

RETRY_FIRST_S: Final = 2.0
RETRY_LAST_S: Final = 300.0

FAILURES_IN_A_ROW_MAX: Final = 5
"""A recurring job comes again by itself; failing so often without a success, it is set aside on
the page of dead letters, where its row is brought up to date as it goes on failing."""

DELIVERIES_MAX: Final = 3
"""A job that was begun so often and never ended has taken its worker along each time."""


def retry_after_s(attempt: int, random: float, attempts_max: int = ATTEMPTS_MAX) -> float | None:
    """Seconds until the next try after try number ``attempt`` failed; ``None``: none is left.

    Doubles from `RETRY_FIRST_S` to `RETRY_LAST_S`; of each wait the second half is left to
    chance, so that jobs that failed together do not come back together.

    Args:
        attempt: from 1.
        random: a number from 0 up to 1.
        attempts_max: tries in all.
    """
    if attempt >= attempts_max:
        return None
    nominal = RETRY_FIRST_S * 2.0 ** min(attempt - 1, 32)
    return min(nominal, RETRY_LAST_S) * (0.5 + 0.5 * random)
