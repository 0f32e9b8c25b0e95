"""Days and times in the words of a language. Times are those of the place where it happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

_MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": tuple(
        "January February March April May June July August September October November "
        "December".split()
    ),
    "es": tuple(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
        "diciembre".split()
    ),
    "fr": tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre".split()
    ),
    "de": tuple(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
    ),
}
_WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
    "es": tuple("lunes martes miércoles jueves viernes sábado domingo".split()),
    "fr": tuple("lundi mardi mercredi jeudi vendredi samedi dimanche".split()),
    "de": tuple("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()),
}


def day(moment: datetime, language: str) -> str:
    """``8 May``, ``8 de mayo``, ``1er mai``, ``8. Mai``: within a sentence or a subject."""
    month = _MONTHS[language][moment.month - 1]
    match language:
        case "es":
            return f"{moment.day} de {month}"
        case "fr":
            return f"{'1er' if moment.day == 1 else moment.day} {month}"
        case "de":
            return f"{moment.day}. {month}"
        case _:
            return f"{moment.day} {month}"


def full_day(moment: datetime, language: str) -> str:
    """``Saturday 8 May 2027``, ``sábado, 8 de mayo de 2027``, ``Samstag, 8. Mai 2027``."""
    weekday = _WEEKDAYS[language][moment.weekday()]
    match language:
        case "es":
            return f"{weekday}, {day(moment, language)} de {moment.year}"
        case "de":
            return f"{weekday}, {day(moment, language)} {moment.year}"
        case _:
            return f"{weekday} {day(moment, language)} {moment.year}"


def time(moment: datetime, language: str) -> str:
    """``20:00``, ``20 h 00``, ``20:00 Uhr``. A clock of 24 hours is read everywhere."""
    match language:
        case "fr":
            return f"{moment.hour} h {moment.minute:02}"
        case "de":
            return f"{moment.hour}:{moment.minute:02} Uhr"
        case "es":
            return f"{moment.hour}:{moment.minute:02} h"
        case _:
            return f"{moment.hour}:{moment.minute:02}"


def moment(at: datetime, language: str, *, zone: bool = False) -> str:
    """Day and time. ``zone``: with the zone's name, where the reader cannot know it."""
    name = f" {at.tzname()}" if zone and at.tzname() else ""
    return f"{capital(full_day(at, language))}, {time(at, language)}{name}"


def capital(text: str) -> str:
    """The same with a capital in front: Spanish and French days stand alone on a card."""
    return text[:1].upper() + text[1:]
