"""Songs that a title may mean, likeliest first, for the person who decides."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from rooms import limits
from rooms.catalogue.names import title_key
from rooms.performances.records import Candidate, KnownSong

SCORE_MIN = 60.0
"""Of 100. Below, titles share little more than letters."""


def candidates(
    title: str, songs: Sequence[KnownSong], pointed_at: KnownSong | None = None
) -> tuple[Candidate, ...]:
    """At most `limits.REVIEW_CANDIDATES_MAX` songs, by likeness, then by how often they are played.

    Likeness is that of whole titles or of a part (``Lovelight`` in ``Turn On Your Love Light``),
    under any title that past setlists print. ``pointed_at``, the song whose id the entry holds,
    comes first, whatever its title.
    """
    key = title_key(title)
    others = [song for song in songs if pointed_at is None or song.song_id != pointed_at.song_id]
    ranked = sorted(
        ((_likeness(key, song), song.times_played, song) for song in others),
        key=lambda found: (-found[0], -found[1], found[2].song_id),
    )
    kept = [(score, song) for score, _, song in ranked if score >= SCORE_MIN]
    if pointed_at is not None:
        kept.insert(0, (_likeness(key, pointed_at), pointed_at))
    return tuple(
        Candidate(song.song_id, song.artist_id, song.title, round(score / 100, 3))
        for score, song in kept[: limits.REVIEW_CANDIDATES_MAX]
    )


def _likeness(key: str, song: KnownSong) -> float:
    return max(fuzz.WRatio(key, title_key(known)) for known in (song.title, *song.also))
