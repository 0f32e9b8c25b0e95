"""What is worth saying of a song on the night it was played; of most songs nothing is."""

from __future__ import annotations

from typing import Final

from rooms.performances.views import SongPast
from server.pages.texts import TEXTS, day

NIGHTS_MIN: Final = 10
"""With fewer nights behind an artist nearly every song would be a first time."""

SHOWS_AWAY_MIN: Final = 50
"""Shows without a song after which its return is remarkable."""

ROUND_NUMBER: Final = 100


def remark(past: SongPast, nights_before: int, language: str) -> str | None:
    """A first time, a return, a round number; else ``None``.

    Args:
        past: what the song had behind it.
        nights_before: shows that are known of the artist before this one.
    """
    texts = TEXTS[language]
    if past.last is None:
        return texts["first_time"] if nights_before >= NIGHTS_MIN else None
    if past.shows_since is not None and past.shows_since > SHOWS_AWAY_MIN:
        when = day(past.last.starts_at, language)
        return texts["first_since"].format(day=when, count=past.shows_since - 1)
    times = past.times_before + 1
    return texts["nth_time"].format(count=times) if times % ROUND_NUMBER == 0 else None
