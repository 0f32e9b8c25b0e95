"""Rooms to test a log with, whichever log it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from rooms.events import ChatPosted, Event
from rooms.ports import (
    Appended,
    BallotRecord,
    Head,
    ReplyRecord,
    RoomLog,
    RoundRecord,
    Turn,
)
from rooms.show import Access, ShowFacts, ShowStatus
from rooms.vote_config import Option, Pick, VoteConfig, config_hash
from storage.database import Database
from storage.ids import uuid7
from storage.rooms.log import PostgresRoomLog
from storage.rooms.memory import MemoryRoomLog

STARTS_AT = datetime(2026, 11, 21, 20, tzinfo=UTC)
CONFIG = VoteConfig(
    title="Encore?", options=tuple(Option(id=f"o{n}", label=f"Song {n}") for n in range(1, 5))
)
TallyKey = tuple[str, str, str]


class Place(Struct, frozen=True):
    """A venue, and what is known of where it lies."""

    venue: str
    city: str
    state: str | None
    country: str
    time_zone: str | None


def new_id() -> str:
    return str(uuid7())


class LogUnderTest(ABC):
    """A log, and what a test needs besides the port."""

    log: RoomLog

    @abstractmethod
    async def make_show(
        self, status: ShowStatus = ShowStatus.LIVE, place: Place | None = None
    ) -> str:
        """A show with nothing in its room."""

    @abstractmethod
    async def people(self, show_id: str, count: int) -> list[str]:
        """Fans who were admitted to the room."""

    @abstractmethod
    async def merged(self, show_id: str) -> dict[str, str]:
        """Participants that turned out to be others."""

    @abstractmethod
    async def recount(self, show_id: str) -> Counter[TallyKey]:
        """Tallies counted anew from the ballots."""

    @abstractmethod
    async def stored(self, show_id: str) -> dict[str, int]:
        """How many rows of each kind belong to the room."""

    async def room(self, status: ShowStatus = ShowStatus.LIVE) -> RoomUnderTest:
        show_id = await self.make_show(status)
        record = await self.log.load(show_id)
        assert record is not None
        return RoomUnderTest(self, show_id, record.head)


class RoomUnderTest:
    """One room, and turns for it. Keeps the head that the last append gave."""

    def __init__(self, under_test: LogUnderTest, show_id: str, head: Head) -> None:
        self.under_test = under_test
        self.log = under_test.log
        self.show_id = show_id
        self.head = head
        self.at = STARTS_AT

    def turn(self, **parts: Any) -> Turn:
        return Turn(self.show_id, self.head, **parts)

    async def append(self, **parts: Any) -> Appended:
        outcome = await self.log.append(self.turn(**parts))
        assert isinstance(outcome, Appended), outcome
        self.head = outcome.head
        return outcome

    def chat(self, *texts: str, author: str | None = None, **parts: Any) -> tuple[Event, ...]:
        author = author or new_id()
        self.at += timedelta(seconds=1)
        return tuple(
            Event(
                seq=self.head.seq + place,
                at=self.at,
                data=ChatPosted(new_id(), author, "Ann", text),
                participant_id=author,
                **parts,
            )
            for place, text in enumerate(texts, 1)
        )

    async def open_round(self, **fields: Any) -> str:
        record = self.round(**fields)
        await self.append(rounds=(record,))
        return record.round_id

    def round(
        self, round_id: str | None = None, status: str = "open", **fields: Any
    ) -> RoundRecord:
        return RoundRecord(
            round_id=round_id or new_id(),
            config=CONFIG,
            config_hash=config_hash(CONFIG),
            status=status,
            opened_at=STARTS_AT,
            **fields,
        )


def ballot(
    round_id: str, voter: str, option: str | None, voter_class: str = "audience:web"
) -> BallotRecord:
    """A ballot for one option; for None, a withdrawn one."""
    picks = (Pick(option),) if option else ()
    return BallotRecord(round_id, voter, picks, option or "", voter_class, STARTS_AT)


def reply(voter: str, command_id: str | None = None) -> ReplyRecord:
    return ReplyRecord(voter, command_id or new_id(), b"hash", b"{}")


class MemoryUnderTest(LogUnderTest):
    def __init__(self) -> None:
        self.memory = MemoryRoomLog()
        self.log = self.memory

    async def make_show(
        self, status: ShowStatus = ShowStatus.LIVE, place: Place | None = None
    ) -> str:
        show_id = new_id()
        facts = ShowFacts(show_id, f"show-{show_id}", "A show", status, Access.PUBLIC, STARTS_AT)
        if place is not None:
            where = {"venue": place.venue, "city": place.city, "country": place.country}
            facts = replace(facts, **where, time_zone=place.time_zone)
        self.memory.add_show(facts)
        return show_id

    async def people(self, show_id: str, count: int) -> list[str]:
        people = [new_id() for _ in range(count)]
        self.memory.room(show_id).roles.update(dict.fromkeys(people, "fan"))
        return people

    async def merged(self, show_id: str) -> dict[str, str]:
        return self.memory.room(show_id).merged

    async def recount(self, show_id: str) -> Counter[TallyKey]:
        ballots = self.memory.room(show_id).ballots.values()
        return Counter((b.round_id, b.pattern, b.voter_class) for b in ballots if b.pattern)

    async def stored(self, show_id: str) -> dict[str, int]:
        room = self.memory.room(show_id)
        return {
            "events": len(room.events),
            "clients": len(room.bindings),
            "rounds": len(room.rounds),
            "ballots": len(room.ballots),
            "tallies": sum(count for count, _ in room.tallies.values()),
            "reactions": sum(count for count, _ in room.reactions.values()),
            "replies": len(room.replies),
            "outbox": len(room.outbox),
            "audit": len(room.audit),
        }


STORED = """
SELECT (SELECT count(*) FROM room_events WHERE show_id = $1) AS events,
       (SELECT count(*) FROM setlist_clients WHERE show_id = $1) AS clients,
       (SELECT count(*) FROM rounds WHERE show_id = $1) AS rounds,
       (SELECT count(*) FROM ballots JOIN rounds ON id = round_id WHERE show_id = $1) AS ballots,
       (SELECT coalesce(sum(ballots), 0) FROM tallies JOIN rounds ON id = round_id
         WHERE show_id = $1) AS tallies,
       (SELECT coalesce(sum(reactions), 0)::int FROM reaction_counts
         WHERE show_id = $1) AS reactions,
       (SELECT count(*) FROM replies WHERE show_id = $1) AS replies,
       (SELECT count(*) FROM outbox WHERE show_id = $1) AS outbox,
       (SELECT count(*) FROM audit_log WHERE show_id = $1) AS audit
"""
PEOPLE = """
WITH account AS (
    INSERT INTO accounts (id, kind, display_name)
    SELECT unnest($2::uuid[]), 'guest', 'Ann' RETURNING id
)
INSERT INTO attendees (id, show_id, account_id, display_name)
SELECT id, $1, id, 'Ann' FROM account
"""
RECOUNT = """
SELECT b.round_id, b.pattern, b.voter_class, count(*) FROM ballots b
  JOIN rounds r ON r.id = b.round_id WHERE r.show_id = $1 AND b.pattern <> '' GROUP BY 1, 2, 3
"""


class PostgresUnderTest(LogUnderTest):
    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = PostgresRoomLog(database.pool)

    async def make_show(
        self, status: ShowStatus = ShowStatus.LIVE, place: Place | None = None
    ) -> str:
        show_id, venue_id = new_id(), new_id() if place else None
        if place is not None:
            await self.database.pool.execute(
                "INSERT INTO venues (id, name, city, state, country) VALUES ($1, $2, $3, $4, $5)",
                venue_id,
                place.venue,
                place.city,
                place.state,
                place.country,
            )
        await self.database.pool.execute(
            "INSERT INTO shows (id, slug, title, status, starts_at, source_id, venue_id)"
            " VALUES ($1, 'show-' || $1::uuid, 'A show', $2, $3, $1::uuid, $4)",
            show_id,
            status,
            STARTS_AT,
            venue_id,
        )
        return show_id

    async def people(self, show_id: str, count: int) -> list[str]:
        people = [new_id() for _ in range(count)]
        await self.database.pool.execute(PEOPLE, show_id, people)
        return people

    async def merged(self, show_id: str) -> dict[str, str]:
        rows = await self.database.pool.fetch(
            "SELECT id, merged_into FROM attendees WHERE show_id = $1 AND merged_into IS NOT NULL",
            show_id,
        )
        return {str(row["id"]): str(row["merged_into"]) for row in rows}

    async def recount(self, show_id: str) -> Counter[TallyKey]:
        rows = await self.database.pool.fetch(RECOUNT, show_id)
        return Counter({(str(row[0]), row[1], row[2]): row[3] for row in rows})

    async def stored(self, show_id: str) -> dict[str, int]:
        return dict(await self.database.pool.fetchrow(STORED, show_id))
