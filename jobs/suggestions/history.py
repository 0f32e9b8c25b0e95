"""An archive's shows as the suggestions learn from them."""

from __future__ import annotations

from rooms.catalogue.archive import Archive, ArchiveShow
from rooms.suggestions.history import PastShow, PlayedSong


def past_shows(archive: Archive) -> list[PastShow]:
    """The shows with songs, by date and number of the day."""
    return [past_show(show) for show in archive.shows if show.performances]


def past_show(show: ArchiveShow) -> PastShow:
    """One show; songs, venue and tour by Setroom's ids."""
    songs = tuple(
        PlayedSong(str(played.song.song_id), played.song.title, played.section)
        for played in show.performances
    )
    venue = str(show.venue.venue_id) if show.venue else None
    tour = str(show.tour.tour_id) if show.tour else None
    return PastShow(show.date, songs, venue, tour)
