"""The GSM 7 bit default alphabet and its extension (3GPP TS 23.038, 6.2.1 and 6.2.1.1).

Characters and how many septets each takes; and how names are made to fit. No library: the one for
Python (smsutil) has had no release since 2020 and knows no transliteration, and all of it is a
table and a sum.
"""

from __future__ import annotations

import unicodedata
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each. The 128th place is the escape to the extension."""

EXTENSION: Final = frozenset("\f^{}\\[~]|€")
"""Two septets each: the escape and the character."""

ALPHABET: Final = BASIC | EXTENSION

_REPLACED: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ`´′", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\t", " "),
        "…": "...",
        "•": "*",
        "·": "*",
        "×": "x",
        "œ": "oe",
        "Œ": "OE",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "þ": "th",
        "Þ": "Th",
        "ı": "i",
        "ẞ": "SS",
        "™": "",
        "®": "",
        "©": "",
        "º": "o",
        "ª": "a",
        "№": "No.",
    }
)
_MARK_CATEGORIES: Final = frozenset({"Mn", "Me"})
_UNSAID_CATEGORIES: Final = frozenset({"So", "Sk", "Cf", "Cn", "Co", "Cs", "Mn", "Me"})


def septets(sign: str) -> int | None:
    """Septets of one character; ``None`` where the alphabet has it not."""
    if sign in BASIC:
        return 1
    return 2 if sign in EXTENSION else None


def fits(text: str) -> bool:
    """Whether all of a text is in the alphabet."""
    return ALPHABET.issuperset(text)


def fitting(name: str) -> str:
    """A name in the alphabet, or as it is where that would take more than its ornaments.

    Typographic signs become plain ones, and Latin letters lose the accents that the alphabet lacks
    (``Beyoncé`` keeps its, ``Sigur Rós`` does not); emoji go. A name in another script is kept: a
    fan of *Кино* reads Cyrillic, and the text goes out in UCS-2 (`rooms.sms.segments`).
    """
    if fits(name):
        return name
    plain = unicodedata.normalize("NFC", name).translate(_REPLACED)
    made = " ".join("".join(map(_plain, plain)).split())
    return made if made and fits(made) else name


def _plain(sign: str) -> str:
    if septets(sign) is not None:
        return sign
    parts = unicodedata.normalize("NFKD", sign)
    bare = "".join(part for part in parts if unicodedata.category(part) not in _MARK_CATEGORIES)
    if bare and fits(bare) and bare.isascii():
        return bare
    return "" if unicodedata.category(sign) in _UNSAID_CATEGORIES else sign
