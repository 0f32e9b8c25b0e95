"""The types of mail, and how often somebody wants each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

LANGUAGES: Final = ("en", "es", "fr", "de")
"""Languages that every mail is written in; the first is for everybody else."""


class MailType(StrEnum):
    """Why a mail is sent. Preferences go by this."""

    WELCOME = "WELCOME"
    NEW_SHOW = "NEW_SHOW"
    REMINDER = "REMINDER"
    DIGEST = "DIGEST"
    RESULTS = "RESULTS"
    RECAP = "RECAP"
    BROADCAST = "BROADCAST"
    SECURITY = "SECURITY"


class Frequency(StrEnum):
    """How often a type may come. Daily and weekly: collected into one digest."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


DEFAULTS: Final[Mapping[MailType, Frequency]] = {
    MailType.WELCOME: Frequency.IMMEDIATE,
    MailType.NEW_SHOW: Frequency.IMMEDIATE,
    MailType.REMINDER: Frequency.IMMEDIATE,
    MailType.DIGEST: Frequency.WEEKLY,
    MailType.RESULTS: Frequency.IMMEDIATE,
    MailType.RECAP: Frequency.IMMEDIATE,
    MailType.BROADCAST: Frequency.IMMEDIATE,
}
"""What somebody gets who has not chosen. Every type that can be chosen; SECURITY cannot."""

COLLECTED: Final = frozenset(
    {MailType.NEW_SHOW, MailType.RESULTS, MailType.RECAP, MailType.BROADCAST}
)
"""Types whose mails wait for a digest where somebody wants them daily or weekly. A reminder would
come too late there (the digest lists coming shows itself), a welcome is three mails in all."""


def language_of(*wanted: str | None) -> str:
    """The first of these that mails are written in; ``es-MX`` is ``es``; else English."""
    for one in wanted:
        short = (one or "").replace("_", "-").partition("-")[0].lower()
        if short in LANGUAGES:
            return short
    return LANGUAGES[0]
