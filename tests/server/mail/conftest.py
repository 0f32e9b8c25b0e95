"""Mail in a worker, on real stores and with a real mail server."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from redis.asyncio import Redis

from jobs.mail.tasks import Mailing
from jobs.messaging.lane import Lane
from jobs.outbox.relay import Relay
from rooms.mail.letters import Letter
from rooms.messaging.kinds import Channel, MessageKind
from rooms.outbox import Handlers
from server.mail.worker import MailWorker
from server.secret import Secret
from server.settings import Settings, read_settings
from storage.clock import DatabaseClock
from storage.database import open_database
from storage.ids import uuid7
from storage.messaging.queue import PostgresMessages
from storage.messaging.throughput import SharedThroughput
from storage.outbox.nudges import PostgresNudges
from storage.outbox.outbox import PostgresOutbox
from storage.rooms.log import PostgresRoomLog
from tests.jobs.mail.server import KEYS, MailServer, running_mail_server

SECRET_KEY = "a key for tests, long enough to sign with"
_numbers = itertools.count(1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as found:
        yield found


class Later:
    """A clock that is ahead of another."""

    def __init__(self, clock: Any, ahead: timedelta) -> None:
        self._clock = clock
        self._ahead = ahead

    def now(self) -> datetime:
        return self._clock.now() + self._ahead  # type: ignore[no-any-return]


@dataclass
class Office:
    """Everything of mail in one worker."""

    settings: Settings
    pool: asyncpg.Pool[Any]
    clock: Any
    mail: MailWorker
    lane: Lane
    outbox: Relay

    async def deliver(self) -> None:
        """What the outbox holds becomes messages, and what is due goes out."""
        await self.outbox.drain()
        await self.lane.drain()

    def jobs(self, ahead: timedelta = timedelta(0)) -> Mailing:
        """What the recurring jobs work on, at another time."""
        found = self.mail.jobs()
        assert found is not None
        return msgspec.structs.replace(found, clock=Later(self.clock, ahead))

    async def account(
        self, *, verified: bool = True, language: str | None = None, name: str = "Zoë Müller"
    ) -> tuple[str, str]:
        """(id, address) of somebody new."""
        account_id, number = str(uuid7()), next(_numbers)
        address = f"zoe{number}@example.test"
        await self.pool.execute(
            "INSERT INTO accounts (id, kind, email, password_hash, display_name, language) "
            "VALUES ($1, 'user', $2, 'x', $3, $4)",
            account_id,
            address,
            name,
            language,
        )
        if verified:
            await self.mail.people.verify(account_id, address, self.clock.now())
        return account_id, address

    async def queue(
        self, kind: MessageKind, letter: Letter, key: str, account_id: str, **more: Any
    ) -> str:
        """A message; its id."""
        message = self.mail.maker.make(
            kind, letter, key, "en", self.clock.now(), account_id=account_id, **more
        )
        await PostgresMessages(self.pool).enqueue([message])
        return message.message_id

    async def state(self, message_id: str) -> tuple[str, str | None, str | None]:
        """(state, reason, code) of a message."""
        row = await self.pool.fetchrow(
            "SELECT state, reason, error_code FROM messages WHERE id = $1", message_id
        )
        return row["state"], row["reason"], row["error_code"]

    async def show(self, title: str = "Barton Hall", **columns: Any) -> str:
        """A published show; its id."""
        show_id = str(uuid7())
        values = {
            "id": show_id,
            "slug": f"show-{show_id}",
            "title": title,
            "source_id": show_id,
            "status": "published",
            "starts_at": self.clock.now() + timedelta(days=30),
        } | columns
        names = ", ".join(values)
        places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
        await self.pool.execute(f"INSERT INTO shows ({names}) VALUES ({places})", *values.values())
        return show_id

    async def join(self, account_id: str, show_id: str) -> str:
        """Somebody joins; their attendee."""
        attendee_id = str(uuid7())
        await self.pool.execute(
            "INSERT INTO attendees (id, show_id, account_id, display_name, joined_at) "
            "VALUES ($1, $2, $3, 'Zoë', now() - interval '60 days')",
            attendee_id,
            show_id,
            account_id,
        )
        return attendee_id

    async def artist(self, name: str, *show_ids: str) -> str:
        """An artist who plays at these shows."""
        artist_id = str(uuid7())
        await self.pool.execute(
            "INSERT INTO artists (id, name, normalised_name) "
            "VALUES ($1, $2::text, lower($2::text))",
            artist_id,
            name,
        )
        await self.pool.executemany(
            "INSERT INTO line_up (id, show_id, artist_id, status) VALUES ($1, $2, $3, 'accepted')",
            [(str(uuid7()), show_id, artist_id) for show_id in show_ids],
        )
        return artist_id


def mail_settings(database_url: str, redis_url: str, port: int, **more: Any) -> Settings:
    """Settings of a worker that sends to a server on the loopback."""
    values: dict[str, Any] = {
        "database_url": Secret(database_url),
        "redis_url": Secret(redis_url),
        "secret_key": Secret(SECRET_KEY),
        "public_url": "http://setroom.test",
        "mail_url": Secret(f"smtp://127.0.0.1:{port}"),
        "mail_from": "Sétroom <hello@setroom.test>",
        "mail_per_second": 200.0,
        "mail_dkim_domain": "setroom.test",
        "mail_dkim_selector": "s1",
        "mail_dkim_key": Secret((Path(KEYS) / "dkim.key").read_text().strip()),
    }
    return read_settings({}, **(values | more))


@pytest.fixture
async def office(
    database_url: str, redis_url: str, server: MailServer, request: pytest.FixtureRequest
) -> AsyncIterator[Office]:
    """A worker's mail; a test may give settings by ``parametrize(..., indirect)``."""
    more = getattr(request, "param", {})
    settings = mail_settings(database_url, redis_url, server.port, **more)
    database = await open_database(database_url, application_name="mail tests", connections_max=10)
    room_log = PostgresRoomLog(database.pool)
    clock = DatabaseClock(room_log.database_time)
    await clock.start()
    redis = Redis.from_url(redis_url)
    nudges = PostgresNudges(database.pool)
    mail = MailWorker(settings, database.pool, room_log, clock)
    parts = mail.channel()[Channel.MAIL]
    assert parts.carrier is not None
    store = PostgresMessages(database.pool)
    lane = Lane(
        parts.sender,
        parts.carrier,
        store,
        store,
        SharedThroughput(redis, clock.monotonic),
        nudges,
        clock,
        random.random,
    )
    handlers: Handlers = mail.handlers()
    outbox = Relay(PostgresOutbox(database.pool), nudges, handlers, random.random)
    yield Office(settings, database.pool, clock, mail, lane, outbox)
    await lane.stop()
    await mail.close()
    await nudges.close()
    await redis.aclose()
    await clock.stop()
    await database.close()
