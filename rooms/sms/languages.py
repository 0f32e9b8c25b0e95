"""The languages that texts are answered in."""

from __future__ import annotations

from enum import StrEnum

from rooms.catalogue.names import title_key


class Language(StrEnum):
    """ISO 639-1."""

    EN = "en"
    ES = "es"
    FR = "fr"
    DE = "de"


OWN_NAMES: dict[Language, str] = {
    Language.EN: "English",
    Language.ES: "Español",
    Language.FR: "Français",
    Language.DE: "Deutsch",
}
"""As the people who speak them call them."""

_CALLED: dict[Language, str] = {
    Language.EN: "en eng english ingles anglais englisch",
    Language.ES: "es esp spa spanish espanol castellano espagnol spanisch",
    Language.FR: "fr fra fre french frances francais franzosisch",
    Language.DE: "de ger deu german aleman allemand deutsch",
}
_BY_NAME = {name: language for language, names in _CALLED.items() for name in names.split()}


def language_called(said: str) -> Language | None:
    """The language of a code (``es``, ``es-MX``) or of its name in any of the four."""
    words = title_key(said).split()
    return _BY_NAME.get(words[0]) if words else None
