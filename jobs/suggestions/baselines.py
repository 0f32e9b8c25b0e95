"""What the model must beat: how often a song is played, and what followed the last one."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Protocol

from rooms.suggestions.history import PastShow, Suggestion, SuggestionContext


class Suggester(Protocol):
    """Anything that is measured; ``SuggestionModel`` is one."""

    def suggest(self, context: SuggestionContext, limit: int = 5) -> list[Suggestion]:
        """The songs that may come next, likeliest first."""
        ...

    def observe(self, show: PastShow) -> None:
        """Learns from a show that has ended."""
        ...


class Frequency:
    """The most played songs that were not played tonight."""

    def __init__(self) -> None:
        self._plays: Counter[str] = Counter()

    def suggest(self, context: SuggestionContext, limit: int = 5) -> list[Suggestion]:
        """See ``Suggester``."""
        return _best([self._plays], context, limit)

    def observe(self, show: PastShow) -> None:
        """See ``Suggester``."""
        self._plays.update(song.song_id for song in show.songs)


class Markov:
    """What most often followed the last song, then the most played songs."""

    def __init__(self) -> None:
        self._plays: Counter[str] = Counter()
        self._following: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def suggest(self, context: SuggestionContext, limit: int = 5) -> list[Suggestion]:
        """See ``Suggester``."""
        last = context.songs[-1].song_id if context.songs else ""
        return _best([self._following[last], self._plays], context, limit)

    def observe(self, show: PastShow) -> None:
        """See ``Suggester``."""
        last = ""
        for song in show.songs:
            self._following[last][song.song_id] += 1
            self._plays[song.song_id] += 1
            last = song.song_id


def _best(counts: list[Counter[str]], context: SuggestionContext, limit: int) -> list[Suggestion]:
    tonight = {song.song_id for song in context.songs}
    chosen: dict[str, float] = {}
    for counter in counts:
        for song_id, count in counter.most_common():
            if len(chosen) == limit:
                break
            if song_id not in tonight and song_id not in chosen:
                chosen[song_id] = float(count)
    return [Suggestion(song_id, "", score) for song_id, score in chosen.items()]
