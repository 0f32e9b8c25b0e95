"""Fractional positions of setlist entries: base 62, compared byte by byte, random suffix.

Two people who append at once must not get the same key, so every key ends in random digits; a
key never ends in ``0``, so that there is always room before it.
"""

from __future__ import annotations

import random

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE = len(DIGITS)
POSITION_BYTES_MAX = 64
"""Longest key that the wire contract allows, in bytes."""

_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_SUFFIX_DIGITS = 2
_STEP_MAX = 16
"""Largest step of an append or prepend: small, so that hundreds of them keep short keys."""
_ROOM_MIN = 200
"""Keys that must be free at a length before it is used; else one digit more is taken."""


class NoRoom(ValueError):
    """No key of at most ``POSITION_BYTES_MAX`` bytes lies between the two."""


def between(low: str | None, high: str | None, rng: random.Random) -> str:
    """A new key strictly between two keys.

    Args:
        low: the key before, or ``None`` for the start.
        high: the key after, or ``None`` for the end.
        rng: source of the suffix.

    Raises:
        NoRoom: the keys are equal, in the wrong order, or too close for 64 bytes.
    """
    if low is not None and high is not None and low >= high:
        raise NoRoom(f"{low!r} does not lie before {high!r}")
    for length in range(2, POSITION_BYTES_MAX - _SUFFIX_DIGITS + 1):
        below = _number(low, length) if low is not None else 0
        above = _number(high, length) if high is not None else BASE**length
        room = above - below - 1
        if room < _ROOM_MIN:
            continue
        if high is None:
            chosen = below + rng.randint(1, min(_STEP_MAX, room))
        elif low is None:
            chosen = above - rng.randint(1, min(_STEP_MAX, room))
        else:
            quarter = room // 4
            chosen = below + rng.randint(1 + quarter, room - quarter)
        return _text(chosen, length) + _suffix(rng)
    raise NoRoom(f"no key between {low!r} and {high!r}")


def _number(key: str, length: int) -> int:
    number = 0
    for digit in key[:length].ljust(length, DIGITS[0]):
        number = number * BASE + _VALUES[digit]
    return number


def _text(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, rest = divmod(number, BASE)
        digits.append(DIGITS[rest])
    return "".join(reversed(digits))


def _suffix(rng: random.Random) -> str:
    body = "".join(rng.choice(DIGITS) for _ in range(_SUFFIX_DIGITS - 1))
    return body + rng.choice(DIGITS[1:])
