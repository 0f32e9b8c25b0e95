"""Texts as they come from phones, made comparable.

Phones send digits in many shapes: keycap emoji, full width, circled, in the digits of another
script. They all become ASCII digits; a keycap keeps its U+20E3, because two keycaps in a row may
be two choices (`rooms.sms.choosing`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rooms.catalogue.names import title_key

KEYCAP: Final = "\u20e3"
"""COMBINING ENCLOSING KEYCAP, behind the digit of a keycap emoji."""

_TEN: Final = "\N{KEYCAP TEN}"
_SELECTORS: Final = re.compile("[\ufe0e\ufe0f]")
_THUMBS: Final = str.maketrans({"\N{THUMBS UP SIGN}": "+", "\N{THUMBS DOWN SIGN}": "-"})
_SKIN_TONES: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
_MINUSES: Final = re.compile("[\u2010-\u2015\u2212]")


def readable(body: str) -> str:
    """A body as one line: NFKC, digits in ASCII, invisible characters gone, case kept.

    Line breaks become commas, as in a list. A thumb up or down becomes ``+`` or ``-``, and so does
    every kind of dash.
    """
    text = _SELECTORS.sub("", body.replace(_TEN, " 10 "))
    text = unicodedata.normalize("NFKC", _SKIN_TONES.sub("", text))
    text = _MINUSES.sub("-", text.translate(_THUMBS))
    lines = ("".join(map(_plain, line)).split() for line in text.splitlines())
    return ", ".join(" ".join(line) for line in lines if line)


def words_of(text: str) -> list[str]:
    """The words of a readable text as the grammar compares them: case folded, without accents on
    Latin letters and without punctuation, as titles are compared everywhere."""
    key = title_key(text.replace(KEYCAP, ""))
    return key.split() if any(sign.isalnum() for sign in key) else []


def _plain(sign: str) -> str:
    """One character: digits of any script in ASCII, blanks as a blank, the unseen as nothing."""
    if sign.isascii():
        return sign if sign.isprintable() else " "
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if category == "No":
        number = unicodedata.numeric(sign)
        return f" {int(number)} " if number == int(number) else sign
    if category == "Cf":
        return ""
    return " " if category[0] == "C" or sign.isspace() else sign
