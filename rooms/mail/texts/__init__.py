"""What mails say, by language. All have the same keys and the same placeholders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rooms.mail.texts.de import DE
from rooms.mail.texts.en import EN
from rooms.mail.texts.es import ES
from rooms.mail.texts.fr import FR

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {"en": EN, "es": ES, "fr": FR, "de": DE}


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = TEXTS[language]

    def __call__(self, key: str, **values: object) -> str:
        """A text with its placeholders filled in. Only the pattern is ours: what is filled in may
        contain braces."""
        return self._texts[key].format(**values)

    def count(self, key: str, count: int) -> str:
        """``key_one`` or ``key``, with ``{count}`` grouped as the language does it.

        French counts zero as one thing (CLDR plural rules); it never comes to that here.
        """
        grouped = f"{count:,}".replace(",", _THOUSANDS[self.language])
        return self(f"{key}_one" if count == 1 else key, count=grouped)


_THOUSANDS: Final = {"en": ",", "es": ".", "fr": "\u202f", "de": "."}
