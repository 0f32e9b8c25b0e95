"""What the server's own pages say, in the languages of the client."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from litestar import Request

from rooms.show import ShowStatus
from server.languages import preferred_language
from server.pages.discover_texts import DISCOVER_TEXTS

LANGUAGES: Final = ("en", "es")

TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "tagline": "The live room of every show",
        "lead": "Edit tonight's setlist together, vote on what comes next, talk about it. "
        "One tap and you are in.",
        "live": "Live now",
        "enter": "Go in",
        "coming": "Coming up",
        "recent": "Recently played",
        "nothing_live": "No show is live at the moment.",
        "nothing_coming": "No show has been announced.",
        "nothing_recent": "No show has been played yet.",
        "setlist": "Setlist",
        "no_songs": "No song yet.",
        "unknown_setlist": "What was played is not known.",
        "now": "Now playing",
        "last": "Played last",
        "nothing_yet": "Nothing yet",
        "soon": "Coming up",
        "before": "The room opens when the show starts.",
        "calendar": "Add to calendar",
        "chat": "Chat",
        "no_chat": "Nobody has said anything yet.",
        "vote": "Vote now",
        "result": "Result",
        "votes": "{count} votes",
        "winner": "Winner",
        "announcement": "From the stage",
        "app_needs_script": "This page needs JavaScript. Allow it and load the page again.",
        "no_script": "You can read everything here. To take part, allow JavaScript for this page.",
        "private": "This show is private. Enter its code, from the poster or your ticket.",
        "not_found": "There is nothing here",
        "not_found_lead": "The show may have moved, or the address has a slip in it.",
        "home": "All shows",
        "replay": "Play the night again",
        "back": "Back to the show",
        "songs": "{count} songs",
        "tour": "Tour",
        "into": "into",
        "loading": "Opening the room…",
        "skip": "Skip to the setlist",
        "archive_of": "From the archive",
        "first_time": "First time played",
        "first_since": "First time since {day} ({count} shows)",
        "nth_time": "Played for the {count}th time",
    },
    "es": {
        "tagline": "La sala en directo de cada concierto",
        "lead": "Editad juntos el repertorio de esta noche, votad lo que viene, habladlo. "
        "Un toque y estás dentro.",
        "live": "En directo",
        "enter": "Entrar",
        "coming": "Próximamente",
        "recent": "Tocados hace poco",
        "nothing_live": "Ahora mismo no hay ningún concierto en directo.",
        "nothing_coming": "No hay ningún concierto anunciado.",
        "nothing_recent": "Todavía no se ha tocado ningún concierto.",
        "setlist": "Repertorio",
        "no_songs": "Aún no hay canciones.",
        "unknown_setlist": "No se sabe qué se tocó.",
        "now": "Suena ahora",
        "last": "Lo último que sonó",
        "nothing_yet": "Todavía nada",
        "soon": "Próximamente",
        "before": "La sala se abre cuando empiece el concierto.",
        "calendar": "Añadir al calendario",
        "chat": "Chat",
        "no_chat": "Nadie ha dicho nada todavía.",
        "vote": "Vota ahora",
        "result": "Resultado",
        "votes": "{count} votos",
        "winner": "Gana",
        "announcement": "Desde el escenario",
        "app_needs_script": "Esta página necesita JavaScript. Actívalo y vuelve a cargarla.",
        "no_script": "Aquí puedes leerlo todo. Para participar, permite JavaScript en esta página.",
        "private": "Este concierto es privado. Escribe su código, del cartel o de tu entrada.",
        "not_found": "Aquí no hay nada",
        "not_found_lead": "Quizá el concierto se ha movido, o la dirección tiene un error.",
        "home": "Todos los conciertos",
        "replay": "Revivir la noche",
        "back": "Volver al concierto",
        "songs": "{count} canciones",
        "tour": "Gira",
        "into": "enlaza con",
        "loading": "Abriendo la sala…",
        "skip": "Ir al repertorio",
        "archive_of": "Del archivo",
        "first_time": "Tocada por primera vez",
        "first_since": "Por primera vez desde el {day} ({count} conciertos)",
        "nth_time": "Tocada por {count}.ª vez",
    },
}

for _language, _texts in DISCOVER_TEXTS.items():
    TEXTS[_language] |= _texts

STATUSES: Final[dict[str, dict[ShowStatus, str]]] = {
    "en": {
        ShowStatus.DRAFT: "Draft",
        ShowStatus.PUBLISHED: "Coming up",
        ShowStatus.LIVE: "Live",
        ShowStatus.CLOSED: "Over",
        ShowStatus.ARCHIVED: "Archived",
        ShowStatus.CANCELLED: "Cancelled",
    },
    "es": {
        ShowStatus.DRAFT: "Borrador",
        ShowStatus.PUBLISHED: "Próximamente",
        ShowStatus.LIVE: "En directo",
        ShowStatus.CLOSED: "Terminado",
        ShowStatus.ARCHIVED: "Archivado",
        ShowStatus.CANCELLED: "Cancelado",
    },
}

_MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
}
_SECTIONS: Final = {
    "en": {"soundcheck": "Soundcheck", "set": "Set", "encore": "Encore"},
    "es": {"soundcheck": "Prueba de sonido", "set": "Set", "encore": "Bis"},
}

LANGUAGE_COOKIE: Final = "setroom_language"
"""What somebody chose in their account, kept by the account's page on each device."""


def language_of_request(request: Request[Any, Any, Any]) -> str:
    """The language of a page: of its address, of the person's choice, of the browser."""
    asked = request.query_params.get("lang")
    if asked not in LANGUAGES:
        asked = request.cookies.get(LANGUAGE_COOKIE)
    return language_of(request.headers.get("accept-language", ""), asked)


def language_of(accept_language: str, asked: str | None = None) -> str:
    """The language to answer in: the one asked for, else the best of the header (RFC 9110
    §12.5.4), else English."""
    if asked in LANGUAGES:
        return asked
    return preferred_language(accept_language, LANGUAGES) or LANGUAGES[0]


def section_name(section: str, language: str) -> str:
    """``set2`` as "Set 2", ``encore1`` as "Encore"."""
    kind, number = section.rstrip("0123456789"), section.lstrip("abcdefghijklmnopqrstuvwxyz")
    name = _SECTIONS[language].get(kind, kind)
    return name if not number or section == "encore1" else f"{name} {number}"


def day(moment: date | datetime, language: str) -> str:
    """``8 May 1977``, ``8 de mayo de 1977``."""
    name = _MONTHS[language].split()[moment.month - 1]
    if language == "es":
        return f"{moment.day} de {name} de {moment.year}"
    return f"{moment.day} {name} {moment.year}"


def month(moment: date, language: str) -> str:
    """A date of which only the month is known."""
    name = _MONTHS[language].split()[moment.month - 1]
    return f"{name} de {moment.year}" if language == "es" else f"{name} {moment.year}"
