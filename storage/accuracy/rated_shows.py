"""A show's ratings and everything that settles them, read from log and tables."""

from __future__ import annotations

from typing import Any, TypeAlias

import asyncpg
import msgspec

from rooms.accuracy.ports import RatedShow
from rooms.accuracy.settlement import Authority, EntryVerdict, Rating, Seal
from rooms.accuracy.timeline import Song, Timeline, timeline_of
from rooms.events import EntryConfirmed, SetlistChanged, SetlistSealed
from storage.accuracy.rows import settlement_of

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

# A guest who signed in to an account that was in the room already is that account: of what both
# said of an entry the newer counts.
_RATINGS = """
SELECT DISTINCT ON (account_id, s.subject) coalesce(same.account_id, a.account_id) AS account_id,
       s.subject, s.value, s.cast_at
  FROM stances s
  JOIN attendees a ON a.id = s.participant_id
  LEFT JOIN attendees same ON same.id = a.merged_into
 WHERE s.show_id = $1 AND s.kind = 'rating'
 ORDER BY account_id, s.subject, s.cast_at DESC
"""

_CHANGES = """
SELECT at, data::text AS data FROM room_events
 WHERE show_id = $1 AND name = 'setlist_changed' ORDER BY seq
"""

_CHANGES_OF_ENTRY = """
SELECT at, data::text AS data FROM room_events
 WHERE show_id = $1 AND name = 'setlist_changed'
   AND data::jsonb @> jsonb_build_object('entries',
           jsonb_build_array(jsonb_build_object('entry_id', $2::text)))
 ORDER BY seq
"""

_VOUCHED = """
SELECT e.name, e.at, e.data::text AS data, coalesce(a.account_id, e.participant_id) AS account_id
  FROM room_events e LEFT JOIN attendees a ON a.id = e.participant_id
 WHERE e.show_id = $1 AND e.name = ANY ($2) ORDER BY e.seq
"""

_VERDICTS = """
SELECT entry_id, title, song_id, played, at, account_id FROM entry_verdicts WHERE show_id = $1
"""

_SETTLED = """
SELECT account_id, entry_id, agreed, settled_at, source, value, rated_at, title
  FROM settlements WHERE show_id = $1
"""

_change = msgspec.json.Decoder(SetlistChanged).decode
_confirmation = msgspec.json.Decoder(EntryConfirmed).decode
_seal = msgspec.json.Decoder(SetlistSealed).decode


async def read_rated_show(connection: Connection, show_id: str) -> RatedShow:
    """Reads it; the connection should see one moment."""
    timeline = await _timeline(connection, _CHANGES, show_id)
    seal, vouched = await _said_in_the_room(connection, show_id, timeline)
    verdicts = [
        EntryVerdict(
            entry_id=row["entry_id"],
            song=Song(row["title"], row["song_id"]),
            played=row["played"],
            authority=Authority.SOURCE,
            at=row["at"],
            account_id=str(row["account_id"]),
        )
        for row in await connection.fetch(_VERDICTS, show_id)
    ]
    return RatedShow(
        ratings=tuple(
            Rating(str(row["account_id"]), row["subject"], row["value"], row["cast_at"])
            for row in await connection.fetch(_RATINGS, show_id)
        ),
        timeline=timeline,
        seal=seal,
        verdicts=(*verdicts, *vouched),
        settled=tuple(map(settlement_of, await connection.fetch(_SETTLED, show_id))),
    )


async def read_timeline(connection: Connection, show_id: str, entry_id: str) -> Timeline:
    """Which songs stood in one entry."""
    return await _timeline(connection, _CHANGES_OF_ENTRY, show_id, entry_id)


async def _timeline(connection: Connection, query: str, *arguments: Any) -> Timeline:
    rows = await connection.fetch(query, *arguments)
    return timeline_of((row["at"], _change(row["data"])) for row in rows)


async def _said_in_the_room(
    connection: Connection, show_id: str, timeline: Timeline
) -> tuple[Seal | None, list[EntryVerdict]]:
    """The seal that is on the list, and which entries are vouched for."""
    seal: Seal | None = None
    vouched: dict[str, EntryVerdict] = {}
    names = ["entry_confirmed", "setlist_sealed", "setlist_unsealed"]
    for row in await connection.fetch(_VOUCHED, show_id, names):
        at, account_id = row["at"], str(row["account_id"])
        if row["name"] == "setlist_unsealed":
            seal = None
        elif row["name"] == "setlist_sealed":
            found = {key: timeline.song_at(key, at) for key in _seal(row["data"]).entry_ids}
            songs = {key: song for key, song in found.items() if song is not None}
            seal = Seal(songs, at, account_id)
        else:
            said = _confirmation(row["data"])
            song = timeline.song_at(said.entry_id, at)
            vouched.pop(said.entry_id, None)
            if said.confirmed and song is not None:
                vouched[said.entry_id] = EntryVerdict(
                    said.entry_id, song, True, Authority.CURATOR, at, account_id
                )
    return seal, list(vouched.values())
