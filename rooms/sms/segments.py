"""How many segments a text is billed and sent as.

A message has 140 octets (3GPP TS 23.040, 9.2.3.24.1): 160 septets, or 70 UTF-16 code units. Longer
ones are cut, and every part loses 6 octets to the header that numbers it: 153 and 67 remain. A
character is never cut in two: an escape stays with its character, a high surrogate with its low.

Twilio's "Smart Encoding" (a setting of its Messaging Services) replaces typographic signs before it
counts. It is not relied upon here: our words are in the alphabet already, and names are made to fit
(`rooms.sms.gsm7.fitting`), so with and without it the count is the same.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from rooms.sms import gsm7


class Encoding(StrEnum):
    """How a carrier sends the text."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


ALONE: Final = {Encoding.GSM7: 160, Encoding.UCS2: 70}
"""Units of a message that is one segment."""

PART: Final = {Encoding.GSM7: 153, Encoding.UCS2: 67}
"""Units of one segment of several."""


class Segments(Struct, frozen=True):
    """A text as it is sent. ``units``: septets or UTF-16 code units. ``count`` 0: no text."""

    encoding: Encoding
    units: int
    count: int


def encoding_of(text: str) -> Encoding:
    """UCS-2 as soon as one character needs it."""
    return Encoding.GSM7 if gsm7.fits(text) else Encoding.UCS2


def units_of(text: str, encoding: Encoding) -> int:
    """Septets or UTF-16 code units."""
    if encoding is Encoding.GSM7:
        return len(text) + sum(map(gsm7.EXTENSION.__contains__, text))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def segments(text: str) -> Segments:
    """Encoding, units and segments of a text."""
    encoding = encoding_of(text)
    return Segments(encoding, units_of(text, encoding), len(split(text)))


def split(text: str) -> list[str]:
    """The segments themselves, as a phone joins them again."""
    encoding = encoding_of(text)
    if units_of(text, encoding) <= ALONE[encoding]:
        return [text] if text else []
    parts: list[str] = []
    begin = used = 0
    for at, sign in enumerate(text):
        width = _width(sign, encoding)
        if used + width > PART[encoding]:
            parts.append(text[begin:at])
            begin, used = at, 0
        used += width
    return [*parts, text[begin:]]


def _width(sign: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return gsm7.septets(sign) or 1
    return 2 if ord(sign) > 0xFFFF else 1
