"""The poster as a PDF: black on white, because it comes out of an office printer; one colour.

Lengths are in points (1/72 inch) and follow from the page's width and height, so that A4, US Letter
and A3 are the same poster.
"""

from __future__ import annotations

import io
from typing import Any, Final

from msgspec import Struct
from reportlab.lib.colors import Color, black, white
from reportlab.lib.pagesizes import A3, A4, letter
from reportlab.pdfgen.canvas import Canvas

from server.posters.texts import TEXTS
from server.posters.typesetting import fit, width, write

SIZES: Final[dict[str, tuple[float, float]]] = {"a4": A4, "letter": letter, "a3": A3}
LAMP: Final = Color(1.0, 0.706, 0.196)
GREY: Final = Color(0.33, 0.33, 0.33)
QUIET_MODULES: Final = 4
"""The quiet zone of ISO/IEC 18004 section 6.3.8; nothing else may stand in it."""


class Poster(Struct, frozen=True):
    """What a poster says. ``matrix``: the QR code's modules, without a quiet zone.

    Attributes:
        when, where: a line each; ``where`` may be empty.
        address: to be typed; ``url`` is what the QR code holds.
        sms: the line about SMS, and ``small_print`` below it; empty where SMS is not offered.
    """

    language: str
    title: str
    artists: tuple[str, ...]
    when: str
    where: str
    url: str
    address: str
    matrix: tuple[bytes, ...]
    sms: str = ""
    small_print: str = ""


def draw(poster: Poster, size: str) -> bytes:
    """The PDF; the same poster gives the same bytes."""
    page = SIZES[size]
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=page, invariant=1, pageCompression=1, lang=poster.language)
    canvas.setTitle(poster.title)
    canvas.setSubject(TEXTS[poster.language]["subject"])
    canvas.setAuthor("Setroom")
    canvas.setCreator("Setroom")
    _Page(canvas, page, poster).draw()
    canvas.showPage()
    canvas.save()
    return file.getvalue()


class _Page:
    """One page while it is drawn, from its upper edge down."""

    def __init__(self, canvas: Any, page: tuple[float, float], poster: Poster) -> None:
        self._canvas = canvas
        self._width, self._height = page
        self._poster = poster
        self._text = TEXTS[poster.language]
        self._margin = 0.07 * self._width
        self._room = self._width - 2 * self._margin
        self._y = self._height

    def draw(self) -> None:
        """Everything."""
        self._mast()
        self._bill()
        foot = self._foot()
        self._ways_in(foot)

    def _mast(self) -> None:
        unit = self._width / 100
        self._canvas.setFillColor(LAMP)
        self._canvas.rect(0, self._height - 2.2 * unit, self._width, 2.2 * unit, stroke=0, fill=1)
        self._mark(self._margin, self._height - 10.2 * unit, 5.4 * unit)
        self._canvas.setFillColor(black)
        write(
            self._canvas,
            self._margin + 6.6 * unit,
            self._height - 8.9 * unit,
            "Setroom",
            "bold",
            4.2 * unit,
        )
        self._y = self._height - 13 * unit

    def _mark(self, x: float, y: float, side: float) -> None:
        """The mark: an S that ends in a lamp, drawn in a square of 64."""
        canvas = self._canvas
        canvas.saveState()
        canvas.translate(x, y)
        canvas.scale(side / 64, side / 64)
        canvas.setLineWidth(8.5)
        canvas.setLineCap(1)
        canvas.setStrokeColor(black)
        path = canvas.beginPath()
        path.moveTo(35.0, 48.5)
        path.lineTo(22.75, 48.5)
        path.arcTo(14.5, 32.0, 31.0, 48.5, startAng=90, extent=180)
        path.lineTo(41.25, 32.0)
        path.arcTo(33.0, 15.5, 49.5, 32.0, startAng=90, extent=-180)
        path.lineTo(14.5, 15.5)
        canvas.drawPath(path, stroke=1, fill=0)
        canvas.setFillColor(LAMP)
        canvas.circle(49.5, 48.5, 5.8, stroke=0, fill=1)
        canvas.restoreState()

    def _bill(self) -> None:
        unit = self._width / 100
        poster = self._poster
        self._lines(poster.title, "bold", largest=17 * unit, smallest=6.5 * unit, lines_max=3)
        bill = _bill(poster.artists, self._text["and_more"])
        if bill:
            self._y -= 0.8 * unit
            self._lines(bill, "medium", largest=6.2 * unit, smallest=3.6 * unit, lines_max=2)
        self._y -= 3 * unit
        self._canvas.setFillColor(LAMP)
        self._canvas.rect(self._margin, self._y, 16 * unit, 0.9 * unit, stroke=0, fill=1)
        self._y -= 1.6 * unit
        self._lines(poster.when, "bold", largest=4.8 * unit, smallest=3 * unit, lines_max=1)
        if poster.where:
            self._lines(poster.where, "medium", largest=4.8 * unit, smallest=3 * unit, lines_max=2)

    def _lines(
        self, text: str, weight: str, *, largest: float, smallest: float, lines_max: int
    ) -> None:
        fitted = fit(
            text,
            weight,
            room=self._room,
            largest=largest,
            smallest=smallest,
            lines_max=lines_max,
        )
        self._canvas.setFillColor(black)
        size = fitted.size
        for line in fitted.lines:
            self._y -= 0.98 * size
            # Who stands last in a line needs no dot behind it.
            said = line.removesuffix(" ·").removeprefix("· ")
            write(self._canvas, self._margin, self._y + 0.14 * size, said, weight, size)

    def _foot(self) -> float:
        """What stands at the lower edge; its upper end."""
        unit = self._width / 100
        poster = self._poster
        if not poster.sms:
            return 5 * unit
        band = 13.5 * unit
        self._canvas.setFillColor(black)
        self._canvas.rect(0, 0, self._width, band, stroke=0, fill=1)
        self._canvas.setFillColor(white)
        said = fit(
            poster.sms, "bold", room=self._room, largest=5.4 * unit, smallest=2 * unit, lines_max=1
        )
        write(self._canvas, self._margin, 6.9 * unit, said.lines[0], "bold", said.size)
        small = fit(
            poster.small_print,
            "medium",
            room=self._room,
            largest=2 * unit,
            smallest=1.5 * unit,
            lines_max=2,
        )
        y = 4.2 * unit
        for line in small.lines:
            write(self._canvas, self._margin, y, line, "medium", small.size)
            y -= 1.15 * small.size
        return band

    def _ways_in(self, foot: float) -> None:
        """The QR code, as large as the page has room for, and beside it what it is for."""
        unit = self._width / 100
        top, bottom = self._y - 1 * unit, foot + 9 * unit
        side = min(top - bottom, 0.58 * self._width)
        # What is dark begins at the margin; the quiet zone lies in the white around it.
        quiet = side * QUIET_MODULES / (len(self._poster.matrix) + 2 * QUIET_MODULES)
        x, y = self._margin - quiet, bottom + (top - bottom - side) / 2
        self._qr(x, y, side)
        left = x + side + 0.5 * unit
        room = self._width - self._margin - left
        text = self._text
        largest = min(8.4 * unit, 0.19 * side)  # what is beside the code is no taller than it
        head = fit(text["scan"], "bold", room=room, largest=largest, smallest=4 * unit, lines_max=3)
        said = [(line, "bold", head.size, 1.0, black) for line in head.lines]
        items = [
            fit(text[key], "medium", room=room, largest=0.48 * largest, smallest=unit, lines_max=1)
            for key in ("vote", "setlist", "wish")
        ]
        smallest = min(item.size for item in items)
        for number, item in enumerate(items):
            lead = 1.25 if number else 1.7
            said += [(line, "medium", smallest, lead, black) for line in item.lines]
        said.append((text["no_app"], "medium", 0.8 * smallest, 1.9, GREY))
        at = y + side / 2 + sum(size * lead for _, _, size, lead, _ in said) / 2
        for line, weight, size, lead, colour in said:
            at -= lead * size
            self._canvas.setFillColor(colour)
            write(self._canvas, left, at + 0.22 * size, line, weight, size)
        self._address(foot + 3.6 * unit)

    def _address(self, y: float) -> None:
        unit = self._width / 100
        lead = self._text["or_type"] + " "
        shown = fit(
            self._poster.address,
            "bold",
            room=self._room - width(lead, "medium", 4 * unit),
            largest=5.2 * unit,
            smallest=2 * unit,
            lines_max=1,
        )
        self._canvas.setFillColor(GREY)
        write(self._canvas, self._margin, y, lead, "medium", 4 * unit)
        self._canvas.setFillColor(black)
        x = self._margin + width(lead, "medium", 4 * unit)
        write(self._canvas, x, y, shown.lines[0], "bold", shown.size)

    def _qr(self, x: float, y: float, side: float) -> None:
        """Vector: runs of dark modules, on the paper's white, with a quiet zone all around."""
        matrix = self._poster.matrix
        module = side / (len(matrix) + 2 * QUIET_MODULES)
        self._canvas.setFillColor(black)
        path = self._canvas.beginPath()
        for row_number, row in enumerate(matrix):
            top = y + side - (QUIET_MODULES + row_number + 1) * module
            start = 0
            while start < len(row):
                end = start
                while end < len(row) and row[end]:
                    end += 1
                if end > start:
                    left = x + (QUIET_MODULES + start) * module
                    path.rect(left, top, (end - start) * module, module)
                start = end + 1
        self._canvas.drawPath(path, stroke=0, fill=1)


def _bill(artists: tuple[str, ...], and_more: str) -> str:
    """The line-up in one text: as many names as can be read."""
    shown = artists[:8]
    more = len(artists) - len(shown)
    names = list(shown) + ([and_more.format(count=more)] if more else [])
    return " · ".join(names)
