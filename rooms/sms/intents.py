"""What somebody wants who sent a text."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Intent(Struct, frozen=True, tag_field="intent"):
    """Base of all."""


class Stop(Intent, frozen=True, tag="stop"):
    """No more texts from this sender, of any show."""


class Help(Intent, frozen=True, tag="help"):
    """How this works."""


class Start(Intent, frozen=True, tag="start"):
    """Takes a `Stop` back."""


class Join(Intent, frozen=True, tag="join"):
    """Joins the show of a code; ``code`` in upper case, without blanks and dashes.

    ``None``: the word alone, or several codes that differ.
    """

    code: str | None


class Confirm(Intent, frozen=True, tag="confirm"):
    """Agrees to be texted on the show's night, or proves a phone with the code that the app shows.

    ``said``: the text as it was typed. Where there is nothing to confirm, ``yes`` may be the name
    of an option in a round, and six digits alone its code.
    """

    code: str | None
    said: str


class Vote(Intent, frozen=True, tag="vote"):
    """A choice in a round: ``text`` is for `rooms.sms.choosing.choose`.

    ``explicit``: the text can only be a vote (a number, or ``VOTE …``). Otherwise it is whatever is
    no other intent, and only the round's options tell whether it is the name of one.
    """

    text: str
    explicit: bool


class RequestSong(Intent, frozen=True, tag="request_song"):
    """Wishes for a song; ``title`` as typed, empty if none was."""

    title: str


class ChangeLanguage(Intent, frozen=True, tag="change_language"):
    """``said``: the language's code or name as typed, empty if none was."""

    said: str


class Score(Intent, frozen=True, tag="score"):
    """How the round stands."""


class Unreadable(StrEnum):
    """Why a text says nothing."""

    EMPTY = "empty"
    MEDIA = "media"
    LOCATION = "location"
    NO_WORDS = "no_words"
    TOO_LONG = "too_long"


class Unknown(Intent, frozen=True, tag="unknown"):
    """Nothing that could be an intent, and why."""

    reason: Unreadable


AnyIntent = (
    Stop | Help | Start | Join | Confirm | Vote | RequestSong | ChangeLanguage | Score | Unknown
)
