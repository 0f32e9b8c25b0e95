"""The rows of a report, a few at a time: whoever reads slowly holds as much memory as who reads
fast. What is read is one moment of the show.

Somebody who turned out to be somebody else stands in a report once, as that person.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

import asyncpg
import msgspec
from msgspec import Struct

from rooms.rounds.counting.patterns import HELD, WITHDRAWN
from rooms.vote_config import Pick, VoteConfig
from storage.reports.planning import BALLOTS, WHO, one_moment

ROWS_AT_ONCE: Final = 500
"""Some hundred KiB, and a few milliseconds of a processor."""

Row = TypeVar("Row")

READ_TIMEOUT_S: Final = 60.0
"""For one statement: fifty thousand people are sorted and joined in a second."""

# Of several phones the one that was confirmed last.
_ATTENDEES = f"""
WITH {WHO}, phone AS MATERIALIZED (
    SELECT DISTINCT ON (w.person) w.person, pa.phone_id, pa.state, pa.confirmed_at
      FROM phone_attendances pa JOIN who w ON w.id = pa.attendee_id
     WHERE pa.show_id = $1
     ORDER BY w.person, pa.confirmed_at DESC NULLS LAST, pa.joined_at DESC
), votes AS MATERIALIZED (
    SELECT w.person, count(DISTINCT b.round_id) AS rounds, max(b.cast_at) AS last_at
      FROM {BALLOTS} b JOIN who w ON w.id = b.participant_id
     GROUP BY w.person
), texts AS MATERIALIZED (
    SELECT w.person, count(*) AS messages FROM messages m JOIN who w ON w.id = m.attendee_id
     WHERE m.show_id = $1 AND m.state IN ('sent', 'delivered')
     GROUP BY w.person
)
SELECT a.id, a.display_name, a.role,
       (SELECT channel FROM phones WHERE id = p.phone_id) AS channel,
       (SELECT number FROM phones WHERE id = p.phone_id) AS number,
       p.state AS phone_state, p.confirmed_at,
       coalesce((SELECT language FROM phones WHERE id = p.phone_id),
                (SELECT language FROM accounts WHERE id = a.account_id)) AS language,
       a.admitted, a.joined_at, a.checked_in_at, a.removed_at,
       coalesce(v.rounds, 0) AS rounds, v.last_at, coalesce(t.messages, 0) AS messages
  FROM attendees a
  LEFT JOIN phone p ON p.person = a.id
  LEFT JOIN votes v ON v.person = a.id
  LEFT JOIN texts t ON t.person = a.id
 WHERE a.show_id = $1 AND a.merged_into IS NULL
 ORDER BY a.joined_at, a.id
"""

_VOTES = f"""
WITH {WHO}
SELECT b.round_id, w.person, a.display_name, b.voter_class, b.picks::text AS picks, b.cast_at
  FROM {BALLOTS} b
  JOIN who w ON w.id = b.participant_id
  JOIN attendees a ON a.id = w.person AND a.show_id = $1
  JOIN rounds r ON r.id = b.round_id AND r.show_id = $1
 ORDER BY r.position, r.id, b.cast_at, w.person
"""

_MESSAGES = f"""
WITH {WHO}
SELECT m.id, m.kind, m.channel, w.person, a.display_name,
       (SELECT number FROM phones WHERE id = m.phone_id) AS number,
       CASE m.channel WHEN 'mail' THEN coalesce(
           m.address, (SELECT email FROM accounts WHERE id = m.account_id)) END AS address,
       m.language, m.state, m.reason, m.segments, m.created_at, m.sent_at, m.delivered_at
  FROM messages m
  LEFT JOIN who w ON w.id = m.attendee_id
  LEFT JOIN attendees a ON a.id = w.person AND a.show_id = $1
 WHERE m.show_id = $1
 ORDER BY m.id
"""

_ROUNDS = "SELECT id, config FROM rounds WHERE show_id = $1 ORDER BY position, id"

_decode_picks = msgspec.json.Decoder(tuple[Pick, ...]).decode
_decode_config = msgspec.json.Decoder(VoteConfig).decode


class AttendeeRow(Struct, frozen=True):
    """Somebody who was at the show. ``channel``, ``number``: of a phone; ``None``: by the app."""

    attendee_id: str
    display_name: str
    role: str
    channel: str | None
    number: str | None
    phone_state: str | None
    confirmed_at: datetime | None
    language: str | None
    admitted: bool
    joined_at: datetime
    checked_in_at: datetime | None
    removed_at: datetime | None
    rounds: int
    voted_last_at: datetime | None
    messages: int


class VoteRow(Struct, frozen=True):
    """A ballot as it stands. ``is_held``: it waits for review and counts nowhere."""

    round_id: str
    attendee_id: str
    display_name: str
    voter: str
    channel: str
    is_held: bool
    picks: tuple[Pick, ...]
    cast_at: datetime


class MessageRow(Struct, frozen=True):
    """A message about the show. ``number`` or ``address``: where it went."""

    message_id: str
    kind: str
    channel: str
    attendee_id: str | None
    display_name: str | None
    number: str | None
    address: str | None
    language: str
    state: str
    reason: str | None
    segments: int
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None


class ReportRows:
    """Reads a show at one moment. Given by `ReportReading.open`.

    Args:
        connection: in a transaction that sees one moment.
    """

    def __init__(self, connection: Any, show_id: str) -> None:
        self._connection = connection
        self._show_id = show_id

    async def rounds(self) -> dict[str, VoteConfig]:
        """The rounds by id, in their order."""
        rows = await self._connection.fetch(_ROUNDS, self._show_id)
        return {str(row["id"]): _decode_config(row["config"]) for row in rows}

    def attendees(self) -> AsyncIterator[list[AttendeeRow]]:
        """Everybody, in the order in which they came."""
        return self._read(_ATTENDEES, _attendee, self._show_id, WITHDRAWN)

    def votes(self) -> AsyncIterator[list[VoteRow]]:
        """All ballots, round by round."""
        return self._read(_VOTES, _vote, self._show_id, WITHDRAWN)

    def messages(self) -> AsyncIterator[list[MessageRow]]:
        """All messages, in the order in which they were made."""
        return self._read(_MESSAGES, _message, self._show_id)

    async def _read(
        self, query: str, make: Callable[[Any], Row], *arguments: Any
    ) -> AsyncIterator[list[Row]]:
        cursor = await self._connection.cursor(query, *arguments, timeout=READ_TIMEOUT_S)
        while rows := await cursor.fetch(ROWS_AT_ONCE):
            yield [make(row) for row in rows]


class ReportReading:
    """Opens shows for reading."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def open(self, show_id: str) -> AsyncIterator[ReportRows]:
        """One moment of a show, on a connection of its own."""
        async with one_moment(self._pool, READ_TIMEOUT_S) as connection:
            yield ReportRows(connection, show_id)


def _attendee(row: Any) -> AttendeeRow:
    return AttendeeRow(
        attendee_id=str(row["id"]),
        display_name=row["display_name"],
        role=row["role"],
        channel=row["channel"],
        number=row["number"],
        phone_state=row["phone_state"],
        confirmed_at=row["confirmed_at"],
        language=row["language"],
        admitted=row["admitted"],
        joined_at=row["joined_at"],
        checked_in_at=row["checked_in_at"],
        removed_at=row["removed_at"],
        rounds=row["rounds"],
        voted_last_at=row["last_at"],
        messages=row["messages"],
    )


def _vote(row: Any) -> VoteRow:
    counts_as = row["voter_class"].removeprefix(HELD)
    voter, _, channel = counts_as.partition(":")
    return VoteRow(
        round_id=str(row["round_id"]),
        attendee_id=str(row["person"]),
        display_name=row["display_name"],
        voter=voter,
        channel=channel,
        is_held=row["voter_class"].startswith(HELD),
        picks=_decode_picks(row["picks"]),
        cast_at=row["cast_at"],
    )


def _message(row: Any) -> MessageRow:
    return MessageRow(
        message_id=str(row["id"]),
        kind=row["kind"],
        channel=row["channel"],
        attendee_id=str(row["person"]) if row["person"] else None,
        display_name=row["display_name"],
        number=row["number"],
        address=row["address"],
        language=row["language"],
        state=row["state"],
        reason=row["reason"],
        segments=row["segments"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
    )
