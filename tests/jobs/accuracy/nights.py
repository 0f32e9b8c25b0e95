"""A show with people in a real database, and a room that is driven without sockets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rooms.commands import AnyCommand, Envelope, RateEntry, UpdateSetlist
from rooms.decide import decide
from rooms.participants import Participant, Role
from rooms.ports import Appended, StanceRecord
from rooms.replica import Replica
from storage.accuracy.clusters import PostgresRaterClusters
from storage.accuracy.settlements import PostgresSettlements
from storage.database import Database
from storage.rooms.log import PostgresRoomLog
from tests.contract.harness import PostgresUnderTest, new_id
from tests.rooms.decide.test_setlist import Phone

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)


class FixedClock:
    """A clock that stands."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


class Night:
    """One show; every command is a turn of its own."""

    def __init__(self, database: Database, show_id: str) -> None:
        self.database = database
        self.show_id = show_id
        self.log = PostgresRoomLog(database.pool)
        self.settlements = PostgresSettlements(database.pool)
        self.clusters = PostgresRaterClusters(database.pool)
        self.at = NOW

    @classmethod
    async def live(cls, database: Database, *titles: str) -> Night:
        """A show that is on, its artist, and a list of these songs: ``e1``, ``e2`` …"""
        night = cls(database, await PostgresUnderTest(database).make_show())
        night.artist = await night.person("artist", Role.ARTIST)
        night.phone = Phone(night.artist)
        for number, title in enumerate(titles, 1):
            await night.edit(night.phone.add(f"e{number}", title, f"V{number:02d}"))
        return night

    artist: Participant
    phone: Phone

    async def person(
        self,
        name: str,
        role: Role = Role.FAN,
        *,
        guest: bool = False,
        checked_in: bool = False,
        device_id: str | None = None,
        made_at: datetime = NOW,
        account_id: str | None = None,
    ) -> Participant:
        """Somebody in the room."""
        participant_id = new_id()
        if account_id is None:
            account_id = new_id()
            await self.database.pool.execute(
                "INSERT INTO accounts (id, kind, display_name, email, password_hash, created_at)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                account_id,
                "guest" if guest else "user",
                name,
                None if guest else f"{account_id}@example.org",
                None if guest else "x",
                made_at,
            )
        await self.database.pool.execute(
            "INSERT INTO attendees (id, show_id, account_id, role, display_name, checked_in_at,"
            " device_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            participant_id,
            self.show_id,
            account_id,
            role.value,
            name,
            NOW if checked_in else None,
            device_id,
        )
        return Participant(participant_id, account_id, role, name, guest)

    async def give(self, who: Participant, command: AnyCommand, minutes: float = 1) -> Any:
        """One command, some minutes after the one before."""
        self.at += timedelta(minutes=minutes)
        record = await self.log.load(self.show_id)
        assert record is not None
        replica = Replica(record)
        people = [who.participant_id]
        replica.expect_ballots(people)
        replica.take_votes(await self.log.votes_of(self.show_id, people))
        decision = decide(
            replica.state,
            [Envelope(new_id(), who, self.at, command, b"hash", keeps_reply=False)],
            {},
            twin=replica.twin,
            roles={},
            claims={},
            new_id=new_id,
            stances=replica.stances_for(people),
            standings=await self.log.standings_of(self.show_id, people),
        )
        if decision.writes:
            assert isinstance(await self.log.append(decision.turn), Appended)
        return decision.answers[0]

    async def edit(self, update: bytes) -> None:
        """One edit by the artist."""
        await self.give(self.artist, UpdateSetlist(update))

    async def rate(self, who: Participant, value: int, entry_id: str = "e1") -> Any:
        """One rating."""
        return await self.give(who, RateEntry(entry_id, value))

    async def rating(self, who: Participant, entry_id: str = "e1") -> StanceRecord:
        """The rating as it is stored."""
        votes = await self.log.votes_of(self.show_id, [who.participant_id])
        return next(one for one in votes.stances if one.subject == entry_id)

    async def counts(self, entry_id: str = "e1") -> dict[tuple[int, str], int]:
        """How the entry's ratings are counted."""
        record = await self.log.load(self.show_id)
        assert record is not None
        return {
            (one.value, one.voter_class): one.people
            for one in record.stance_counts
            if one.subject == entry_id and one.people
        }

    async def settled(self) -> dict[tuple[str, str], tuple[bool, str]]:
        """(account, entry) → (agreed, who settled it)."""
        rows = await self.database.pool.fetch(
            "SELECT account_id, entry_id, agreed, source FROM settlements WHERE show_id = $1",
            self.show_id,
        )
        return {
            (str(row["account_id"]), row["entry_id"]): (row["agreed"], row["source"])
            for row in rows
        }
