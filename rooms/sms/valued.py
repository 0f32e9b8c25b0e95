"""Choices that carry a value: ``1=3 2=1`` and ``+1 -2``."""

from __future__ import annotations

import re
from typing import Final

_SPENT: Final = re.compile(r"[\s,;&]*(.+?)\s*[=:]\s*(\d{1,4})(?=[\s,;&]|$)")
_AND: Final = re.compile(r"^(?:and|y|et|und)\s+", re.IGNORECASE)
# A hyphen inside a name is none of these: a sign stands at the beginning, or behind a blank, a
# comma or a digit.
_SIGN: Final = re.compile(r"(?<![^\s,;\d])[+-]+")
_SUFFIXED: Final = re.compile(r"\s*([^+-]+?)\s*([+-])[+-]*(?=[\s,;]|$)[\s,;&]*")


def spent(text: str) -> list[tuple[str, int]] | None:
    """Points by what they are given to; ``None`` where a text does not say so throughout."""
    found: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        piece = _SPENT.match(text, at)
        if piece is None:
            break
        found.append((_AND.sub("", piece.group(1)), int(piece.group(2))))
        at = piece.end()
    return found if found and not text[at:].strip(" ,;.!") else None


def signed(text: str) -> list[tuple[str, int]]:
    """What a text is for (1) and against (-1); what has no sign it is for."""
    suffixed = _suffixed(text)
    if suffixed is not None:
        return suffixed
    found: list[tuple[str, int]] = []
    at, value = 0, 1
    for sign in _SIGN.finditer(text):
        _add(found, text[at : sign.start()], value)
        at, value = sign.end(), -1 if "-" in sign.group() else 1
    _add(found, text[at:], value)
    return found


def _suffixed(text: str) -> list[tuple[str, int]] | None:
    """``1+ 2-``: every piece with its sign behind it."""
    found: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        piece = _SUFFIXED.match(text, at)
        if piece is None:
            return None
        _add(found, piece.group(1), 1 if piece.group(2) == "+" else -1)
        at = piece.end()
    return found or None


def _add(found: list[tuple[str, int]], piece: str, value: int) -> None:
    piece = _AND.sub("", piece.strip(" ,;&."))
    if any(sign.isalnum() for sign in piece):
        found.append((piece, value))
