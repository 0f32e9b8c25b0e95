"""Names and titles as they are compared: the one normalisation of the project.

``normalised`` is what the catalogue stores and looks up by. ``title_key`` goes further and is for
titles that people type: it is never stored, so it may change.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = re.compile("['’‘ʼ`´′]")
_MARKED_LATIN = re.compile(r"([a-z])[\u0300-\u036f]+")


def normalised(name: str) -> str:
    """A name for comparison: NFKC, case folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@lru_cache(maxsize=16_384)
def title_key(title: str) -> str:
    """What is left of a title when case, accents and punctuation are not told apart: ``Beyoncé``
    and ``beyonce``, ``Rock & Roll`` and ``rock and roll``. A title of signs alone (``???``) is
    its normalised self.

    Accents are dropped from Latin letters only: elsewhere they make another letter. Articles are
    kept: *Promised Land* is Chuck Berry's, *The Promised Land* Bruce Springsteen's.
    """
    plain = normalised(title)
    key = unicodedata.normalize("NFKD", plain)
    key = unicodedata.normalize("NFC", _MARKED_LATIN.sub(r"\1", key))
    key = _APOSTROPHES.sub("", key).replace("&", " and ")
    # Letters, numbers and their marks: in many scripts a vowel is a mark.
    kept = (sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in key)
    return " ".join("".join(kept).split()) or plain
