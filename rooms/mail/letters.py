"""What a message to be mailed holds (`rooms.messaging.ports.NewMessage.payload`): what happened,
not how it is said. It is written when it goes, by what is true then.

Messages of a show's broadcast hold ``{"text": "…"}``, crew's own words; RESULTS and RECAP may do
without, because their ``show_id`` says the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias, cast

import msgspec
from msgspec import Struct

from rooms.mail.decisions import Purpose
from rooms.mail.kinds import Frequency, MailType
from rooms.messaging.kinds import MessageKind


class Welcome(Struct, frozen=True, tag="welcome"):
    """A mail of the sequence; ``step`` from 1."""

    step: int


class Verify(Struct, frozen=True, tag="verify"):
    """Asks whether the address is theirs."""


class NewShow(Struct, frozen=True, tag="new_show"):
    """An artist whom they have been in a room of plays again. ``near``: where they live."""

    artist: str
    near: bool = False


class Reminder(Struct, frozen=True, tag="reminder"):
    """A show that they joined starts."""

    lead: Literal["tomorrow", "soon"]


class Digest(Struct, frozen=True, tag="digest"):
    """What came together; `rooms.mail.ports.Digests` has it by the message's id."""

    frequency: Frequency


class NewDevice(Struct, frozen=True, tag="new_device"):
    """Somebody signed in. ``device``: such as "Firefox on Android"."""

    device: str | None
    at: datetime


class PasswordChanged(Struct, frozen=True, tag="password_changed"):
    """The password is another one."""

    at: datetime


class AccountDeleted(Struct, frozen=True, tag="account_deleted"):
    """The account is gone; its name is said once more."""

    name: str


class Results(Struct, frozen=True, tag="results"):
    """How a show's rounds ended. ``text``: crew's own words in front."""

    text: str | None = None


class Recap(Struct, frozen=True, tag="recap"):
    """What was played. ``text``: crew's own words in front."""

    text: str | None = None


class Words(Struct, frozen=True, tag="words"):
    """Crew's own."""

    text: str


Letter: TypeAlias = (
    Welcome
    | Verify
    | NewShow
    | Reminder
    | Digest
    | NewDevice
    | PasswordChanged
    | AccountDeleted
    | Results
    | Recap
    | Words
)


def payload_of(letter: Letter) -> dict[str, Any]:
    """As a message keeps it."""
    found = msgspec.to_builtins(letter)
    assert isinstance(found, dict)
    return found


def letter_of(
    kind: MessageKind, payload: Mapping[str, Any] | None, body: str | None = None
) -> Letter:
    """What a message says.

    Args:
        body: crew's words, where the payload does not have them.

    Raises:
        ValueError: it says nothing that can be mailed.
    """
    if payload and "type" in payload:
        return _read(dict(payload))
    text = (payload or {}).get("text") or body
    if not isinstance(text, str) or not text.strip():
        text = None
    match kind:
        case MessageKind.RESULTS:
            return Results(text)
        case MessageKind.RECAP:
            return Recap(text)
        case MessageKind.BROADCAST | MessageKind.NUDGE if text is not None:
            return Words(text)
        case _:
            pass
    raise ValueError(f"nothing to mail in a {kind.value}")


def _read(payload: dict[str, Any]) -> Letter:
    try:
        # A union is no class, and msgspec's own types say nothing of it.
        found: Letter = msgspec.convert(payload, type=cast("Any", Letter))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    return found


def type_of(kind: MessageKind) -> MailType:
    """The type that preferences know; a nudge is a word from crew."""
    return MailType.BROADCAST if kind is MessageKind.NUDGE else MailType(kind.value)


def purpose_of(letter: Letter) -> Purpose:
    """Whether it may go where others may not."""
    match letter:
        case Verify():
            return Purpose.VERIFICATION
        case Welcome(step=1):
            return Purpose.FIRST_WELCOME
        case _:
            return Purpose.USUAL
