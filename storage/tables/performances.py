"""What was played."""

from __future__ import annotations

from piccolo.columns import Boolean, ForeignKey, SmallInt, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.catalogue import Song
from storage.tables.columns import primary_key
from storage.tables.shows import Show

SECTION_PATTERN = "^(soundcheck|set[1-9]|encore[1-9])$"


class Performance(Table, db=ENGINE, tablename="performances"):
    """One song as played at one show. ``ordinal`` is its place in the night, from 1."""

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    song_id = ForeignKey(Song, default=None, null=False, on_delete=OnDelete.restrict)
    ordinal = SmallInt(default=None)
    section = Varchar(length=10, default=None)
    position = SmallInt(default=None)
    segue = Boolean(default=False)
    printed_title = Varchar(length=300, default=None, null=True)
    entry_id = Varchar(length=64, default=None, null=True)

    performances_place_unique = Unique(["show_id", "ordinal"])
    section_known = Check(f"section ~ '{SECTION_PATTERN}'")
    places_from_one = Check("ordinal >= 1 AND position >= 1")
