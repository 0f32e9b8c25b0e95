"""Names that look like another name (Unicode Technical Standard 39, section 4).

The classes of characters that look alike are Unicode's ``confusables.txt``, as the package
``confusable-homoglyphs`` has it: pairs in both directions. What looks alike is made one character
here, which for two names is the question whether their skeletons are the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Final

import msgspec

_PACKAGE: Final = "confusable_homoglyphs"
_LEFT_TO_RIGHT: Final = "\u200e"
"""Stands around right-to-left characters in the data, and is no part of them."""

_ACCENTS: Final = range(0x300, 0x370)
"""Combining marks of Latin, Greek and Cyrillic: an accent makes nobody somebody else."""

_Pairs = dict[str, list[dict[str, str]]]


def looks(name: str) -> frozenset[str]:
    """How a name looks, however it is spelled; nothing for one without a letter or digit.

    Case is looked past twice: a capital may look like a letter that its small form does not
    (``Н`` like ``H``), and the other way round. A capital ``I`` looks like an ``l``, so by both
    ways together ``i`` is one as well.
    """
    folded = _skeleton(name).casefold(), _skeleton(name.casefold()).casefold()
    return frozenset(filter(None, (one.replace("i", "l") for one in folded)))


def prepare() -> None:
    """Reads the data, which takes some tens of milliseconds, before anybody waits for it."""
    _prototypes()


def _skeleton(text: str) -> str:
    """Without spaces, dots, stars and pictures, with which a name looks no less the same."""
    # Compatibility forms are letters in another dress, and not all of them are in the data.
    decomposed = unicodedata.normalize("NFKD", text)
    alike = unicodedata.normalize("NFD", "".join(map(_prototype, decomposed)))
    return "".join(one for one in alike if ord(one) not in _ACCENTS)


def _prototype(character: str) -> str:
    stands_for = _prototypes().get(character, character)
    if unicodedata.category(character)[0] in "LNM":
        return stands_for
    return stands_for if stands_for.isascii() and stands_for.isalpha() else ""


@cache
def _prototypes() -> Mapping[str, str]:
    """What stands for each character that looks like another."""
    raw = (resources.files(_PACKAGE) / "confusables.json").read_bytes()
    classes: dict[str, list[str]] = {}
    for one, other in _pairs(msgspec.json.decode(raw, type=_Pairs)):
        first, second = classes.setdefault(one, [one]), classes.setdefault(other, [other])
        if first is not second:
            first += second
            for member in second:
                classes[member] = first
    stands_for = {id(members): min(members, key=_rank) for members in classes.values()}
    return {one: stands_for[id(members)] for one, members in classes.items() if len(one) == 1}


def _pairs(data: _Pairs) -> Iterator[tuple[str, str]]:
    for one, others in data.items():
        for other in others:
            yield one.strip(_LEFT_TO_RIGHT), other["c"].strip(_LEFT_TO_RIGHT)


def _rank(text: str) -> tuple[int, int, str]:
    """What is more than one character is what the others look like (``rn``); of single ones a
    letter whose case can be looked past."""
    of = (text.isascii() and text.islower(), text.isascii() and text.isupper(), text.isalpha())
    return (-len(text), of.index(True) if True in of else len(of), text)
