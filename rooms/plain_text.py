"""What people write, made fit to stand among other people's lines. Pure."""

from __future__ import annotations

import unicodedata

from crdt.tricks import says_something as says_something
from rooms import limits


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
