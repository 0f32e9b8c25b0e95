"""Reads the shipped word lists (see ``data/README.md`` for source and licence)."""

from __future__ import annotations

from importlib import resources
from typing import Final

from rooms.moderation.matching import WordMatcher

LANGUAGES: Final = ("en", "es", "fr", "de")
"""The languages that Setroom speaks. All lists are used at once: nobody says what they speak."""

_GIVEN_NAMES: Final = frozenset({"dick"})
"""Entries that people are called by."""


def entries() -> tuple[str, ...]:
    """The words and phrases that are used, each once."""
    left_out = frozenset(_lines("left_out"))
    used = (
        entry
        for language in LANGUAGES
        for entry in _lines(language)
        if f"{language} {entry}" not in left_out
    )
    return tuple(dict.fromkeys(used))


def chat_words() -> WordMatcher:
    """What is held in chat, and refused where nothing can be held. Takes some milliseconds."""
    return WordMatcher(entries())


def name_words() -> WordMatcher:
    """What nobody may be called."""
    return WordMatcher(entry for entry in entries() if entry not in _GIVEN_NAMES)


def _lines(name: str) -> list[str]:
    text = (resources.files("storage.moderation") / "data" / f"{name}.txt").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
