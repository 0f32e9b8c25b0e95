"""Whom a broadcast goes to, one person at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from rooms import limits
from rooms.messaging.broadcasts import Broadcast
from rooms.messaging.kinds import PHONE_CHANNELS, Channel, MessageKind
from rooms.messaging.quiet import zones_for
from rooms.messaging.windows import ShowNight, Window, window
from rooms.sms.consent import MESSAGES_PER_SHOW_MAX
from rooms.sms.languages import Language

CREW_KINDS = frozenset({MessageKind.NUDGE, MessageKind.BROADCAST})
CREW_MESSAGES_MAX = MESSAGES_PER_SHOW_MAX - limits.MESSAGES_KEPT_BACK
"""Messages of `CREW_KINDS` about one show that one person gets on their phone."""


class Recipient(Struct, frozen=True, kw_only=True):
    """Somebody who may get a broadcast by one channel.

    Attributes:
        place: what pages are in order of, and continue after.
        person_id: the surviving attendee: one person on three channels has one.
        number: of a phone (E.164), for its zone.
        zone: where an account says it lives.
        suppressed: has said STOP, or takes no such mail.
        crew_messages: of `CREW_KINDS` about this show that it had on its phones.
        voted: has voted in the round that a NUDGE is about.
        not_before: when its preferences allow it, where they say.
    """

    place: str
    person_id: str
    channel: Channel
    language: str
    phone_id: str | None = None
    account_id: str | None = None
    number: str | None = None
    zone: str | None = None
    suppressed: bool = False
    crew_messages: int = 0
    voted: bool = False
    not_before: datetime | None = None


class AudienceSource(Protocol):
    """Reads the people of a show whom one channel reaches."""

    async def page(
        self,
        show_id: str,
        kind: MessageKind,
        *,
        round_id: str | None,
        after: str | None,
        limit: int,
    ) -> list[Recipient]:
        """Up to ``limit`` people after a place, in its order, the suppressed included."""
        ...


class Verdict(Struct, frozen=True):
    """Whether one person gets a broadcast. ``window`` is there when nothing speaks against;
    ``zones`` are those that it was found by."""

    against: str | None = None
    window: Window | None = None
    deferred: bool = False
    zones: tuple[str, ...] = ()


def judge(
    kind: MessageKind,
    languages: tuple[str, ...] | None,
    recipient: Recipient,
    night: ShowNight,
    at: datetime,
) -> Verdict:
    """Whether and when one person gets a broadcast.

    Args:
        languages: the audience's; ``None``: all.
        at: from when on it is wanted.
    """
    if recipient.suppressed:
        return Verdict("suppressed")
    if languages is not None and recipient.language not in languages:
        return Verdict("other_language")
    if kind is MessageKind.NUDGE and recipient.voted:
        return Verdict("voted")
    on_phone = recipient.channel in PHONE_CHANNELS
    if on_phone and kind in CREW_KINDS and recipient.crew_messages >= CREW_MESSAGES_MAX:
        return Verdict("capped")
    zones = zones_for(recipient.number, recipient.zone or night.zone)
    at = max(at, recipient.not_before) if recipient.not_before is not None else at
    found = window(kind, recipient.channel, night, zones, at)
    if not found.is_open:
        return Verdict("too_late")
    return Verdict(None, found, found.due_at > at, zones)


def language_of(code: str) -> Language:
    """The language that somebody is written to in; English for what we do not speak."""
    try:
        return Language(code.partition("-")[0].lower())
    except ValueError:
        return Language.EN


def dedupe_key_of(broadcast: Broadcast, person_id: str) -> str:
    """What is unique: one message to one person of each broadcast, and one nudge of each round."""
    if broadcast.kind is MessageKind.NUDGE:
        return f"NUDGE:{broadcast.round_id}:{person_id}"
    return f"{broadcast.broadcast_id}:{person_id}"
