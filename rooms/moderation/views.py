"""What crew sees of a room's moderation, and an author of the own lines that are held."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from rooms.acts import Actor


class WordFilterMode(StrEnum):
    """What becomes of a fan's line with a word of the lists: nothing, or it waits for crew."""

    OFF = "off"
    HOLD = "hold"


class ReportReason(StrEnum):
    """Why a line was reported."""

    ABUSE = "abuse"
    HATE = "hate"
    SEXUAL = "sexual"
    THREAT = "threat"
    SPAM = "spam"
    OTHER = "other"


class WordFilter(Struct, frozen=True):
    """The show's word filter.

    Attributes:
        mode: ``hold`` unless crew turned it off.
        words: the crew's own, beside the product's lists; words or phrases as they were written.
    """

    mode: WordFilterMode = WordFilterMode.HOLD
    words: tuple[str, ...] = ()


class HeldChat(Struct, frozen=True):
    """A line that only crew and its author know of, until crew releases or removes it.

    Attributes:
        matched: the entries of the lists that it was held for.
    """

    chat_message_id: str
    participant_id: str
    display_name: str
    role: str
    text: str
    matched: tuple[str, ...]
    at: datetime


class OwnHeldChat(Struct, frozen=True):
    """A line of one's own that waits for crew."""

    chat_message_id: str
    text: str
    at: datetime


class ReportedChat(Struct, frozen=True, omit_defaults=True):
    """A line that people reported. Who they were is told to nobody.

    Attributes:
        participant_id: its author.
        reports: people who reported it.
        reasons: how many gave which reason.
        at: when it was reported last.
        display_name, text: of the line, where it was among the newest when first reported.
    """

    chat_message_id: str
    participant_id: str
    reports: int
    reasons: dict[str, int]
    at: datetime
    display_name: str = ""
    text: str = ""


class MutedParticipant(Struct, frozen=True, omit_defaults=True):
    """Somebody who may not chat for now.

    Attributes:
        until: year 9999 when muted for good.
        by: who muted them.
    """

    participant_id: str
    display_name: str
    until: datetime
    by: Actor | None = None


class RemovedParticipant(Struct, frozen=True, omit_defaults=True):
    """Somebody who was removed from the room."""

    participant_id: str
    display_name: str
    at: datetime
    by: Actor | None = None


class Moderation(Struct, frozen=True):
    """``moderation`` in the crew's snapshot.

    Attributes:
        held: the oldest first.
        reports: lines with reports that nobody dismissed, the latest reported last.
        muted: those whose time is not over, by name.
        removed: the latest last.
    """

    held: list[HeldChat]
    reports: list[ReportedChat]
    word_filter: WordFilter
    muted: list[MutedParticipant]
    removed: list[RemovedParticipant]
