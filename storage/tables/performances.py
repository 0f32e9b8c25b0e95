"""What was played."""

from __future__ import annotations

from piccolo.columns import (
    JSON,
    UUID,
    BigInt,
    Boolean,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.catalogue import Song
from storage.tables.columns import created_now, primary_key
from storage.tables.shows import Show

SECTION_PATTERN = "^(soundcheck|set[1-9]|encore[1-9])$"


class Performance(Table, db=ENGINE, tablename="performances"):
    """One song as played at one show. ``ordinal`` is its place in the night, from 1.

    ``song_id`` is null while nobody knows which song it was; then ``printed_title`` tells.
    ``performer_id``: who played it, where that is not the song's own artist (a cover).
    ``original_artist``: whose song the setlist said it was.
    """

    id = primary_key()
    show_id = ForeignKey(Show, default=None, null=False, on_delete=OnDelete.cascade)
    song_id = ForeignKey(Song, default=None, null=True, on_delete=OnDelete.restrict)
    ordinal = SmallInt(default=None)
    section = Varchar(length=10, default=None)
    position = SmallInt(default=None)
    segue = Boolean(default=False)
    printed_title = Varchar(length=300, default=None, null=True)
    entry_id = Varchar(length=64, default=None, null=True)
    performer_id = UUID(default=None, null=True)
    original_artist = Varchar(length=200, default=None, null=True)
    guests = Text(default=None, null=True)
    note = Text(default=None, null=True)
    started_at = Timestamptz(default=None, null=True)

    performances_place_unique = Unique(["show_id", "ordinal"])
    section_known = Check(f"section ~ '{SECTION_PATTERN}'")
    places_from_one = Check("ordinal >= 1 AND position >= 1")
    performances_named = Check("song_id IS NOT NULL OR printed_title IS NOT NULL")


class ArchivedNight(Table, db=ENGINE, tablename="archived_nights"):
    """That a show's performances were derived, from its log up to ``seq``. Created by SQL."""

    show_id = UUID(primary_key=True, default=None)
    seq = BigInt(default=None)
    derived_at = created_now()


class SongReview(Table, db=ENGINE, tablename="song_reviews"):
    """An entry of an archived setlist whose song somebody must name. Created by SQL.

    One for each (show_id, entry_id). ``candidates``: what it may be, likeliest first.
    """

    id = primary_key()
    show_id = UUID(default=None)
    entry_id = Text(default=None)
    artist_id = UUID(default=None, null=True)
    title = Text(default=None)
    original_artist = Text(default=None, null=True)
    reason = Text(default=None)
    candidates = JSON(default=None)
    status = Text(default="pending")
    song_id = UUID(default=None, null=True)
    note = Text(default=None, null=True)
    created_at = created_now()
    decided_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)


class SongStatistics(Table, db=ENGINE, tablename="song_statistics"):
    """How one artist has played one song. Key: (artist_id, song_id). Created by SQL.

    Counted from the performances of that artist, soundchecks left out.
    """

    artist_id = UUID(primary_key=True, default=None)
    song_id = UUID(default=None)
    times_played = Integer(default=None)
    shows_played = Integer(default=None)
    first_show_id = UUID(default=None)
    first_played_at = Timestamptz(default=None)
    last_show_id = UUID(default=None)
    last_played_at = Timestamptz(default=None)
    last_place = Text(default=None)
    times_opened = Integer(default=None)
    times_closed = Integer(default=None)
    times_encored = Integer(default=None)
    gap_shows = Integer(default=None)
