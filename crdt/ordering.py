"""Positions: fractional indexes in base 62, compared byte by byte (``COLLATE "C"``).

A position is read as the digits behind a point: between two of them there is always a third.
It never ends in ``0`` (``a`` and ``a0`` would be the same number) and ends in random digits,
so that two people who insert at the same place at once do not get the same one.
"""

from __future__ import annotations

import hashlib
import re
from typing import Protocol

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""In the order of their bytes."""

BASE = len(DIGITS)
POSITION_BYTES_MAX = 64
SUFFIX_DIGITS = 3
"""Random digits behind those that the order needs: two who append at once choose among 62
steps and 62 * 62 * 61 suffixes, 1 in 14 million."""

_HEAD_DIGITS = 3
_HEAD_SIZE = BASE**_HEAD_DIGITS
_STEP_MIN = BASE
_VALID = re.compile(r"[0-9A-Za-z]*[1-9A-Za-z]")
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}


class RandomDigits(Protocol):
    """The part of ``random.Random`` that is needed; passed in, never created here."""

    def randrange(self, stop: int, /) -> int:
        """An integer from 0 to ``stop - 1``."""
        ...


class HashedDigits:
    """Digits derived from a name: repeatable, and different for different names."""

    def __init__(self, name: str) -> None:
        self._state = name.encode()

    def randrange(self, stop: int, /) -> int:
        """An integer from 0 to ``stop - 1``."""
        self._state = hashlib.sha256(self._state).digest()
        return int.from_bytes(self._state[:8], "big") % stop


class PositionExhausted(ValueError):
    """No position of at most 64 bytes is left between two neighbours: rebalance."""


def is_position(text: str, bytes_max: int = POSITION_BYTES_MAX) -> bool:
    """Whether ``text`` can be a position."""
    return len(text) <= bytes_max and _VALID.fullmatch(text) is not None


def position_between(before: str | None, after: str | None, random: RandomDigits) -> str:
    """A new position strictly between two neighbours.

    Args:
        before: the position to come after; None at the start.
        after: the position to come before; None at the end.
        random: the source of the suffix.

    Raises:
        ValueError: if ``before`` is not smaller than ``after``, or one is no position.
        PositionExhausted: if the result would exceed 64 bytes.
    """
    for neighbour in (before, after):
        if neighbour is not None and _VALID.fullmatch(neighbour) is None:
            raise ValueError("a neighbour is not a position")
    if before is not None and after is not None and before >= after:
        raise ValueError("the neighbours are not in order")
    head = _step(before, after, random)
    position = _middle(before or "", after, random) if head is None else head + _suffix(random)
    if len(position) > POSITION_BYTES_MAX:
        raise PositionExhausted("no short position is left here")
    return position


def positions_evenly(count: int) -> list[str]:
    """``count`` short positions in order, evenly spread, with room at both ends."""
    digits = _HEAD_DIGITS
    while BASE**digits < 64 * (count + 1):
        digits += 1
    start, width = BASE**digits // 8, BASE**digits * 5 // 8
    return [
        _digits_of(start + width * (index + 1) // (count + 1), digits).rstrip("0")
        for index in range(count)
    ]


def _step(before: str | None, after: str | None, random: RandomDigits) -> str | None:
    """Appending and prepending take steps instead of halves, so that keys stay short."""
    if before is not None and after is not None:
        return None
    if before is None and after is None:
        return _digits_of(_HEAD_SIZE // 4 + random.randrange(_STEP_MIN), _HEAD_DIGITS)
    step = _STEP_MIN + random.randrange(_STEP_MIN)
    if before is not None:
        value = _number(before, _HEAD_DIGITS) + step
        return _digits_of(value, _HEAD_DIGITS) if value < _HEAD_SIZE else None
    value = _number(after or "", _HEAD_DIGITS) - step
    return _digits_of(value, _HEAD_DIGITS) if value > 0 else None


def _middle(before: str, after: str | None, random: RandomDigits) -> str:
    """Close to halfway, so that an insert costs little more than one bit.

    The choice among the middle eighth keeps two who insert at the same place apart.
    """
    digits = 1
    while _upper(after, digits) - _number(before, digits) < 2:
        digits += 1
    digits += SUFFIX_DIGITS
    low = _number(before, digits)
    width = _upper(after, digits) - low
    middle = low + width // 2 - width // 16 + random.randrange(width // 8)
    return _digits_of(middle if middle % BASE else middle + 1, digits)


def _upper(after: str | None, digits: int) -> int:
    return BASE**digits if after is None else _number(after, digits)


def _suffix(random: RandomDigits) -> str:
    digits = [DIGITS[random.randrange(BASE)] for _ in range(SUFFIX_DIGITS - 1)]
    digits.append(DIGITS[1 + random.randrange(BASE - 1)])
    return "".join(digits)


def _number(position: str, digits: int) -> int:
    """The first ``digits`` digits as an integer, padded with zeros."""
    value = 0
    for index in range(digits):
        value = value * BASE + (_VALUES[position[index]] if index < len(position) else 0)
    return value


def _digits_of(value: int, digits: int) -> str:
    out = []
    for _ in range(digits):
        value, digit = divmod(value, BASE)
        out.append(DIGITS[digit])
    return "".join(reversed(out))
