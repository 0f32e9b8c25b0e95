"""What an artist plays, and how: running statistics over shows, updated one show at a time.

Everything here is about shows that are over. Nothing is ever looked up ahead: the state after
``observe(show)`` depends on that show and those before it, in that order.

Song 0 (``BOUNDARY``) is no song: it stands before the first and after the last song of a show,
so that openers and closers are transitions like all others.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from rooms.suggestions.history import SECTION_KINDS, PastShow, section_index
from rooms.suggestions.occurrences import Occurrences

Floats = NDArray[np.float32]

BOUNDARY = 0
POSITIONS = 48
"""Places in a show that are told apart; what comes later counts as the last of them."""
SLOTS = 24
"""Places within a section that are told apart."""
RATE_STEPS = np.array([0.5, 0.2, 0.06, 0.02, 0.005], np.float32)
"""Steps of the moving averages of how often a song is played: from two shows to two hundred."""
SONG_STEP = 0.1
"""Step of the moving averages over a song's own performances."""
GAP_STEP = 0.15
NEIGHBOUR_SHOWS = 200
"""Past shows that tonight is compared with."""
RUN_DAYS_MAX = 4
"""Shows at one venue at most so many days apart are one run."""
_SMEAR = 1.2
"""Standard deviation, in places, with which one performance speaks for the places around it."""


class Repertoire:
    """The statistics of one artist.

    Attributes (arrays are indexed by song, in order of first performance, and oversized):
        shows: how many shows were observed.
        rates: share of shows with the song, per step of ``RATE_STEPS``.
        last_show, first_show: numbers of shows, -1 before the first.
        gap: average shows between two performances; NaN until the second.
        places: where in the show it is played, a smeared histogram over ``POSITIONS``.
        slots: the same within each section, ``SECTION_KINDS x SLOTS`` flattened.
        before: ``before[c, p]``, the share of c's performances that followed p directly.
        presence: 1 where a recent show had the song; row ``present - 1`` is the latest show.
    """

    def __init__(self) -> None:
        self.song_ids: list[str] = [""]
        self.titles: list[str] = [""]
        self.index: dict[str, int] = {}
        self.shows = 0
        self.average_length = 20.0
        self.last_date: date | None = None
        self.venue: str | None = None
        self.run_nights = 0
        self.weekday_shows = np.zeros(7, np.float32)
        self.tours: dict[str, tuple[int, Floats]] = {}
        self.occurrences: list[Occurrences] = [Occurrences()]
        self.present = 0
        self._allocate(64)

    @property
    def songs(self) -> int:
        """Songs known, ``BOUNDARY`` included."""
        return len(self.song_ids)

    def _allocate(self, size: int) -> None:
        self.rates = np.zeros((len(RATE_STEPS), size), np.float32)
        self.last_show = np.full(size, -1, np.int32)
        self.first_show = np.full(size, -1, np.int32)
        self.last_day = np.zeros(size, np.int32)
        self.plays = np.zeros(size, np.float32)
        self.reprises = np.zeros(size, np.float32)
        self.gap = np.full(size, np.nan, np.float32)
        self.run_plays = np.zeros(size, np.float32)
        self.weekday_plays = np.zeros((7, size), np.float32)
        self.mean_place = np.full(size, np.nan, np.float32)
        self.last_place = np.full(size, np.nan, np.float32)
        self.opens = np.zeros(size, np.float32)
        self.closes = np.zeros(size, np.float32)
        self.places = np.zeros((size, POSITIONS), np.float32)
        self.slots = np.zeros((size, SECTION_KINDS * SLOTS), np.float32)
        self.sections = np.zeros((size, SECTION_KINDS), np.float32)
        self.before = np.zeros((size, size), np.float32)
        self.presence = np.zeros((2 * NEIGHBOUR_SHOWS, size), np.float32)
        self.lengths = np.ones(2 * NEIGHBOUR_SHOWS, np.float32)

    def _grow(self) -> None:
        old = self.__dict__.copy()
        size = len(self.plays)
        self._allocate(2 * size)
        for name in self.__dict__:
            array, was = getattr(self, name), old[name]
            if isinstance(array, np.ndarray) and array is not was:
                array[tuple(slice(0, length) for length in was.shape)] = was
        self.tours = {
            name: (shows, np.concatenate([plays, np.zeros(size, np.float32)]))
            for name, (shows, plays) in self.tours.items()
        }

    def number_of(self, song_id: str, title: str) -> int:
        """The song's index, a new one for a song that was never played before."""
        known = self.index.get(song_id)
        if known is None:
            known = len(self.song_ids)
            if known == len(self.plays):
                self._grow()
            self.song_ids.append(song_id)
            self.titles.append(title)
            self.occurrences.append(Occurrences())
            self.index[song_id] = known
        elif title:
            self.titles[known] = title
        return known

    def continues_run(self, day: date, venue: str | None) -> bool:
        """Whether a show on that day at that venue belongs to the run of the last one."""
        return (
            self.last_date is not None
            and venue is not None
            and venue == self.venue
            and 0 <= (day - self.last_date).days <= RUN_DAYS_MAX
        )

    def observe(self, show: PastShow) -> None:
        """Learns from a show that is over. Shows without songs teach nothing and are ignored."""
        if not show.songs:
            return
        songs = np.array([self.number_of(s.song_id, s.title) for s in show.songs], np.int32)
        sections = [section_index(s.section) for s in show.songs]
        played = np.unique(songs)
        self._observe_show(show, played, len(songs))
        self._observe_order(songs, sections)
        self.shows += 1

    def _observe_show(self, show: PastShow, played: NDArray[np.int32], length: int) -> None:
        if not self.continues_run(show.date, show.venue):
            self.run_plays[:] = 0
            self.run_nights = 0
        self.run_nights += 1
        self.run_plays[played] += 1
        self.venue, self.last_date = show.venue, show.date
        self.rates *= (1 - RATE_STEPS)[:, None]
        self.rates[:, played] += RATE_STEPS[:, None]
        since = (self.shows - self.last_show[played]).astype(np.float32)
        since[self.last_show[played] < 0] = np.nan
        gap = self.gap[played]
        mixed = (1 - GAP_STEP) * gap + GAP_STEP * since
        self.gap[played] = np.where(np.isnan(gap), since, mixed)
        first = self.first_show[played]
        self.first_show[played] = np.where(first < 0, self.shows, first)
        self.last_show[played] = self.shows
        self.last_day[played] = show.date.toordinal()
        self.weekday_plays[show.date.weekday(), played] += 1
        self.weekday_shows[show.date.weekday()] += 1
        if show.tour is not None:
            shows, plays = self.tours.get(show.tour, (0, np.zeros(len(self.plays), np.float32)))
            plays[played] += 1
            self.tours[show.tour] = (shows + 1, plays)
        self.average_length += 0.1 * (length - self.average_length)
        if self.present == len(self.presence):
            self.presence[:NEIGHBOUR_SHOWS] = self.presence[NEIGHBOUR_SHOWS:]
            self.presence[NEIGHBOUR_SHOWS:] = 0
            self.lengths[:NEIGHBOUR_SHOWS] = self.lengths[NEIGHBOUR_SHOWS:]
            self.present = NEIGHBOUR_SHOWS
        self.presence[self.present, played] = 1
        self.lengths[self.present] = length
        self.present += 1

    def _observe_order(self, songs: NDArray[np.int32], sections: list[int]) -> None:
        count = len(songs)
        padded = [*songs.tolist(), BOUNDARY, BOUNDARY, BOUNDARY, BOUNDARY]
        self.occurrences[BOUNDARY].add(self.shows, BOUNDARY, 0, padded[:4])
        in_section, starts = [], 0
        for place in range(count):
            if place and sections[place] != sections[place - 1]:
                starts = place
            in_section.append(place - starts)
            previous = padded[place - 1] if place else BOUNDARY
            following = padded[place + 1 : place + 5]
            self.occurrences[padded[place]].add(self.shows, previous, sections[place], following)
        _, first = np.unique(songs, return_index=True)
        again = np.delete(songs, first)
        np.add.at(self.reprises, again, 1)
        self._observe_places(songs, first, np.array(sections), np.array(in_section))

    def _observe_places(
        self,
        songs: NDArray[np.int32],
        first: NDArray[np.intp],
        sections: NDArray[np.int64],
        in_section: NDArray[np.int64],
    ) -> None:
        """Moves each song's averages towards where it was played; a reprise is left out."""
        played, section = songs[first], sections[first]
        self.plays[played] += 1
        step = np.maximum(np.float32(SONG_STEP), 1 / self.plays[played])
        keep = (1 - step)[:, None]
        self.places[played] *= keep
        self.places[played] += step[:, None] * _SMEARED_PLACES[np.minimum(first, POSITIONS - 1)]
        self.slots[played] *= keep
        columns = section[:, None] * SLOTS + np.arange(SLOTS)
        slots = _SMEARED_SLOTS[np.minimum(in_section[first], SLOTS - 1)]
        self.slots[played[:, None], columns] += step[:, None] * slots
        self.sections[played] *= keep
        self.sections[played, section] += step
        opens = in_section == 0
        closes = np.append(opens[1:], True)
        self.opens[played] += step * (opens[first] - self.opens[played])
        self.closes[played] += step * (closes[first] - self.closes[played])
        mean = self.mean_place[played]
        self.mean_place[played] = np.where(np.isnan(mean), first, mean + step * (first - mean))
        self.last_place[played] = first
        self.before[played] *= keep
        previous = np.append(BOUNDARY, songs[:-1])[first]
        self.before[played, previous] += step


def _smeared(size: int) -> Floats:
    places = np.arange(size)
    weights = np.exp(-0.5 * ((places[:, None] - places[None, :]) / _SMEAR) ** 2)
    shares: Floats = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return shares


_SMEARED_PLACES = _smeared(POSITIONS)
_SMEARED_SLOTS = _smeared(SLOTS)
