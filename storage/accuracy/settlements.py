"""Settled ratings and reputations in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import asyncpg

from rooms.accuracy.ports import Judge
from rooms.accuracy.rule import RULE_VERSION
from rooms.accuracy.settlement import Settlement
from rooms.accuracy.weights import reputation_of
from storage.accuracy.rated_shows import read_rated_show

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

_Item = TypeVar("_Item")

ROWS_PER_STATEMENT = 5_000
"""A show with 10,000 raters settles 300,000 ratings: in pieces of some 20 ms each."""

# Two shows that settle at once may concern one account: the later one must see the earlier's
# rows. Settling is rare (a few times a show), so one lock for all is enough.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('accuracy settlements', 0))"

_PUT = """
INSERT INTO settlements AS s (account_id, show_id, entry_id, title, value, agreed, rated_at,
                              settled_at, source, rule_version)
SELECT u.account, $1, u.entry, u.title, u.value, u.agreed, u.rated, u.settled, u.source, $2
  FROM unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::bool[], $8::timestamptz[],
              $9::timestamptz[], $10::text[])
       AS u (account, entry, title, value, agreed, rated, settled, source)
  JOIN accounts ON accounts.id = u.account
    ON CONFLICT (account_id, show_id, entry_id) DO UPDATE
   SET title = excluded.title, value = excluded.value, agreed = excluded.agreed,
       rated_at = excluded.rated_at, settled_at = excluded.settled_at,
       source = excluded.source, rule_version = excluded.rule_version
 WHERE (s.title, s.value, s.agreed, s.rated_at, s.settled_at, s.source, s.rule_version)
       IS DISTINCT FROM (excluded.title, excluded.value, excluded.agreed, excluded.rated_at,
                         excluded.settled_at, excluded.source, excluded.rule_version)
RETURNING account_id
"""

_KEYS = "SELECT account_id, entry_id FROM settlements WHERE show_id = $1"

_WITHDRAW = """
DELETE FROM settlements s USING unnest($2::uuid[], $3::text[]) AS u (account, entry)
 WHERE s.show_id = $1 AND s.account_id = u.account AND s.entry_id = u.entry
"""

_SETTLED_OF = """
SELECT account_id, agreed, settled_at FROM settlements WHERE account_id = ANY ($1::uuid[])
"""

_PUT_REPUTATIONS = """
INSERT INTO reputations (account_id, agreements, disagreements, as_of, rule_version)
SELECT u.account, u.agreements, u.disagreements, $4, $5
  FROM unnest($1::uuid[], $2::float8[], $3::float8[]) AS u (account, agreements, disagreements)
  JOIN accounts ON accounts.id = u.account
    ON CONFLICT (account_id) DO UPDATE
   SET agreements = excluded.agreements, disagreements = excluded.disagreements,
       as_of = excluded.as_of, rule_version = excluded.rule_version
"""

_OUTDATED_SHOWS = """
SELECT DISTINCT show_id FROM settlements WHERE rule_version <> $1 LIMIT $2
"""

_OUTDATED_ACCOUNTS = """
SELECT account_id FROM reputations WHERE rule_version <> $1 ORDER BY account_id LIMIT $2
"""


class PostgresSettlements:
    """`rooms.accuracy.ports.Settlements`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def settle(self, show_id: str, judge: Judge, as_of: datetime) -> int:
        """Settles a show; how many accounts' reputation that concerned.

        What is said in the room while this reads leaves an effect of its own, which settles
        after this one.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_ALONE)
            settlements = await judge(await read_rated_show(connection, show_id))
            concerned = await _withdraw_others(connection, show_id, settlements)
            for some in _in_pieces(settlements, ROWS_PER_STATEMENT):
                rows = await connection.fetch(_PUT, show_id, RULE_VERSION, *_columns(some))
                concerned.update(str(row["account_id"]) for row in rows)
            await _recompute(connection, sorted(concerned), as_of)
        return len(concerned)

    async def outdated_shows(self, rule_version: int, limit: int) -> Sequence[str]:
        """Shows with settlements that another rule made."""
        rows = await self._pool.fetch(_OUTDATED_SHOWS, rule_version, limit)
        return [str(row["show_id"]) for row in rows]

    async def outdated_accounts(self, rule_version: int, limit: int) -> Sequence[str]:
        """Accounts whose reputation another rule made."""
        rows = await self._pool.fetch(_OUTDATED_ACCOUNTS, rule_version, limit)
        return [str(row["account_id"]) for row in rows]

    async def recompute(self, account_ids: Sequence[str], as_of: datetime) -> None:
        """Computes reputations anew from what is settled."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_ALONE)
            await _recompute(connection, account_ids, as_of)


async def _withdraw_others(
    connection: Connection, show_id: str, settlements: Sequence[Settlement]
) -> set[str]:
    """Deletes a show's settlements that hold no longer; whose they were."""
    kept = {(one.account_id, one.entry_id) for one in settlements}
    known = [(str(row[0]), row[1]) for row in await connection.fetch(_KEYS, show_id)]
    gone = [key for key in known if key not in kept]
    for some in _in_pieces(gone, ROWS_PER_STATEMENT):
        accounts, entries = zip(*some, strict=True)
        await connection.execute(_WITHDRAW, show_id, list(accounts), list(entries))
    return {account_id for account_id, _ in gone}


async def _recompute(connection: Connection, account_ids: Sequence[str], as_of: datetime) -> None:
    for some in _in_pieces(account_ids, ROWS_PER_STATEMENT // 10):
        settled: defaultdict[str, list[tuple[bool, datetime]]] = defaultdict(list)
        for row in await connection.fetch(_SETTLED_OF, list(some)):
            settled[str(row["account_id"])].append((row["agreed"], row["settled_at"]))
        found = [reputation_of(settled[account_id], as_of) for account_id in some]
        await connection.execute(
            _PUT_REPUTATIONS,
            list(some),
            [one.agreements for one in found],
            [one.disagreements for one in found],
            as_of,
            RULE_VERSION,
        )


def _columns(settlements: Sequence[Settlement]) -> tuple[list[Any], ...]:
    return (
        [one.account_id for one in settlements],
        [one.entry_id for one in settlements],
        [one.title for one in settlements],
        [one.value for one in settlements],
        [one.agreed for one in settlements],
        [one.rated_at for one in settlements],
        [one.settled_at for one in settlements],
        [one.authority.value for one in settlements],
    )


def _in_pieces(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
