"""What the pictures show. Pure: from what is known to the bytes of a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from server.cards.canvas import (
    DIM,
    LAMP,
    LAMP_TEXT,
    LINE,
    LIVE,
    ON_LAMP,
    TAPE,
    TEXT,
    Canvas,
    cut,
    fitted,
    shrunk,
    width_of,
    wrapped,
    writable,
)

CARD: Final = (1200, 630)
"""What OpenGraph's readers show whole (https://ogp.me)."""

MARGIN: Final = 64
CARD_SONGS_MAX: Final = 24
LIST_WIDTH: Final = 1080
LIST_HEIGHT_MIN: Final = 1350
LIST_SONGS_MAX: Final = 120
"""A longer night is told to have more."""

VERSION: Final = 2
"""Of the drawing: a new one makes new pictures of old nights."""


class CardSong(Struct, frozen=True):
    """A song of a setlist; ``heading``: the section that begins with it."""

    title: str
    segue: bool = False
    heading: str | None = None


class Card(Struct, frozen=True):
    """What a picture tells.

    Attributes:
        kicker: a word above the title; ``live`` gives it a red light.
        facts: lines below the title.
        more: "and {count} more".
        address: where it comes from, as one would type it.
    """

    title: str
    kicker: str = ""
    live: bool = False
    facts: tuple[str, ...] = ()
    songs: tuple[CardSong, ...] = ()
    more: str = ""
    address: str = ""


def draw_card(card: Card) -> bytes:
    """1200×630: the title large; beside it the setlist where there is one."""
    card = _writable(card)
    canvas = Canvas(*CARD)
    beside = bool(card.songs)
    width = 500 if beside else CARD[0] - 2 * MARGIN
    canvas.brand(MARGIN, 92, 38)
    y = _kicker(canvas, card, 186, width)
    size, lines = fitted(
        card.title, width, (82, 72, 64, 56, 48) if beside else (132, 112, 96, 80, 66), 4
    )
    for line in lines:
        y += size * 1.02
        canvas.text((MARGIN, y), line, size, TEXT)
    y += 20
    for fact in card.facts[:3]:
        for line in wrapped(fact, width, 34, 2, "medium"):
            y += 42
            if y < (512 if card.address and not beside else 590):
                canvas.text((MARGIN, y), line, 34, DIM, "medium")
    if beside:
        _columns(canvas, card)
    elif card.address:
        canvas.text((MARGIN, 574), card.address, 30, LAMP_TEXT, "medium")
    return canvas.png()


def _writable(card: Card) -> Card:
    return replace(
        card,
        title=writable(card.title),
        facts=tuple(writable(fact) for fact in card.facts),
        songs=tuple(replace(song, title=writable(song.title)) for song in card.songs),
    )


def _kicker(canvas: Canvas, card: Card, y: float, width: float) -> float:
    if not card.kicker:
        return y - 46
    x = float(MARGIN)
    if card.live:
        canvas.dot(x + 10, y - 12, 10, LIVE)
        x += 34
    said = cut(card.kicker.upper(), width - 34, 34)
    canvas.text((x, y), said, 34, TEXT if card.live else LAMP_TEXT)
    return y + 4


def _columns(canvas: Canvas, card: Card) -> None:
    """The songs at the right, in one column or two."""
    left, right, top, bottom = 612, CARD[0] - 44, 64, CARD[1] - 52
    canvas.rectangle((left - 1, top - 10, left + 1, bottom), LINE)
    shown = card.songs[:CARD_SONGS_MAX]
    rows = len(shown) + sum(song.heading is not None for song in shown)
    columns = 1 if rows <= 13 else 2
    left += 34
    width = (right - left - (columns - 1) * 24) / columns
    per_column = -(-rows // columns)
    step = min(46.0, (bottom - top - 34) / per_column)
    size = min(36, round(step * 0.82))
    x, y, row = float(left), float(top), 0
    for song in shown:
        for kind, text in (("heading", song.heading), ("song", song.title)):
            if text is None:
                continue
            if row == per_column:
                x, y, row = x + width + 24, float(top), 0
            y += step
            row += 1
            if kind == "heading":
                small = round(size * 0.72)
                said = cut(text.upper(), width, small)
                canvas.text((x, y - step * 0.2), said, small, LAMP_TEXT)
            else:
                fits, said = shrunk(text, width - (size if song.segue else 0), size)
                end = canvas.text((x, y - step * 0.2), said, fits, TEXT)
                if song.segue:
                    canvas.text((end + 8, y - step * 0.2), "›", size, LAMP)
    hidden = len(card.songs) - len(shown)
    if hidden and card.more:
        canvas.text((left, bottom), card.more.format(count=hidden), 26, DIM, "medium")


def draw_setlist(card: Card) -> bytes:
    """The whole list, upright, 1080 wide and as high as it is long."""
    card = _writable(card)
    songs = card.songs[:LIST_SONGS_MAX]
    width = LIST_WIDTH - 2 * MARGIN
    title_size, title = fitted(card.title, width, (96, 84, 72, 62), 3)
    facts = [line for fact in card.facts for line in wrapped(fact, width, 40, 2, "medium")]
    head = 190 + round(len(title) * title_size * 1.04) + len(facts) * 50
    step = 62 if len(songs) <= 34 else 54
    size = round(step * 0.72)
    headings = sum(song.heading is not None for song in songs)
    height = max(LIST_HEIGHT_MIN, head + len(songs) * step + headings * 84 + 190)
    canvas = Canvas(LIST_WIDTH, height)
    canvas.brand(MARGIN, 104, 42)
    y = 150.0
    for line in title:
        y += title_size * 1.04
        canvas.text((MARGIN, y), line, title_size, TEXT)
    y += 12
    for line in facts:
        y += 50
        canvas.text((MARGIN, y), line, 40, DIM, "medium")
    y = _rows(canvas, songs, y + 24, step, size)
    hidden = len(card.songs) - len(songs)
    if hidden and card.more:
        canvas.text((MARGIN, y + step), card.more.format(count=hidden), size, DIM, "medium")
    _foot(canvas, card.address)
    return canvas.png()


def _rows(canvas: Canvas, songs: Sequence[CardSong], y: float, step: int, size: int) -> float:
    right = LIST_WIDTH - MARGIN
    for number, song in enumerate(songs, start=1):
        if song.heading is not None:
            y += 84
            heading = cut(song.heading.upper(), right - MARGIN - 36, 34)
            wide = width_of(heading, 34)
            canvas.rectangle((MARGIN, y - 44, MARGIN + wide + 36, y + 8), TAPE, 4)
            canvas.text((MARGIN + 18, y - 6), heading, 34, TEXT)
            y += 10
        y += step
        count = str(number)
        canvas.text((MARGIN + 44 - width_of(count, size), y - 14), count, size, DIM)
        said = cut(song.title, right - MARGIN - 130, size)
        end = canvas.text((MARGIN + 66, y - 14), said, size, TEXT)
        if song.segue:
            canvas.text((end + 14, y - 14), "›", size, LAMP)
        canvas.line(MARGIN + 66, right, y)
    return y


def _foot(canvas: Canvas, address: str) -> None:
    if not address:
        return
    said = cut(address, LIST_WIDTH - 2 * MARGIN - 48, 34)
    wide = width_of(said, 34)
    y = canvas.height - 70
    canvas.rectangle((MARGIN, y - 44, MARGIN + wide + 48, y + 20), LAMP, 12)
    canvas.text((MARGIN + 24, y), said, 34, ON_LAMP)
