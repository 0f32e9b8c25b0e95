"""How people type titles on a phone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in _ROWS
    for at, key in enumerate(row)
}


def _typo(text: str, rng: random.Random) -> str:
    """One letter missing, twice, in its neighbour's place, or the neighbouring key's."""
    places = [at for at, sign in enumerate(text) if sign.isalpha()]
    if len(places) < 4:
        return text
    at = rng.choice(places[1:])
    match rng.randrange(4):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + text[at] + text[at:]
        case 2:
            return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
        case _:
            key = rng.choice(_NEIGHBOURS.get(text[at], "e"))
            return text[:at] + key + text[at + 1 :]


def _plain(title: str, rng: random.Random) -> str:
    return " ".join(re.sub(r"[^\w\s]", "", title.lower()).split())


def _one_typo(title: str, rng: random.Random) -> str:
    return _typo(_plain(title, rng), rng)


def _two_typos(title: str, rng: random.Random) -> str:
    return _typo(_one_typo(title, rng), rng)


def _hurried(title: str, rng: random.Random) -> str:
    """``blu sky``: silent letters and doubles go, *you* is *u*."""
    text = re.sub(r"\byou\b", "u", _plain(title, rng))
    text = re.sub(r"\bare\b", "r", text)
    text = re.sub(r"(?<=[a-z]{2})e\b", "", text)
    text = re.sub(r"ght\b", "te", text)
    text = re.sub(r"ing\b", "in", text)
    return re.sub(r"([a-z])\1", r"\1", text)


def _joined(title: str, rng: random.Random) -> str:
    return _plain(title, rng).replace(" ", "")


def _beginning(title: str, rng: random.Random) -> str:
    """The first half of the words, at least one."""
    words = _plain(title, rng).split()
    return " ".join(words[: max(1, len(words) // 2)])


def _a_word(title: str, rng: random.Random) -> str:
    """The longest word that is not the first."""
    words = _plain(title, rng).split()
    return max(words[1:], key=len) if len(words) > 1 else words[0]


def _letter(title: str, rng: random.Random) -> str:
    return title


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "as it is written": _letter,
    "lower case, no signs": _plain,
    "words as one": _joined,
    "first half": _beginning,
    "one word out of it": _a_word,
    "one typing error": _one_typo,
    "two typing errors": _two_typos,
    "hurried (`blu sky`)": _hurried,
}
"""Ways to type a title that is an option."""
