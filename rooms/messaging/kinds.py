"""What messages are for, and how they travel."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class MessageKind(StrEnum):
    """What a message is for."""

    JOIN = "JOIN"
    CONFIRM = "CONFIRM"
    NUDGE = "NUDGE"
    """A round is open: crew asks who has not heard."""
    RESULTS = "RESULTS"
    """What the night's rounds came to, right after it."""
    RECAP = "RECAP"
    """What was played, in the morning after."""
    BROADCAST = "BROADCAST"
    """Crew's own words."""
    WELCOME = "WELCOME"
    NEW_SHOW = "NEW_SHOW"
    REMINDER = "REMINDER"
    DIGEST = "DIGEST"
    SECURITY = "SECURITY"


class Channel(StrEnum):
    """How a message travels."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    MAIL = "mail"


PHONE_CHANNELS = frozenset({Channel.SMS, Channel.WHATSAPP})

BROADCAST_KINDS = frozenset(
    {MessageKind.NUDGE, MessageKind.RESULTS, MessageKind.RECAP, MessageKind.BROADCAST}
)
"""Kinds that go to a show's audience, by a broadcast."""


class Priority(IntEnum):
    """Who goes first when a sender cannot keep up; the least first."""

    REPLY = 0
    """Somebody has just asked, and waits."""
    NOW = 1
    """Worth something only while the round is open, or right after the show."""
    LATER = 2


PRIORITIES: Mapping[MessageKind, Priority] = {
    MessageKind.JOIN: Priority.REPLY,
    MessageKind.CONFIRM: Priority.REPLY,
    MessageKind.SECURITY: Priority.REPLY,
    MessageKind.NUDGE: Priority.NOW,
    MessageKind.RESULTS: Priority.NOW,
    MessageKind.REMINDER: Priority.NOW,
    MessageKind.RECAP: Priority.LATER,
    MessageKind.BROADCAST: Priority.LATER,
    MessageKind.WELCOME: Priority.LATER,
    MessageKind.NEW_SHOW: Priority.LATER,
    MessageKind.DIGEST: Priority.LATER,
}
