"""The fonts that cards and posters are written in: the product's own, and others for what it
cannot write."""

from __future__ import annotations

import io
import lzma
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Final
from unicodedata import category

from PIL import ImageFont
from reportlab.pdfbase.ttfonts import TTFontFile

FREE_TYPE_FONTS: Final = {
    "medium": "barlow-condensed-500.ttf",
    "bold": "barlow-condensed-600.ttf",
    "greek-cyrillic": "noto-sans-bold-greek-cyrillic.ttf",
    "cjk": "droid-sans-fallback-cjk.ttf.xz",
}
SIZES_KEPT: Final = 64

_CJK: Final = ((0x2E80, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF))
_GREEK_CYRILLIC: Final = ((0x0370, 0x052F), (0x1F00, 0x1FFF))

SMALLER: Final = {"greek-cyrillic": 0.82, "cjk": 0.88}
"""Barlow Condensed is narrow and tall: others at the same size would shout."""


@lru_cache(maxsize=SIZES_KEPT)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels; read from the package once for each."""
    raw = font_file(name)
    scaled = round(size * SMALLER.get(name, 1.0))
    return ImageFont.truetype(io.BytesIO(raw), scaled)


@lru_cache(maxsize=len(FREE_TYPE_FONTS))
def font_file(name: str) -> bytes:
    """A font of ``FREE_TYPE_FONTS`` as the package has it, unpacked."""
    file = FREE_TYPE_FONTS[name]
    raw = (resources.files("server.cards") / "fonts" / file).read_bytes()
    return lzma.decompress(raw) if file.endswith(".xz") else raw


def unwritable(text: str) -> list[str]:
    """The signs of a text that none of the fonts has, each once."""
    missing = []
    for name, part in runs(text, "bold"):
        known = _signs_of(name)
        missing += [sign for sign in part if ord(sign) not in known and category(sign) != "Zs"]
    return list(dict.fromkeys(missing))


@lru_cache(maxsize=len(FREE_TYPE_FONTS))
def _signs_of(name: str) -> frozenset[int]:
    """The code points that a font has a glyph for."""
    return frozenset(TTFontFile(io.BytesIO(font_file(name))).charToGlyph)


def runs(text: str, weight: str) -> Iterator[tuple[str, str]]:
    """Text in parts that one font can write: (font, part). Signs that control are left out: some
    stop the layout, and none can be seen."""
    current, part = weight, ""
    for sign in text:
        if category(sign)[0] == "C":
            continue
        wanted = _font_of(sign, weight)
        if wanted != current and part:
            yield current, part
            part = ""
        current = wanted
        part += sign
    if part:
        yield current, part


def _font_of(sign: str, weight: str) -> str:
    code = ord(sign)
    if any(low <= code <= high for low, high in _CJK):
        return "cjk"
    if any(low <= code <= high for low, high in _GREEK_CYRILLIC):
        return "greek-cyrillic"
    return weight
