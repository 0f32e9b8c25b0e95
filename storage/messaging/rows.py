"""Rows of messages and broadcasts, as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec

from rooms.messaging.broadcasts import Audience, Broadcast, BroadcastState
from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.ports import LeasedMessage
from rooms.messaging.states import MessageState
from rooms.sms.languages import Language

BROADCAST_COLUMNS = """
b.id, b.show_id, b.round_id, b.kind, b.state, b.channels, b.texts::text AS texts,
b.audience::text AS audience, b.dedupe_key, b.created_by, b.created_at, b.send_at, b.expires_at,
b.recipients, b.segments, b.cost_micros, b.cost_currency, b.expanded_at, b.finished_at
"""


def broadcast_of(row: asyncpg.Record) -> Broadcast:
    """A broadcast, from its columns."""
    texts: dict[str, str] = msgspec.json.decode(row["texts"])
    return Broadcast(
        broadcast_id=str(row["id"]),
        show_id=str(row["show_id"]),
        kind=MessageKind(row["kind"]),
        state=BroadcastState(row["state"]),
        channels=tuple(Channel(channel) for channel in row["channels"]),
        texts={Language(language): text for language, text in texts.items()},
        audience=msgspec.json.decode(row["audience"], type=Audience),
        dedupe_key=row["dedupe_key"],
        created_at=row["created_at"],
        send_at=row["send_at"],
        round_id=text_or_none(row["round_id"]),
        expires_at=row["expires_at"],
        created_by=text_or_none(row["created_by"]),
        recipients=row["recipients"],
        segments=row["segments"],
        cost_micros=row["cost_micros"],
        cost_currency=row["cost_currency"],
        expanded_at=row["expanded_at"],
        finished_at=row["finished_at"],
    )


def leased_of(row: asyncpg.Record) -> LeasedMessage:
    """A leased message, from the columns that leasing returns."""
    payload: Mapping[str, Any] | None = None
    if row["payload"] is not None:
        payload = msgspec.json.decode(row["payload"], type=dict[str, Any])
    return LeasedMessage(
        message_id=str(row["id"]),
        lease=row["lease"],
        kind=MessageKind(row["kind"]),
        channel=Channel(row["channel"]),
        sender=row["sender"],
        language=row["language"],
        state=MessageState(row["state"]),
        attempts=row["attempts"],
        address=row["to_address"],
        body=row["body"],
        payload=payload,
        segments=row["segments"],
        created_at=row["created_at"],
        due_at=row["was_due_at"],
        expires_at=row["expires_at"],
        handed_at=row["handed_at"],
        show_id=text_or_none(row["show_id"]),
        broadcast_id=text_or_none(row["broadcast_id"]),
        attendee_id=text_or_none(row["attendee_id"]),
        phone_id=text_or_none(row["phone_id"]),
        account_id=text_or_none(row["account_id"]),
    )


def text_or_none(value: Any) -> str | None:
    """An id as text."""
    return None if value is None else str(value)
