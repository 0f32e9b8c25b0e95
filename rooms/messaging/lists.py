"""Messages as they are looked at: in lists, one by one, in reports."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.states import MessageState


class MessageRecord(Struct, frozen=True, kw_only=True):
    """A row of ``messages``, for looking at.

    Attributes:
        address: the number (E.164) or mail address, in full; ``None``: they have gone. Masked by
            whoever shows it.
        text: for phones; forgotten after a while.
    """

    message_id: str
    show_id: str | None
    broadcast_id: str | None
    attendee_id: str | None
    kind: MessageKind
    channel: Channel
    address: str | None
    language: str
    text: str | None
    state: MessageState
    reason: str | None
    error_code: str | None
    segments: int
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None


class MessageStep(Struct, frozen=True):
    """One step of a message's life."""

    state: MessageState
    reason: str | None
    error_code: str | None
    attempt: int
    at: datetime


class MessageFilter(Struct, frozen=True, kw_only=True):
    """Which of a show's messages; ``None``: all."""

    broadcast_id: str | None = None
    state: MessageState | None = None
    kind: MessageKind | None = None
    channel: Channel | None = None


class DeliveryCount(Struct, frozen=True):
    """How many of a show's messages are where."""

    kind: MessageKind
    channel: Channel
    state: MessageState
    messages: int
    segments: int


class MessageLists(Protocol):
    """Reads messages."""

    async def of_show(
        self, show_id: str, wanted: MessageFilter, before: str | None, limit: int
    ) -> list[MessageRecord]:
        """Newest first, those older than ``before``."""
        ...

    async def one(self, message_id: str) -> MessageRecord | None:
        """One message."""
        ...

    async def history(self, message_id: str) -> list[MessageStep]:
        """Every step, in order."""
        ...

    async def delivery(self, show_id: str) -> list[DeliveryCount]:
        """Messages of a show counted by kind, channel and state."""
        ...
