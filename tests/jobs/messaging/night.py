"""A show with phones in the database, and what sends to them, for tests of messaging."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from jobs.messaging.expander import Expander
from jobs.messaging.lane import Lane
from rooms.messaging.broadcasts import Audience, Broadcast, BroadcastState
from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.ports import (
    Accepted,
    Known,
    LeasedMessage,
    Lookup,
    MessageSender,
    NotFound,
    Outcome,
)
from rooms.messaging.senders import Sender
from storage.database import Database
from storage.messaging.audience import PhoneAudience
from storage.messaging.broadcasts import PostgresBroadcasts
from storage.messaging.expansion import PostgresExpansion
from storage.messaging.queue import PostgresMessages
from storage.messaging.stories import PostgresStories
from tests.contract.harness import new_id

SENDER = Sender("sms", "+12085550100", 1_000.0)
PUBLIC = "https://setroom.example"


class FixedClock:
    """The machine's time, and a sleep that only lets others have their turn."""

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        await asyncio.sleep(0)


class OwnPace:
    """Every turn is now, or as far ahead as a test says."""

    def __init__(self) -> None:
        self.waits: list[float | None] = []

    async def reserve(self, sender: Sender, segments: int = 1) -> float | None:
        return self.waits.pop(0) if self.waits else 0.0

    async def take_now(self, sender: Sender, segments: int = 1) -> bool:
        return True

    async def charge(self, sender: Sender, segments: int = 1) -> float:
        return 0.0


class NoNudges:
    """Nobody says anything."""

    count = 0

    async def beyond(self, count: int, timeout_s: float) -> None:
        await asyncio.sleep(0.01)


class FakeCarrier:
    """Takes messages; answers as it is told to.

    Attributes:
        outcomes: the next answers to `send`; then everything is taken.
        lookups: the next answers to `look_up`; then nothing is found.
    """

    def __init__(self) -> None:
        self.sent: list[LeasedMessage] = []
        self.asked: list[LeasedMessage] = []
        self.outcomes: list[Outcome | Exception] = []
        self.lookups: list[Lookup] = []

    async def send(self, message: LeasedMessage) -> Outcome:
        self.sent.append(message)
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted(f"SM{new_id()}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def look_up(self, message: LeasedMessage, known: Known) -> Lookup:
        self.asked.append(message)
        return self.lookups.pop(0) if self.lookups else NotFound()


class Night:
    """One live show with an open round."""

    def __init__(self, database: Database) -> None:
        self.pool = database.pool
        self.show_id = new_id()
        self.round_id = new_id()
        self.prefix = "+1201555"
        self.phones: list[str] = []
        self.attendees: list[str] = []
        self.store = PostgresMessages(database.pool)
        self.broadcasts = PostgresBroadcasts(database.pool)
        self.stories = PostgresStories(database.pool)
        self.audience = PhoneAudience(database.pool, Channel.SMS, SENDER.address)
        self.clock = FixedClock()
        self.pace = OwnPace()

    async def open(self, phones: int = 1, state: str = "active") -> Night:
        """Everything is there."""
        await self.pool.execute(
            "WITH owner AS (INSERT INTO accounts (id, kind, role, email, password_hash,"
            " display_name) VALUES ($1, 'user', 'artist', $2, 'x', 'Crew') RETURNING id)"
            " INSERT INTO shows (id, owner_id, slug, title, status, starts_at, join_code,"
            " takes_sms) SELECT $3, id, $4, 'Barton Hall', 'live', now(), $5, true FROM owner",
            new_id(),
            f"{self.show_id}@example.com",
            self.show_id,
            f"show-{self.show_id}",
            self.show_id[-6:].upper(),
        )
        await self.pool.execute("INSERT INTO rooms (show_id) VALUES ($1)", self.show_id)
        await self.pool.execute(
            "INSERT INTO rounds (id, show_id, config, config_hash, status, opened_at)"
            " VALUES ($1, $2, $3::text::json, 'x', 'open', now())",
            self.round_id,
            self.show_id,
            '{"v":1,"type":"single","title":"Encore?","options":[{"id":"o1","label":"Ripple"},'
            '{"id":"o2","label":"Sugaree"}],"who":{"channels":["web","sms"]}}',
        )
        for _ in range(phones):
            await self.phone(state)
        return self

    async def phone(self, state: str = "active", language: str = "en") -> str:
        """One more phone in the show."""
        place = len(self.phones)
        phone_id, attendee_id, account_id = new_id(), new_id(), new_id()
        number = f"{self.prefix}{place:04d}"
        await self.pool.execute(
            "INSERT INTO accounts (id, kind, display_name) VALUES ($1, 'guest', 'Phone')",
            account_id,
        )
        await self.pool.execute(
            "INSERT INTO phones (id, channel, number, number_hash, account_id, language,"
            " created_at) VALUES ($1, 'sms', $2, $3, $4, $5, now())",
            phone_id,
            number,
            hashlib.sha256(number.encode()).digest(),
            account_id,
            language,
        )
        await self.pool.execute(
            "INSERT INTO attendees (id, show_id, account_id, display_name)"
            " VALUES ($1, $2, $3, 'Phone')",
            attendee_id,
            self.show_id,
            account_id,
        )
        await self.pool.execute(
            "INSERT INTO phone_attendances (attendee_id, phone_id, show_id, state, joined_at,"
            " confirmed_at) VALUES ($1, $2, $3, $4, now(),"
            " CASE WHEN $4 <> 'pending' THEN now() END)",
            attendee_id,
            phone_id,
            self.show_id,
            state,
        )
        self.phones.append(phone_id)
        self.attendees.append(attendee_id)
        return phone_id

    async def stop(self, phone_id: str) -> None:
        """STOP, as the SMS door writes it."""
        await self.pool.execute(
            "INSERT INTO suppressions (sender, channel, number_hash, since, source)"
            " SELECT $2, channel, number_hash, now(), 'text' FROM phones WHERE id = $1",
            phone_id,
            SENDER.address,
        )

    async def broadcast(
        self, kind: MessageKind = MessageKind.NUDGE, send_in_s: float = 0.0, **changes: Any
    ) -> Broadcast:
        """A broadcast by text, made."""
        now = datetime.now(UTC)
        broadcast_id = new_id()
        values: dict[str, Any] = {
            "broadcast_id": broadcast_id,
            "show_id": self.show_id,
            "kind": kind,
            "state": BroadcastState.SCHEDULED,
            "channels": (Channel.SMS,),
            "texts": {},
            "audience": Audience(),
            "dedupe_key": f"{kind}:{broadcast_id}",
            "created_at": now,
            "send_at": now + timedelta(seconds=send_in_s),
            "round_id": self.round_id,
        }
        return await self.broadcasts.create(Broadcast(**(values | changes)))

    def expander(self) -> Expander:
        """Turns them into messages."""
        return Expander(
            PostgresExpansion(self.pool),
            self.stories,
            {Channel.SMS: self.audience},
            {Channel.SMS: SENDER},
            PUBLIC,
            NoNudges(),
            self.clock,
            new_id,
            lambda: 0.5,
        )

    def lane(self, carrier: MessageSender) -> Lane:
        """Sends them."""
        return Lane(
            SENDER,
            carrier,
            self.store,
            self.store,
            self.pace,
            NoNudges(),
            self.clock,
            lambda: 0.5,
        )

    async def rows(self) -> list[Any]:
        """All messages, in the order of the phones."""
        rows = await self.pool.fetch("SELECT * FROM messages WHERE show_id = $1", self.show_id)
        return sorted(rows, key=lambda row: self.phones.index(str(row["phone_id"])))

    async def only(self) -> Any:
        """The one message there is."""
        (row,) = await self.rows()
        return row

    async def states(self) -> list[str]:
        """Of all messages, in the order of the phones."""
        return [row["state"] for row in await self.rows()]

    async def due_now(self, handed_s_ago: float | None = None) -> None:
        """Leases end and waits are over, as if time had passed."""
        await self.pool.execute(
            "UPDATE messages SET due_at = now(), handed_at = CASE WHEN $2::float8 IS NULL"
            " THEN handed_at ELSE handed_at - make_interval(secs => $2) END WHERE show_id = $1",
            self.show_id,
            handed_s_ago,
        )

    async def steps(self, message_id: object) -> Sequence[tuple[str, str | None]]:
        """The history of a message: states with their reasons."""
        rows = await self.pool.fetch(
            "SELECT state, reason FROM message_history WHERE message_id = $1 ORDER BY step",
            message_id,
        )
        return [(row["state"], row["reason"]) for row in rows]
