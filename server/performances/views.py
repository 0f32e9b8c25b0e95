"""Performances, songs and reviews as answers."""

from __future__ import annotations

from rooms.performances.reviews import ReviewRecord
from rooms.performances.views import (
    CoveredBy,
    PerformanceRecord,
    ShowReference,
    SongPast,
    SongRecord,
    Statistics,
)
from server.performances.schemas import (
    CandidateView,
    CoverView,
    PerformanceView,
    ReviewView,
    ShowReferenceView,
    SongPastView,
    SongView,
    StatisticsView,
)


def performance_view(played: PerformanceRecord, past: SongPast | None) -> PerformanceView:
    """One performance, with what its song had behind it."""
    return PerformanceView(
        entry_id=played.entry_id,
        ordinal=played.ordinal,
        section=played.section,
        position=played.position,
        title=played.title,
        segue=played.segue,
        song_id=played.song_id,
        song_title=played.song_title,
        artist=played.artist_name,
        performer=played.performer_name,
        original_artist=played.original_artist,
        guests=played.guests,
        note=played.note,
        started_at=played.started_at,
        review=played.review_status,
        past=past_view(past) if past else None,
    )


def past_view(past: SongPast) -> SongPastView:
    """What a song had behind it."""
    return SongPastView(
        times_before=past.times_before,
        shows_since=past.shows_since,
        last=reference_view(past.last) if past.last else None,
    )


def reference_view(show: ShowReference) -> ShowReferenceView:
    """A show elsewhere."""
    return ShowReferenceView(show.starts_at, show.show_id, show.slug, show.title)


def statistics_view(counted: Statistics) -> StatisticsView:
    """How a song was played."""
    return StatisticsView(
        times_played=counted.times_played,
        shows_played=counted.shows_played,
        first=reference_view(counted.first),
        last=reference_view(counted.last),
        last_place=counted.last_place,
        times_opened=counted.times_opened,
        times_closed=counted.times_closed,
        times_encored=counted.times_encored,
        gap_shows=counted.gap_shows,
    )


def song_view(song: SongRecord, covers: list[CoveredBy] | None = None) -> SongView:
    """A song."""
    return SongView(
        id=song.song_id,
        title=song.title,
        artist_id=song.artist_id,
        artist=song.artist_name,
        album=song.album,
        statistics=statistics_view(song.statistics) if song.statistics else None,
        covers=[
            CoverView(cover.artist_id, cover.artist_name, statistics_view(cover.statistics))
            for cover in covers or ()
        ],
    )


def review_view(review: ReviewRecord) -> ReviewView:
    """A question about a song."""
    return ReviewView(
        id=review.review_id,
        show_id=review.show_id,
        show_slug=review.show_slug,
        show_title=review.show_title,
        starts_at=review.starts_at,
        entry_id=review.entry_id,
        title=review.title,
        reason=review.reason,
        candidates=[
            CandidateView(one.song_id, one.artist_id, one.title, one.score)
            for one in review.candidates
        ],
        status=review.status.value,
        created_at=review.created_at,
        original_artist=review.original_artist,
        artist_id=review.artist_id,
        artist=review.artist_name,
        song_id=review.song_id,
        song_title=review.song_title,
        note=review.note,
        decided_at=review.decided_at,
    )
