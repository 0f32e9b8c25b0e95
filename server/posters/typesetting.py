"""Writing on a page: which font writes which sign, how wide that is, where lines break.

The fonts are those of the cards, embedded as subsets. Latin, Greek, Cyrillic, Chinese, Japanese
and Korean can be written. Scripts whose letters change by their neighbours, or that run from right
to left, would come out wrong, so they are not written at all (`unwritable`).
"""

from __future__ import annotations

import io
import unicodedata
from functools import lru_cache
from typing import Any, Final, NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from server.cards.fonts_of_cards import SMALLER, font_file, runs, unwritable

_PREFIX: Final = "Setroom-"
_PICTURES: Final = ("So", "Sk", "Cn")
_JOINERS: Final = "\u200d\ufe0e\ufe0f\u20e3"
"""What makes one picture of several signs."""

ELLIPSIS: Final = "…"


class Fitted(NamedTuple):
    """Lines and the size in points at which they fit."""

    lines: tuple[str, ...]
    size: float


def without_pictures(text: str) -> str:
    """A text without the emoji and symbols that the fonts lack: it says the same without them."""
    missing = {sign for sign in unwritable(text) if unicodedata.category(sign) in _PICTURES}
    kept = "".join(sign for sign in text if sign not in missing and sign not in _JOINERS)
    return " ".join(kept.split())


def width(text: str, weight: str, size: float) -> float:
    """Of one line, in points."""
    parts = runs(text, weight)
    return sum(_width(part, name, _scaled(name, size)) for name, part in parts)


def write(canvas: Any, x: float, y: float, text: str, weight: str, size: float) -> None:
    """One line, from its left end, on its baseline."""
    for name, part in runs(text, weight):
        scaled = _scaled(name, size)
        canvas.setFont(_registered(name), scaled)
        canvas.drawString(x, y, part)
        x += _width(part, name, scaled)


def fit(
    text: str, weight: str, *, room: float, largest: float, smallest: float, lines_max: int
) -> Fitted:
    """The largest size at which a text fits into so many lines; at the smallest it is cut.

    Args:
        room: width of a line, in points.
    """
    size = largest
    while size > smallest:
        lines = wrap(text, weight, size, room)
        if len(lines) <= lines_max and all(width(line, weight, size) <= room for line in lines):
            return Fitted(tuple(lines), size)
        size = max(smallest, size * 0.95)
    lines = wrap(text, weight, size, room)
    kept = lines[:lines_max]
    if len(lines) > lines_max:
        kept[-1] += ELLIPSIS
    return Fitted(tuple(_cut(line, weight, size, room) for line in kept), size)


def wrap(text: str, weight: str, size: float, room: float) -> list[str]:
    """Lines broken at spaces, and between the signs of scripts that have none."""
    lines = [""]
    for word in _words(text):
        longer = f"{lines[-1]}{word}"
        if lines[-1] and width(longer.rstrip(), weight, size) > room:
            lines[-1] = lines[-1].rstrip()
            lines.append(word)
        else:
            lines[-1] = longer
    lines[-1] = lines[-1].rstrip()
    return lines


def _words(text: str) -> list[str]:
    """Parts that are not broken, each with the space behind it."""
    words = [""]
    for sign in text:
        breaks = unicodedata.east_asian_width(sign) in "WF" and words[-1] != ""
        if breaks or (words[-1].endswith(" ") and sign != " "):
            words.append("")
        words[-1] += sign
    return words


def _cut(line: str, weight: str, size: float, room: float) -> str:
    while len(line) > 1 and width(line, weight, size) > room:
        line = line.removesuffix(ELLIPSIS)[:-1].rstrip() + ELLIPSIS
    return line


def _width(part: str, name: str, scaled: float) -> float:
    found: float = pdfmetrics.stringWidth(part, _registered(name), scaled)
    return found


def _scaled(name: str, size: float) -> float:
    return size * SMALLER.get(name, 1.0)


def _registered(name: str) -> str:
    _face(name)
    return _PREFIX + name


@lru_cache(maxsize=8)
def _face(name: str) -> Any:
    """A font's face, registered with the PDF library at its first use."""
    font = TTFont(_PREFIX + name, io.BytesIO(font_file(name)))
    pdfmetrics.registerFont(font)
    return font.face
