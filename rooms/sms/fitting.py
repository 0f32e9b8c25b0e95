"""Texts made of our words and other people's names: the words stay, the names give way.

A name is cut where the message would otherwise need one more segment. The longest is cut first, so
that of *Blue Sky* and a title of two hundred characters only one suffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from rooms.sms.gsm7 import fitting
from rooms.sms.segments import ALONE, PART, Encoding, encoding_of, units_of

NAME_UNITS_MIN: Final = 8
"""A name is not cut below that: ``Rosali..`` can be told from the others, ``Ro..`` cannot."""

UCS2_SEGMENTS_MAX: Final = 3
"""Of a message whose names need UCS-2: our words alone take two of them."""

CUT: Final = ".."
"""The ellipsis is not in the GSM alphabet, and three dots are one septet more."""


LITTLE: Final = 3
"""Letters of the words that no shortened name ends with: *Grateful Dead at*."""


class Name(Struct, frozen=True):
    """Something that may be shortened: a title, a label."""

    text: str
    known: bool = False
    """There is no other that it could be taken for, like the show somebody is at: its first words
    are name enough and go without `CUT`, which reads badly before ``!``."""


Piece = str | Name


def room_for(encoding: Encoding, count: int) -> int:
    """Units of a message of so many segments at most."""
    return ALONE[encoding] if count == 1 else count * PART[encoding]


def needs(pieces: Sequence[Piece]) -> int:
    """Units of the pieces with every name as short as it may be."""
    made = _made(pieces)
    encoding = encoding_of("".join(_text(piece) for piece in made))
    return sum(
        min(units_of(_text(piece), encoding), NAME_UNITS_MIN)
        if isinstance(piece, Name)
        else units_of(piece, encoding)
        for piece in made
    )


def joined(pieces: Sequence[Piece]) -> str:
    """The pieces as one text, its names cut as far as they must be.

    One segment, or `UCS2_SEGMENTS_MAX` where a name needs UCS-2; where our words need more, as few
    as they need.
    """
    made = _made(pieces)
    whole = "".join(_text(piece) for piece in made)
    encoding = encoding_of(whole)
    count = 1 if encoding is Encoding.GSM7 else UCS2_SEGMENTS_MAX
    while needs(made) > room_for(encoding, count):
        count += 1
    spare = room_for(encoding, count) - sum(
        units_of(piece, encoding) for piece in made if isinstance(piece, str)
    )
    lengths = [units_of(piece.text, encoding) for piece in made if isinstance(piece, Name)]
    longest = _longest(lengths, spare)
    return "".join(
        piece if isinstance(piece, str) else shortened(piece, longest, encoding) for piece in made
    )


def shortened(name: Name, units_max: int, encoding: Encoding) -> str:
    """A name of at most so many units, with `CUT` where it cannot do without."""
    if units_of(name.text, encoding) <= units_max:
        return name.text
    words = _first_words(name.text, units_max, encoding) if name.known else ""
    return words or _beginning(name.text, units_max - len(CUT), encoding).rstrip(_LOOSE) + CUT


_LOOSE: Final = " ,;:-(["
"""Signs that no shortened name ends with."""


def _beginning(text: str, units_max: int, encoding: Encoding) -> str:
    room = units_max
    for at, sign in enumerate(text):
        room -= units_of(sign, encoding)
        if room < 0:
            return text[:at]
    return text


def _first_words(text: str, units_max: int, encoding: Encoding) -> str:
    """As many whole words as fit; empty where they would say less than half of what fits."""
    kept = _beginning(text, units_max, encoding)
    whole = kept if text[len(kept)].isspace() else kept[: max(kept.rfind(" "), 0)]
    words = whole.split()
    while words and len(words[-1]) <= LITTLE and words[-1].islower():
        words.pop()
    said = " ".join(words).rstrip(_LOOSE)
    return said if 2 * units_of(said, encoding) >= units_max else ""


def _longest(lengths: Sequence[int], spare: int) -> int:
    """How long a name may be so that all fit into ``spare``: the longest give way first."""
    if sum(lengths) <= spare:
        return max(lengths, default=0)
    left, waiting = spare, len(lengths)
    for length in sorted(lengths):
        if length * waiting > left:
            return max(left // waiting, NAME_UNITS_MIN)
        left -= length
        waiting -= 1
    return NAME_UNITS_MIN


def _made(pieces: Sequence[Piece]) -> list[Piece]:
    return [
        Name(fitting(piece.text.strip()), piece.known) if isinstance(piece, Name) else piece
        for piece in pieces
    ]


def _text(piece: Piece) -> str:
    return piece.text if isinstance(piece, Name) else piece
