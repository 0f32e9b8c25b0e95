"""Writes what fans want and think into a script: wishes, support, ratings. Pure, from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from loadtests.demo import beats
from loadtests.demo.beats import Beat
from loadtests.demo.night import PlayedSong
from loadtests.demo.wishbook import OTHER_WISHES

WISHED_FROM_S = 8.0
"""The first wish of the night: a newcomer finds a queue."""
WISHED_SHARE = 0.4
"""Of the songs that come later, so many are wished for before."""
WISH_AHEAD_S = 25.0
"""A song is wished for at least so long before it comes."""
SUPPORT_S = (4.0, 9.0)
EARLY_SUPPORT_S = (1.0, 2.5)
"""Between two upvotes, later and in the first minute."""
DECIDE_S = (35.0, 55.0)
LONG_SONG_S = 25.0
"""A shorter song (the hurried opening) is over before the crew could say that it is playing."""
CAUGHT_BY = 3
"""Fans who see at once that an entry is wrong, and say so again when it was put right."""
RATED_BY = (9, 14)
"""Eight guests who agree are enough to confirm an entry."""
UNHURRIED_S = 45.0
"""Ratings of a song of the hurried opening are spread over so long."""
CONFIRMED_EVERY = 3
MISHEARD = ("Cold Rain And Snow", "Promised Land")
"""What somebody thought to hear; nine others know better until it is taken back."""


class Opinions:
    """Beats of one night.

    Args:
        starts_s: when each song starts, and last when the night ends.
        fans: numbers of those who take part.
        editors: fans who may have written a song down that was none.
    """

    def __init__(
        self,
        songs: Sequence[PlayedSong],
        starts_s: Sequence[float],
        fans: Sequence[int],
        editors: Sequence[int],
        rng: random.Random,
    ) -> None:
        self._songs = songs
        self._starts_s = starts_s
        self._fans = fans
        self._editors = editors
        self._rng = rng

    def all(self, wrong: Sequence[int]) -> Iterable[Beat]:
        """Every beat, in no order. ``wrong``: songs that are first written down with a slip."""
        yield from self._wishes()
        yield from self._support()
        yield from self._decisions()
        for song in self._songs:
            yield from self._ratings(song, slip=song.number in wrong)
        yield from self._misheard()

    def _wishes(self) -> Iterable[Beat]:
        first_s = {song.title: self._starts_s[song.number] for song in reversed(self._songs)}
        for title, start_s in first_s.items():
            latest_s = start_s - WISH_AHEAD_S
            if latest_s > 2 * WISHED_FROM_S and self._rng.random() < WISHED_SHARE:
                earliest_s = max(WISHED_FROM_S, latest_s - 240.0)
                at_s = self._rng.uniform(earliest_s, latest_s)
                yield beats.Wish(at_s, self._anybody(), title)
        end_s = 0.7 * self._starts_s[-1]
        for place, spellings in enumerate(self._rng.sample(OTHER_WISHES, len(OTHER_WISHES))):
            # A third of them at the beginning, so that the queue is worth a look.
            early = place % 3 == 0
            within_s = (WISHED_FROM_S, 30.0) if early else (30.0, max(31.0, end_s))
            at_s = self._rng.uniform(*within_s)
            for title in spellings:
                yield beats.Wish(at_s, self._anybody(), title)
                at_s += self._rng.uniform(8.0, 60.0)

    def _support(self) -> Iterable[Beat]:
        at_s = WISHED_FROM_S + 4.0
        while at_s < self._starts_s[-1]:
            yield beats.Support(at_s, self._anybody())
            at_s += self._rng.uniform(*(EARLY_SUPPORT_S if at_s < 60.0 else SUPPORT_S))

    def _decisions(self) -> Iterable[Beat]:
        at_s = WISHED_FROM_S + 20.0
        while at_s < self._starts_s[-1] - 30.0:
            yield beats.DecideWish(at_s, 0)
            at_s += self._rng.uniform(*DECIDE_S)
        for song in self._songs:
            start_s, end_s = self._starts_s[song.number : song.number + 2]
            if end_s - start_s > LONG_SONG_S:  # By then its title is right.
                yield beats.PlayWish(start_s + 14.0, 0, song.number, over=False)
            yield beats.PlayWish(end_s + 4.0, 0, song.number, over=True)

    def _ratings(self, song: PlayedSong, *, slip: bool) -> Iterable[Beat]:
        start_s, end_s = self._starts_s[song.number : song.number + 2]
        several = self._rng.sample(self._fans, self._rng.randint(*RATED_BY))
        if slip:
            for fan in several[:CAUGHT_BY]:
                yield beats.Rate(start_s + self._rng.uniform(3.0, 4.2), fan, song.number)
        first_s, last_s = start_s + 12.5, max(start_s + UNHURRIED_S, end_s - 1.0)
        for fan in several:
            yield beats.Rate(self._rng.uniform(first_s, last_s), fan, song.number)
        if song.number % CONFIRMED_EVERY == 1:
            yield beats.Confirm(last_s + self._rng.uniform(8.0, 14.0), 0, song.number)

    def _misheard(self) -> Iterable[Beat]:
        long = [
            song
            for song in self._songs[:-1]
            if self._starts_s[song.number + 1] - self._starts_s[song.number] > LONG_SONG_S
        ]
        for title, song in zip(MISHEARD, self._rng.sample(long, min(2, len(long))), strict=False):
            start_s, writer = self._starts_s[song.number], self._rng.choice(self._editors)
            at_s = start_s + 16.0
            yield beats.Mishear(at_s, writer, song.number, title)
            for fan in self._rng.sample(self._fans, 10):
                if fan != writer:
                    rate_s = at_s + self._rng.uniform(3.0, 22.0)
                    yield beats.Rate(rate_s, fan, song.number, writer=writer)
            yield beats.TakeBackMisheard(at_s + 45.0, writer, song.number)

    def _anybody(self) -> int:
        return self._rng.choice(self._fans)
