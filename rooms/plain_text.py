"""What people write, made fit to stand among other people's lines. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

from rooms import limits

_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers that count as letters or symbols, and of which nothing is seen."""


def without_stacks(text: str) -> str:
    """A text with at most `limits.MARKS_MAX` combining marks on a letter."""
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= limits.MARKS_MAX:
            kept.append(character)
    return "".join(kept)


def says_something(text: str) -> bool:
    """Whether anything of a text is seen."""
    return any(
        unicodedata.category(character)[0] not in "CMZ" and character not in _BLANK_LETTERS
        for character in text
    )
