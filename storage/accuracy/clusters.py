"""Who rates in a room, and which of them move together, in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from rooms.accuracy.clusters import Rater
from rooms.accuracy.ports import KnownRater, RatedRoom
from rooms.accuracy.rule import CLUSTER_DAYS
from rooms.ports import Head, StanceKind, StanceRecord
from storage.accuracy.rows import reputation_of

REFRESH_AGE_S = 600
"""A room that is on is looked at again after this although nobody rated: people check in, and
what other shows settle moves their weight."""

# The counts of a room carry the version of their last change: a room whose ratings nobody
# touched since the last look is passed over.
_DUE = """
SELECT s.id
  FROM shows s
  LEFT JOIN rating_refreshes r ON r.show_id = s.id
 CROSS JOIN LATERAL (SELECT max(c.version) AS version FROM stance_counts c
                      WHERE c.show_id = s.id AND c.kind = 'rating') AS rated
 WHERE s.status IN ('live', 'closed') AND rated.version IS NOT NULL
   AND (r.show_id IS NULL OR r.rule_version <> $1 OR r.state_version < rated.version
        OR (s.status = 'live' AND r.refreshed_at < now() - make_interval(secs => $3)))
 ORDER BY r.refreshed_at NULLS FIRST, s.id LIMIT $2
"""

_HEAD = "SELECT seq, state_version FROM rooms WHERE show_id = $1"

_RATINGS = """
SELECT participant_id, subject, value, voter_class, cast_at, version
  FROM stances WHERE show_id = $1 AND kind = 'rating' AND value <> 0
"""

# Who a guest turned out to be: see `storage.accuracy.rated_shows`.
_RATERS = """
SELECT a.id, accounts.id AS account_id, a.device_id,
       a.checked_in_at IS NOT NULL AS checked_in,
       accounts.kind = 'user' AS has_account, accounts.created_at,
       rep.agreements, rep.disagreements, rep.as_of, c.cluster
  FROM attendees a
  LEFT JOIN attendees same ON same.id = a.merged_into
  JOIN accounts ON accounts.id = coalesce(same.account_id, a.account_id)
  LEFT JOIN reputations rep ON rep.account_id = accounts.id
  LEFT JOIN account_clusters c ON c.account_id = accounts.id
        AND c.found_at > now() - make_interval(days => $3)
 WHERE a.show_id = $1 AND a.id = ANY ($2::uuid[])
"""

_PUT = """
INSERT INTO account_clusters AS c (account_id, cluster, found_in, found_at)
SELECT u.account, u.cluster, $1, $4
  FROM unnest($2::uuid[], $3::text[]) AS u (account, cluster)
  JOIN accounts ON accounts.id = u.account
    ON CONFLICT (account_id) DO UPDATE
   SET cluster = excluded.cluster, found_in = excluded.found_in, found_at = excluded.found_at
 WHERE c.found_at <= excluded.found_at
"""

_REFRESHED = """
INSERT INTO rating_refreshes (show_id, refreshed_at, state_version, rule_version)
VALUES ($1, now(), $2, $3)
ON CONFLICT (show_id) DO UPDATE
   SET refreshed_at = excluded.refreshed_at, state_version = excluded.state_version,
       rule_version = excluded.rule_version
"""


class PostgresRaterClusters:
    """`rooms.accuracy.ports.RaterClusters`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def due(self, rule_version: int, limit: int) -> Sequence[str]:
        """Rooms that are on, or were closed, whose ratings changed or may weigh otherwise now."""
        rows = await self._pool.fetch(_DUE, rule_version, limit, REFRESH_AGE_S)
        return [str(row["id"]) for row in rows]

    async def rated_room(self, show_id: str) -> RatedRoom:
        """The ratings of a room and who gave them, as of one moment."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            head = await connection.fetchrow(_HEAD, show_id)
            ratings = await connection.fetch(_RATINGS, show_id)
            people = list({row["participant_id"] for row in ratings})
            raters = await connection.fetch(_RATERS, show_id, people, CLUSTER_DAYS)
        records = tuple(
            StanceRecord(
                kind=StanceKind.RATING,
                subject=row["subject"],
                participant_id=str(row["participant_id"]),
                value=row["value"],
                voter_class=row["voter_class"],
                cast_at=row["cast_at"],
                version=row["version"],
            )
            for row in ratings
        )
        by_person: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for record in records:
            by_person[record.participant_id][record.subject] = record.value
        return RatedRoom(
            head=Head(head["seq"], head["state_version"]) if head else Head(0, 0),
            raters=tuple(_rater(row, by_person[str(row["id"])]) for row in raters),
            ratings=records,
        )

    async def put(self, show_id: str, found: Mapping[str, str], at: datetime) -> None:
        """Keeps account → cluster."""
        await self._pool.execute(_PUT, show_id, list(found), list(found.values()), at)

    async def refreshed(self, show_id: str, state_version: int, rule_version: int) -> None:
        """Remembers that a room's ratings bear the weights of now."""
        await self._pool.execute(_REFRESHED, show_id, state_version, rule_version)


def _rater(row: Any, ratings: Mapping[str, int]) -> KnownRater:
    return KnownRater(
        participant_id=str(row["id"]),
        rater=Rater(
            account_id=str(row["account_id"]),
            made_at=row["created_at"],
            device_id=str(row["device_id"]) if row["device_id"] else None,
            ratings=ratings,
            cluster=row["cluster"],
        ),
        reputation=reputation_of(row),
        has_account=row["has_account"],
        checked_in=row["checked_in"],
    )
