"""Text that plays tricks on those who read it: it runs backwards, over its neighbours, or is not
seen at all (Unicode Technical Report 36)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MARKS_MAX: Final = 6
"""Combining marks on one letter: chanted Hebrew and Tibetan stacks need as many."""

_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers that count as letters or symbols, and of which nothing is seen."""

_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates (Unicode Standard Annex 9): they reach beyond their line. The
marks U+200E and U+200F do not."""


def turns_direction(text: str) -> bool:
    """Whether it changes the direction of what stands beside it."""
    return not text.isascii() and _DIRECTIONS.search(text) is not None


def stacks_marks(text: str) -> bool:
    """Whether a letter carries more than `MARKS_MAX` combining marks."""
    if text.isascii():
        return False
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks > MARKS_MAX:
            return True
    return False


def says_something(text: str) -> bool:
    """Whether anything of it is seen."""
    return any(
        unicodedata.category(character)[0] not in "CMZ" and character not in _BLANK_LETTERS
        for character in text
    )
