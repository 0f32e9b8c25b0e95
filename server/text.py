"""Text from people, as it is kept."""

from __future__ import annotations

import re
import unicodedata

from rooms.plain_text import says_something, without_stacks

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
"""Needed inside words of some scripts and inside emoji."""


def one_line(text: str) -> str:
    """Text for one line: NFC, no control or direction characters, single spaces, trimmed. Empty if
    nothing of it would be seen."""
    kept = "".join(
        " " if character in "\t\n\r\u2028\u2029" else character
        for character in unicodedata.normalize("NFC", text)
        if character in "\t\n\r\u2028\u2029"
        or character in _JOINERS
        or unicodedata.category(character) not in _UNSEEN
    )
    line = re.sub(r"\s+", " ", without_stacks(kept)).strip().strip("\u200c\u200d").strip()
    return line if says_something(line) else ""
