"""Statistics of songs counted in Python, one performance after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from storage.database import Database

PLAYED = """
SELECT p.show_id, s.starts_at, p.ordinal, p.section, p.song_id,
       coalesce(p.performer_id, o.artist_id) AS artist_id
  FROM performances p JOIN songs o ON o.id = p.song_id JOIN shows s ON s.id = p.show_id
"""

UNNAMED = """
SELECT p.show_id, p.ordinal, p.section FROM performances p
  JOIN song_reviews r ON r.show_id = p.show_id AND r.entry_id = p.entry_id
 WHERE r.status = 'pending'
"""


async def counted(database: Database) -> dict[tuple[Any, Any], dict[str, Any]]:
    """(artist, song) → a row of ``song_statistics``."""
    artists: dict[Any, list[Any]] = defaultdict(list)
    for row in await database.pool.fetch(PLAYED, timeout=60):
        if row["section"] != "soundcheck":
            artists[row["artist_id"]].append(row)
    unnamed: dict[Any, list[int]] = defaultdict(list)
    for row in await database.pool.fetch(UNNAMED):
        if row["section"].startswith("set"):
            unnamed[row["show_id"]].append(row["ordinal"])
    return {
        (artist, song): {"artist_id": artist, "song_id": song} | statistics
        for artist, rows in artists.items()
        for song, statistics in _of_artist(rows, unnamed).items()
    }


async def stored(database: Database) -> dict[tuple[Any, Any], dict[str, Any]]:
    """What the database has."""
    rows = await database.pool.fetch("SELECT * FROM song_statistics")
    return {(row["artist_id"], row["song_id"]): dict(row) for row in rows}


def _of_artist(rows: list[Any], unnamed: dict[Any, list[int]]) -> dict[Any, dict[str, Any]]:
    nights: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        nights[row["starts_at"], row["show_id"]].append(row)
    songs: dict[Any, dict[str, Any]] = {}
    ordered = sorted(nights)
    for night in ordered:
        played = sorted(nights[night], key=lambda row: row["ordinal"])
        in_sets = [row["ordinal"] for row in played if row["section"].startswith("set")]
        in_sets = sorted(in_sets + unnamed[night[1]])
        heard: Counter[Any] = Counter()
        for row in played:
            place = "set"
            if row["section"].startswith("encore"):
                place = "encore"
            elif row["ordinal"] == in_sets[0]:
                place = "opener"
            elif row["ordinal"] == in_sets[-1]:
                place = "closer"
            song = songs.setdefault(
                row["song_id"],
                {
                    "times_played": 0, "shows_played": 0, "times_opened": 0, "times_closed": 0,
                    "times_encored": 0, "first_show_id": night[1], "first_played_at": night[0],
                },
            )  # fmt: skip
            song["times_played"] += 1
            song["shows_played"] += not heard[row["song_id"]]
            heard[row["song_id"]] += 1
            song["times_encored"] += place == "encore"
            song["times_opened"] += place != "encore" and row["ordinal"] == in_sets[0]
            song["times_closed"] += place != "encore" and row["ordinal"] == in_sets[-1]
            song |= {"last_show_id": night[1], "last_played_at": night[0], "last_place": place}
    places = {show_id: number for number, (_, show_id) in enumerate(ordered, 1)}
    for song in songs.values():
        song["gap_shows"] = len(ordered) - places[song["last_show_id"]]
    return songs
