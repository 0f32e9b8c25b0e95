"""Drawing in Setroom's looks: a dark stage, tungsten light, condensed type."""

from __future__ import annotations

import io
import unicodedata
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from server.cards.fonts_of_cards import font, runs, unwritable

GROUND: Final = (12, 11, 13)
TEXT: Final = (246, 241, 231)
DIM: Final = (179, 172, 160)
LAMP: Final = (255, 180, 50)
LAMP_TEXT: Final = (255, 191, 79)
ON_LAMP: Final = (27, 18, 0)
LINE: Final = (53, 50, 58)
TAPE: Final = (43, 42, 46)
LIVE: Final = (255, 90, 77)

Colour = tuple[int, int, int]
ELLIPSIS: Final = "…"


class Canvas:
    """A picture that is being drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.image = _lit(width, height)
        self._draw = ImageDraw.Draw(self.image)

    def text(
        self, at: tuple[float, float], text: str, size: int, colour: Colour, weight: str = "bold"
    ) -> float:
        """Writes one line on its baseline; where it ends."""
        x, y = at
        for name, part in runs(text, weight):
            face = font(name, size)
            self._draw.text((x, y), part, font=face, fill=colour, anchor="ls")
            x += face.getlength(part)
        return x

    def rectangle(self, box: tuple[float, float, float, float], colour: Colour, r: int = 0) -> None:
        """A filled rectangle with round corners."""
        self._draw.rounded_rectangle(box, radius=r, fill=colour)

    def line(self, left: float, right: float, y: float, colour: Colour = LINE) -> None:
        """A thin line across."""
        self._draw.line((left, y, right, y), fill=colour, width=2)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle."""
        # Drawn four times as large: Pillow's own circles have steps.
        side = round(radius * 2)
        mask = Image.new("L", (4 * side, 4 * side), 0)
        ImageDraw.Draw(mask).ellipse((0, 0, 4 * side - 1, 4 * side - 1), fill=255)
        smooth = mask.resize((side, side), Image.Resampling.LANCZOS)
        self.image.paste(colour, (round(x - radius), round(y - radius)), smooth)

    def brand(self, x: float, y: float, size: int) -> None:
        """The lamp and the name, on a baseline."""
        self.dot(x + size * 0.3, y - size * 0.34, size * 0.26, LAMP)
        at = x + size * 0.9
        for letter in "SETROOM":
            at = self.text((at, y), letter, size, TEXT) + size * 0.09

    def png(self) -> bytes:
        """The picture, as a file. A palette would band the light; an optimised one is small."""
        out = io.BytesIO()
        self.image.save(out, "PNG", compress_level=7)
        return out.getvalue()


def writable(text: str) -> str:
    """A text without the signs that no font has, which would be boxes; an ellipsis where nothing
    is left of it."""
    text = unicodedata.normalize("NFC", text)
    missing = set(unwritable(text))
    kept = " ".join("".join(sign for sign in text if sign not in missing).split())
    return kept if kept or not text else ELLIPSIS


def width_of(text: str, size: int, weight: str = "bold") -> float:
    """How wide a line will be, in pixels."""
    return sum(font(name, size).getlength(part) for name, part in runs(text, weight))


def cut(text: str, width: float, size: int, weight: str = "bold") -> str:
    """A text that fits, with an ellipsis where it had to be shortened."""
    if width_of(text, size, weight) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle].rstrip() + ELLIPSIS, size, weight) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def shrunk(text: str, width: float, size: int) -> tuple[int, str]:
    """A text that fits, a fifth smaller if that helps; else shortened."""
    for smaller in (size, round(size * 0.9), round(size * 0.8)):
        if width_of(text, smaller) <= width:
            return smaller, text
    return smaller, cut(text, width, smaller)


def wrapped(text: str, width: float, size: int, lines_max: int, weight: str = "bold") -> list[str]:
    """A text in lines; the last one is shortened if there is more."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < lines_max:
        line = words.pop(0)
        while words and width_of(f"{line} {words[0]}", size, weight) <= width:
            line = f"{line} {words.pop(0)}"
        if len(lines) == lines_max - 1 and words:
            line = " ".join([line, *words])
            words = []
        lines.append(cut(line, width, size, weight))
    return lines


def fitted(
    text: str, width: float, sizes: tuple[int, ...], lines_max: int
) -> tuple[int, list[str]]:
    """The largest size at which a text fits whole into so many lines; else the smallest, cut."""
    for size in sizes:
        lines = wrapped(text, width, size, lines_max)
        if " ".join(lines) == " ".join(text.split()):
            return size, lines
    return sizes[-1], wrapped(text, width, sizes[-1], lines_max)


def _lit(width: int, height: int) -> Image.Image:
    """The ground with a lamp above it. Drawn small and enlarged: light has no edges."""
    small = Image.new("L", (width // 8, height // 8), 0)
    reach = width // 8
    ImageDraw.Draw(small).ellipse(
        (reach * 0.05, -reach * 0.34, reach * 0.95, reach * 0.22), fill=60
    )
    light = small.filter(ImageFilter.GaussianBlur(reach * 0.09)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    return Image.composite(
        Image.new("RGB", (width, height), LAMP), Image.new("RGB", (width, height), GROUND), light
    )
