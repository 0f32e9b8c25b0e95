"""The words of the grammar, in all languages at once.

English is DOMAIN's list and what carriers demand; the others say the same. A word means the same
whatever language its sender is answered in: who texts ALTO to an English show wants it to stop.
All are written as `rooms.sms.normalising.words_of` makes them: lower case, without accents.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP: Final = _words(
    "stop stopall unsubscribe cancel end quit revoke optout"
    " alto parar detener baja cancelar basta"
    " arret arrete arreter arrett desabonner desinscrire resilier"
    " stopp abmelden abbestellen austragen beenden aufhoren"
)
HELP: Final = _words("help info ayuda informacion aide hilfe")
START: Final = _words("start unstop iniciar reanudar demarrer reprendre starten")
JOIN: Final = _words("join unirse unirme rejoindre beitreten mitmachen")
CONFIRM: Final = _words("confirm confirmar confirmo confirmer confirme bestatigen bestatige")
YES: Final = _words("yes si oui ja")
VOTE: Final = _words("vote votar voto voter stimme wahle abstimmen")
REQUEST: Final = _words("req request pedir pido demander wunsch")
LANGUAGE: Final = _words("lang language idioma lengua langue sprache")
SCORE: Final = _words("score scores marcador classement zwischenstand")

ALL: Final = STOP | HELP | START | JOIN | CONFIRM | YES | VOTE | REQUEST | LANGUAGE | SCORE
"""An option's code is never one of these."""

COURTESY: Final = _words(
    "please pls plz thanks thank thx ok okay now"
    " porfavor porfa gracias ya svp stp merci bitte danke jetzt"
)
"""Single words that change nothing at the beginning or the end of a text."""

COURTEOUS_PHRASES: Final = (
    "por favor",
    "s il vous plait",
    "sil vous plait",
    "s il te plait",
    "sil te plait",
    "thank you",
    "muchas gracias",
)

STOP_OBJECTS: Final = _words(
    "all this it that these the my your any me us from to of with for and at once"
    " text texts texting message messages messaging msg msgs sms sending contacting bugging"
    " subscription notifications notification alerts alert updates everything immediately"
    " todo todos los las el la mis sus de me mensaje mensajes envios enviar mandar enviarme textos"
    " suscripcion"
    " tout tous les le la mes vos de d m ecrire envoyer messages envois abonnement"
    " alle alles die das der mir mich keine von nachrichten nachricht schicken senden"
)
"""What may stand beside a word of `STOP` in a clear phrase (``stop texting me``). A text with any
other word is no phrase: it may be a title (``Stop! In the Name of Love``)."""

STOP_PHRASES: Final = frozenset(
    (
        "opt out",
        "opt me out",
        "un subscribe",
        "do not text me",
        "dont text me",
        "do not text me anymore",
        "dont text me anymore",
        "do not message me",
        "dont message me",
        "do not contact me",
        "dont contact me",
        "no more texts",
        "no more text messages",
        "no more messages",
        "no more sms",
        "remove me",
        "remove me from your list",
        "remove me from this list",
        "remove me from the list",
        "take me off your list",
        "take me off this list",
        "take me off the list",
        "i want to stop",
        "i want to unsubscribe",
        "i want to opt out",
        "darme de baja",
        "dar de baja",
        "dame de baja",
        "no mas mensajes",
        "no quiero mas mensajes",
        "no me escriban",
        "ne plus recevoir",
        "plus de messages",
        "ne m ecrivez plus",
        "ne mecrivez plus",
        "keine nachrichten",
        "keine nachrichten mehr",
        "keine sms mehr",
        "nicht mehr schreiben",
    )
)
"""Clear phrases that begin with another word. Every one speaks of texts or lists: ``leave me
alone`` is also a song."""

CODE_LEADS: Final = _words(
    "code the show with codigo clave el la concierto al le concert der die das konzert"
)
"""What people put between JOIN, or CONFIRM, and the code."""
