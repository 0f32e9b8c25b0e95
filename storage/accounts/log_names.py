"""Taking names out of rooms' logs, where they stand beside what was said.

A log is otherwise only appended to. A name is no part of what happened: the events keep their
order, their times and their authors' ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import asyncpg
import msgspec

from rooms.accounts.naming import renamed
from rooms.outbox import RENAME_IN_LOGS
from rooms.ports import OutboxRecord
from storage.outbox.entries import put_effects
from storage.shows.catalogue import Connection

_NAMES = """
SELECT a.id, a.show_id, a.display_name FROM attendees a WHERE a.account_id = $1
UNION ALL
SELECT g.id, g.show_id, a.display_name
  FROM attendees g JOIN attendees a ON a.id = g.merged_into
 WHERE a.account_id = $1
"""

_EVENTS = """
SELECT seq, data::text AS data, crew_data::text AS crew_data FROM room_events
 WHERE show_id = $1 AND seq > $2
   AND strpos(concat(data::text, crew_data::text), '"display_name"') > 0
   AND (strpos(data::text, $3) > 0 OR strpos(crew_data::text, $3) > 0)
 ORDER BY seq LIMIT $4
"""

_REPLACE = """
UPDATE room_events SET data = $3::text::json, crew_data = $4::text::json
 WHERE show_id = $1 AND seq = $2
"""

_BATCH: Final = 500


async def rename_later(connection: Connection, account_id: str, now: datetime) -> None:
    """Asks for it, in the transaction of its cause."""
    effect = OutboxRecord(
        kind=RENAME_IN_LOGS,
        dedupe_key=f"{RENAME_IN_LOGS}:{account_id}:{now.isoformat()}",
        payload={"account_id": account_id},
    )
    await put_effects(connection, [(None, effect)])


class LogNames:
    """`jobs.accounts.ports.LogNames`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def names_of(self, account_id: str) -> list[tuple[str, str, str]]:
        """(show, participant, name) of somebody in every room, as they are called now."""
        rows = await self._pool.fetch(_NAMES, account_id)
        return [(str(row["show_id"]), str(row["id"]), row["display_name"]) for row in rows]

    async def rename(self, show_id: str, participant_id: str, name: str) -> int:
        """Calls somebody by this name in everything that one room keeps; how many events held
        another one. Saying it twice changes nothing."""
        names = {participant_id: name}
        after, changed = 0, 0
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(_EVENTS, show_id, after, participant_id, _BATCH)
                for row in rows:
                    data = _renamed(row["data"], names)
                    crew_data = _renamed(row["crew_data"], names)
                    if (data, crew_data) != (row["data"], row["crew_data"]):
                        await connection.execute(_REPLACE, show_id, row["seq"], data, crew_data)
                        changed += 1
            if len(rows) < _BATCH:
                break
            after = rows[-1]["seq"]
        await self._rename_snapshot(show_id, names)
        return changed

    async def _rename_snapshot(self, show_id: str, names: Mapping[str, str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            state = await connection.fetchval(
                "SELECT state FROM room_snapshots WHERE show_id = $1 FOR UPDATE", show_id
            )
            if state is None:
                return
            value = msgspec.json.encode(renamed(msgspec.json.decode(state), names))
            await connection.execute(
                "UPDATE room_snapshots SET state = $2 WHERE show_id = $1", show_id, value
            )


def _renamed(text: str | None, names: Mapping[str, str]) -> str | None:
    if text is None:
        return None
    value = msgspec.json.decode(text)
    copy = renamed(value, names)
    return text if copy == value else msgspec.json.encode(copy).decode()
