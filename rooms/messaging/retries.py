"""When a message that was not taken is tried again."""

from __future__ import annotations

from rooms import limits
from rooms.messaging.ports import Temporary


def retry_after_s(temporary: Temporary, attempt: int, random: float) -> float | None:
    """Seconds until the next try after try number ``attempt``; ``None``: it was the last.

    Doubles from `limits.MESSAGE_RETRY_FIRST_S` to `limits.MESSAGE_RETRY_LAST_S`; half of each wait
    is left to chance, so that what failed together does not come back together. What the carrier
    asks for is waited at least. What lies with the sender as a whole (too fast, wrong credentials)
    is not the message's fault, and never uses its tries up: it ends by its time.

    Args:
        random: a number from 0 up to 1.
    """
    if attempt >= limits.MESSAGE_ATTEMPTS_MAX and not temporary.sender_wide:
        return None
    nominal = limits.MESSAGE_RETRY_FIRST_S * 2.0 ** min(max(attempt - 1, 0), 32)
    wait_s = min(nominal, limits.MESSAGE_RETRY_LAST_S) * (0.5 + 0.5 * random)
    asked = min(temporary.retry_after_s or 0.0, limits.MESSAGE_RETRY_LAST_S)
    return max(wait_s, asked + random * limits.MESSAGE_RETRY_FIRST_S if asked else 0.0)
