"""What a poster says, in the languages that it can be had in."""

from __future__ import annotations

from datetime import datetime
from typing import Final

LANGUAGES: Final = ("en", "es")

TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "scan": "Scan. You’re in.",
        "vote": "Vote on the next song",
        "setlist": "Write tonight’s setlist",
        "wish": "Wish for your song",
        "no_app": "No app, no account.",
        "or_type": "Or type",
        "sms": "No smartphone? Text {text} to {number}",
        "small_print": "Msg & data rates may apply. Message frequency varies. "
        "Reply STOP to end, HELP for help.",
        "and_more": "and {count} more",
        "subject": "Poster",
    },
    "es": {
        "scan": "Escanea y ya estás dentro.",
        "vote": "Vota la próxima canción",
        "setlist": "Escribe el setlist de esta noche",
        "wish": "Pide tu canción",
        "no_app": "Sin app y sin cuenta.",
        "or_type": "O escribe",
        "sms": "¿Sin smartphone? Envía {text} al {number}",
        "small_print": "Pueden aplicarse cargos por mensajes y datos. La frecuencia varía. "
        "Responde STOP para terminar, HELP para ayuda.",
        "and_more": "y {count} más",
        "subject": "Cartel",
    },
}

_WEEKDAYS: Final = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
}
_MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio "
    "julio agosto septiembre octubre noviembre diciembre",
}


def when(moment: datetime, language: str) -> str:
    """``Saturday, 8 May 2027 · 19:30``, ``Sábado, 8 de mayo de 2027 · 19:30``.

    Args:
        moment: in the zone of the place; in UTC that is said.
    """
    weekday = _WEEKDAYS[language].split()[moment.weekday()].capitalize()
    month = _MONTHS[language].split()[moment.month - 1]
    of = " de " if language == "es" else " "
    hour = f"{moment:%H:%M}" + (" UTC" if moment.tzname() == "UTC" else "")
    return f"{weekday}, {moment.day}{of}{month}{of}{moment.year} · {hour}"
