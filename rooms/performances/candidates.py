"""Songs that a title may mean, likeliest first, for the person who decides."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from rooms import limits
from rooms.catalogue.names import title_key
from rooms.performances.records import Candidate, KnownSong

SCORE_MIN = 60.0
"""Of 100. Below, titles share little more than letters."""

TITLES_RANKED = 50
"""The likest titles, among which those of the songs most played come first where they are even."""


def candidates(
    title: str, songs: Sequence[KnownSong], pointed_at: KnownSong | None = None
) -> tuple[Candidate, ...]:
    """At most `limits.REVIEW_CANDIDATES_MAX` songs, by likeness, then by how often they are played.

    Likeness is that of whole titles or of a part (``Lovelight`` in ``Turn On Your Love Light``),
    under any title that past setlists print. ``pointed_at``, the song whose id the entry holds,
    comes first, whatever its title.
    """
    key = title_key(title)
    known = [(song, title_key(text)) for song in songs for text in (song.title, *song.also)]
    found = process.extract(
        key,
        [text for _, text in known],
        scorer=fuzz.WRatio,
        limit=TITLES_RANKED,
        score_cutoff=SCORE_MIN,
    )
    scores: dict[str, tuple[float, KnownSong]] = {}
    for _, score, place in found:  # the likest first
        song = known[place][0]
        scores.setdefault(song.song_id, (score, song))
    if pointed_at is not None:
        scores.pop(pointed_at.song_id, None)
    ranked = sorted(
        scores.values(), key=lambda one: (-one[0], -one[1].times_played, one[1].song_id)
    )
    if pointed_at is not None:
        ranked.insert(0, (fuzz.WRatio(key, title_key(pointed_at.title)), pointed_at))
    return tuple(
        Candidate(song.song_id, song.artist_id, song.title, round(score / 100, 3))
        for score, song in ranked[: limits.REVIEW_CANDIDATES_MAX]
    )
