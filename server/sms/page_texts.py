"""Words of the page that the link in a text opens. ``{number}`` splits a lead in two."""

from __future__ import annotations

from typing import Final

from rooms.sms.languages import Language

PAGE_TEXTS: Final[dict[Language, dict[str, str]]] = {
    Language.EN: {
        "ask.title": "Confirm your phone",
        "ask.heading": "Is this your phone?",
        "ask.lead": "{number} votes by text at {show}. Confirm it here, and your texts and this"
        " browser count as one person, with one vote.",
        "ask.go": "Yes, that's my phone",
        "ask.small": "Not yours? Just close this page. Text STOP to get no more messages.",
        "done.title": "Confirmed",
        "done.heading": "Confirmed",
        "done.lead": "{number} is confirmed for {show}.",
        "gone.title": "Link over",
        "gone.heading": "This link is over",
        "gone.lead": "It was used already, or its day has passed. Text CONFIRM for a new one.",
        "taken.title": "Not possible",
        "taken.heading": "That is not possible",
        "taken.lead": "This phone belongs to another account, or has said STOP. Text HELP"
        " for help.",
        "open": "Open the show",
    },
    Language.ES: {
        "ask.title": "Confirma tu teléfono",
        "ask.heading": "¿Es este tu teléfono?",
        "ask.lead": "{number} vota por SMS en {show}. Confírmalo aquí y tus mensajes y este"
        " navegador contarán como una sola persona, con un solo voto.",
        "ask.go": "Sí, es mi teléfono",
        "ask.small": "¿No es tuyo? Cierra esta página. Envía STOP para no recibir más mensajes.",
        "done.title": "Confirmado",
        "done.heading": "Confirmado",
        "done.lead": "{number} está confirmado para {show}.",
        "gone.title": "Enlace caducado",
        "gone.heading": "Este enlace ya no sirve",
        "gone.lead": "Ya se usó o ha pasado su día. Envía CONFIRM para recibir otro.",
        "taken.title": "No es posible",
        "taken.heading": "No es posible",
        "taken.lead": "Este teléfono es de otra cuenta o ha enviado STOP. Envía HELP para recibir"
        " ayuda.",
        "open": "Abrir el concierto",
    },
    Language.FR: {
        "ask.title": "Confirmez votre téléphone",
        "ask.heading": "Est-ce votre téléphone ?",
        "ask.lead": "{number} vote par SMS à {show}. Confirmez-le ici : vos SMS et ce navigateur"
        " compteront comme une seule personne, avec un seul vote.",
        "ask.go": "Oui, c'est mon téléphone",
        "ask.small": "Ce n'est pas le vôtre ? Fermez cette page. Envoyez STOP pour ne plus rien"
        " recevoir.",
        "done.title": "Confirmé",
        "done.heading": "C'est confirmé",
        "done.lead": "{number} est confirmé pour {show}.",
        "gone.title": "Lien expiré",
        "gone.heading": "Ce lien ne fonctionne plus",
        "gone.lead": "Il a déjà servi, ou son jour est passé. Envoyez CONFIRM pour en recevoir un"
        " autre.",
        "taken.title": "Impossible",
        "taken.heading": "Ce n'est pas possible",
        "taken.lead": "Ce téléphone appartient à un autre compte, ou a envoyé STOP. Envoyez HELP"
        " pour de l'aide.",
        "open": "Ouvrir le concert",
    },
    Language.DE: {
        "ask.title": "Handy bestätigen",
        "ask.heading": "Ist das dein Handy?",
        "ask.lead": "{number} stimmt bei {show} per SMS ab. Bestätige es hier, dann zählen deine"
        " Nachrichten und dieser Browser als eine Person mit einer Stimme.",
        "ask.go": "Ja, das ist mein Handy",
        "ask.small": "Nicht deins? Schließ einfach diese Seite. Mit STOP bekommst du keine"
        " Nachrichten mehr.",
        "done.title": "Bestätigt",
        "done.heading": "Bestätigt",
        "done.lead": "{number} ist für {show} bestätigt.",
        "gone.title": "Link abgelaufen",
        "gone.heading": "Dieser Link gilt nicht mehr",
        "gone.lead": "Er wurde schon benutzt, oder sein Tag ist vorbei. Schick CONFIRM für einen"
        " neuen.",
        "taken.title": "Nicht möglich",
        "taken.heading": "Das geht nicht",
        "taken.lead": "Dieses Handy gehört zu einem anderen Konto oder hat STOP gesagt. Schick HELP"
        " für Hilfe.",
        "open": "Zum Konzert",
    },
}
"""By language; ``<state>.<part>``."""
