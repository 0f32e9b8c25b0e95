"""What the columns and sheets of a report are called."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

Language = Literal["en", "es"]


class Part(StrEnum):
    """A table of a report."""

    ATTENDEES = "attendees"
    VOTES = "votes"
    ROUNDS = "rounds"
    MESSAGES = "messages"


SHEETS: Final[dict[Language, dict[Part, str]]] = {
    "en": {
        Part.ATTENDEES: "Attendees",
        Part.VOTES: "Votes",
        Part.ROUNDS: "Rounds",
        Part.MESSAGES: "Messages",
    },
    "es": {
        Part.ATTENDEES: "Asistentes",
        Part.VOTES: "Votos",
        Part.ROUNDS: "Rondas",
        Part.MESSAGES: "Mensajes",
    },
}

YES_NO: Final[dict[Language, tuple[str, str]]] = {"en": ("yes", "no"), "es": ("sí", "no")}

COLUMNS: Final[dict[Part, tuple[str, ...]]] = {
    Part.ATTENDEES: (
        "attendee_id",
        "name",
        "role",
        "channel",
        "phone",
        "phone_state",
        "confirmed_at",
        "language",
        "admitted",
        "joined_at",
        "checked_in_at",
        "removed_at",
        "rounds_voted",
        "voted_last_at",
        "messages_received",
    ),
    Part.VOTES: (
        "round",
        "round_id",
        "attendee_id",
        "name",
        "voter",
        "channel",
        "held",
        "choice",
        "cast_at",
    ),
    Part.ROUNDS: (
        "round",
        "round_id",
        "type",
        "method",
        "status",
        "opened_at",
        "closed_at",
        "option",
        "score",
        "supporters",
        "winner",
        "votes",
        "voters",
        "voters_web",
        "voters_sms",
        "held_votes",
        "config_hash",
    ),
    Part.MESSAGES: (
        "message_id",
        "kind",
        "channel",
        "attendee_id",
        "name",
        "to",
        "language",
        "state",
        "reason",
        "segments",
        "created_at",
        "sent_at",
        "delivered_at",
    ),
}
"""The columns of each table, by their names in `HEADERS`."""

HEADERS: Final[dict[str, tuple[str, str]]] = {
    "admitted": ("Admitted", "Con acceso"),
    "attendee_id": ("Attendee id", "Id de asistente"),
    "cast_at": ("Cast at", "Emitido"),
    "channel": ("Channel", "Canal"),
    "checked_in_at": ("Checked in at", "Entrada registrada"),
    "choice": ("Choice", "Elección"),
    "closed_at": ("Closed at", "Cierre"),
    "config_hash": ("Rules (hash)", "Reglas (hash)"),
    "confirmed_at": ("Phone confirmed at", "Teléfono confirmado"),
    "created_at": ("Created at", "Creado"),
    "delivered_at": ("Delivered at", "Entregado"),
    "held": ("Held for review", "En revisión"),
    "held_votes": ("Votes held for review", "Votos en revisión"),
    "joined_at": ("Joined at", "Llegada"),
    "kind": ("Kind", "Tipo"),
    "language": ("Language", "Idioma"),
    "message_id": ("Message id", "Id de mensaje"),
    "messages_received": ("Messages received", "Mensajes recibidos"),
    "method": ("Counting method", "Método de recuento"),
    "name": ("Name", "Nombre"),
    "opened_at": ("Opened at", "Apertura"),
    "option": ("Option", "Opción"),
    "phone": ("Phone", "Teléfono"),
    "phone_state": ("Phone state", "Estado del teléfono"),
    "reason": ("Reason", "Motivo"),
    "removed_at": ("Removed at", "Expulsión"),
    "role": ("Role", "Rol"),
    "round": ("Round", "Ronda"),
    "round_id": ("Round id", "Id de ronda"),
    "rounds_voted": ("Rounds voted in", "Rondas votadas"),
    "score": ("Score", "Puntuación"),
    "segments": ("Segments", "Segmentos"),
    "sent_at": ("Sent at", "Enviado"),
    "state": ("State", "Estado"),
    "status": ("Status", "Estado"),
    "supporters": ("Supporters", "Apoyos"),
    "to": ("To", "Destino"),
    "type": ("Type", "Tipo"),
    "voted_last_at": ("Last vote at", "Último voto"),
    "voter": ("Voter", "Votante"),
    "voters": ("Voters", "Votantes"),
    "voters_sms": ("Voters by SMS", "Votantes por SMS"),
    "voters_web": ("Voters by app", "Votantes por la app"),
    "votes": ("Votes", "Votos"),
    "winner": ("Winner", "Ganadora"),
}
"""By column: English, Spanish."""

_PLACES: Final[dict[Language, int]] = {"en": 0, "es": 1}


def header_of(part: Part, language: Language) -> list[str]:
    """The first line of a table."""
    return [HEADERS[column][_PLACES[language]] for column in COLUMNS[part]]
