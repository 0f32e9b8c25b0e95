"""What the ranker sees of each candidate: a row of numbers that mean the same for any artist.

Shares, averages and counts of shows only; no names, no dates, so that one set of settings serves
every artist. In order of the columns:

- **transitions** from the last song: share of its performances that this song followed, weighed
  by age in shows (half-lives 8, 40, 200), by how many performances ago (1, 5), by the section, by
  how similar that whole night was to tonight; three of them again as the share among the songs
  not yet played tonight; followed by the order-2 transitions from the last two songs, alone and
  backed off to order 1; songs two to four places later; what came two and three places after the
  songs before the last;
- **reverse**: share of this song's performances that followed the last song, and of those that
  followed songs whose turn is over (its moment was missed);
- **neighbours**: how often the nights most like tonight had the song;
- **place**: the song's histogram over places in the show and in the section, here, in a section
  that begins now, and later; the hazard (here, given not before); mean and last place against
  this one; its sections;
- **company**: whether it used to follow the same songs as the last one did (two songs of one
  singer rarely follow each other where singers take turns);
- **rotation**: share of shows with the song at five speeds, shows and days since it was played,
  against its usual gap; nights of this run that had it; its weekday; its tour; its age; how often
  it is reprised, opens and closes;
- **the moment**, equal for all candidates: songs so far, section, songs in it, night of the run,
  days since the last show, how much evidence the transitions have, likeness to the last show and
  to the most similar one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rooms.suggestions.evening import UNKNOWN, Evening
from rooms.suggestions.history import ENCORE
from rooms.suggestions.occurrences import NEXT, PREVIOUS, SECTION, SHOW
from rooms.suggestions.repertoire import BOUNDARY, POSITIONS, SLOTS, Floats

CANDIDATES = 64
"""Songs that are ranked with all features; the likeliest by a quick mix of a few."""
COLUMNS = 64
"""Features of a candidate; a model that was trained on others cannot be used."""
FORGOTTEN_SHOWS = 500
"""A song not played for so many shows is no candidate unless it is played now and then."""
_AGES = (8.0, 40.0, 200.0)
_RANKS = (1.0, 5.0)
_NO_ROWS = np.zeros((0, NEXT + 4), np.int32)
_DAYS_MAX = 400.0


class Scene:
    """Candidates and their features at one moment of an evening.

    Attributes:
        candidates: song numbers, at most ``CANDIDATES``, likeliest first by ``quick``.
        quick: a rough score of each: the answer as long as nothing was trained.
        rows: features, one row per candidate, float32, without NaN.
    """

    def __init__(self, evening: Evening, candidates_max: int = CANDIDATES) -> None:
        self.evening = evening
        self.repertoire = evening.repertoire
        self.count = self.repertoire.songs
        self.place = min(len(evening.songs), POSITIONS - 1)
        self.section = evening.sections[-1] if evening.sections else 0
        self.last = evening.song_before(1)
        self.open = evening.played_at < 0
        self.open[BOUNDARY] = False
        full, self.moment = self._full_columns()
        quick = self._quick(full)
        self.candidates = self._choose(quick, candidates_max)
        self.quick = quick[self.candidates]
        columns = [column[self.candidates] for column in full]
        columns += self._place_columns()
        columns += self._rotation_columns()
        rows = np.empty((len(self.candidates), len(columns) + len(self.moment)), np.float32)
        for number, column in enumerate(columns):
            rows[:, number] = column
        rows[:, len(columns) :] = self.moment
        self.rows: Floats = np.nan_to_num(rows, copy=False, nan=-1.0, posinf=1e4, neginf=-1e4)

    # --- over all songs -------------------------------------------------------------------

    def _share(self, songs: NDArray[np.int32], weights: NDArray[np.float64]) -> Floats:
        """Share of the weights that falls on each song."""
        sums = np.bincount(songs, weights=weights, minlength=self.count)
        shares: Floats = (sums / (weights.sum() + 1e-9)).astype(np.float32)
        return shares

    def _among_open(self, shares: Floats, doubt: float = 0.02) -> Floats:
        """The shares among songs not yet played; ``doubt`` keeps thin evidence small."""
        left = shares * self.open
        among: Floats = left / (left.sum() + doubt)
        return among

    def _rows_of(self, song: int) -> NDArray[np.int32]:
        return _NO_ROWS if song == UNKNOWN else self.repertoire.occurrences[song].rows

    def _full_columns(self) -> tuple[list[Floats], list[float]]:
        evening, repertoire = self.evening, self.repertoire
        rows = self._rows_of(self.last)
        ages = (repertoire.shows - rows[:, SHOW]).astype(np.float64)
        ranks = np.arange(len(rows), 0, -1).astype(np.float64)
        following = rows[:, NEXT]
        by_age = [np.exp2(-ages / half) for half in _AGES]
        shares = [self._share(following, weights) for weights in by_age]
        shares += [self._share(following, np.exp2(-ranks / half)) for half in _RANKS]
        likeness = self._likeness()
        alike = self._share(following, self._alike_weights(rows, ages, likeness))
        in_section = self._share(following, by_age[2] * (rows[:, SECTION] == self.section))
        same_pair = by_age[2] * (rows[:, PREVIOUS] == evening.song_before(2))
        pair_support = float(same_pair.sum())
        pairs = self._share(following, same_pair)
        open_shares = [self._among_open(s) for s in (shares[2], shares[4], alike)]
        backed_off = (pairs * pair_support + 2 * open_shares[1]) / (pair_support + 2)
        later = self._share(rows[:, NEXT + 1], by_age[1])
        much_later = self._share(rows[:, NEXT + 2], by_age[1])
        much_later = much_later + self._share(rows[:, NEXT + 3], by_age[1])
        near, nearest = self._neighbour_shares(likeness)
        reverse = self._reverse()
        full = [*shares, alike, *open_shares, in_section, pairs, self._among_open(backed_off)]
        full += [later, much_later, self._after(2), self._after(3), reverse]
        full += [near, nearest, self._among_open(near, 0.1)]
        full.append(self.repertoire.places[: self.count, self.place])
        return full, self._moment(by_age, pair_support)

    def _quick(self, full: list[Floats]) -> Floats:
        """A mix that needs no training; the weights were set by hand, on shares of any artist."""
        rates = self.repertoire.rates[:, : self.count]
        score = full[1] + full[2] + 0.7 * full[7] + 0.3 * full[8] + 0.5 * full[10]
        score = score + 0.2 * full[16] + 0.15 * full[18] + 0.05 * full[20]
        score = score + 0.1 * rates[1] + 0.05 * rates[2] + 0.02 * rates[3]
        mixed: Floats = score - 0.05 * ~self.open
        return mixed

    def _choose(self, quick: Floats, candidates_max: int) -> NDArray[np.int64]:
        repertoire = self.repertoire
        recent = repertoire.shows - repertoire.last_show[: self.count] < FORGOTTEN_SHOWS
        alive = recent | (repertoire.rates[3, : self.count] > 5e-4)
        alive[BOUNDARY] = False
        # A song played tonight is a candidate only if this artist is known to reprise it.
        alive &= self.open | (repertoire.reprises[: self.count] > 0)
        order = np.flatnonzero(alive)
        return order[np.argsort(-quick[order], kind="stable")[:candidates_max]]

    def _likeness(self) -> Floats:
        evening = self.evening
        if not evening.songs:
            return np.zeros(len(evening.overlap), np.float32)
        lengths = np.maximum(self.repertoire.lengths[evening.neighbours], 1)
        likeness: Floats = evening.overlap / np.sqrt(len(evening.songs) * lengths)
        return likeness

    def _alike_weights(
        self, rows: NDArray[np.int32], ages: NDArray[np.float64], likeness: Floats
    ) -> NDArray[np.float64]:
        neighbour = rows[:, SHOW] - self.evening.first_neighbour
        near = neighbour >= 0
        weights = np.zeros(len(rows))
        weights[near] = np.exp(6 * likeness[neighbour[near]]) * np.exp2(-ages[near] / 60)
        return weights

    def _neighbour_shares(self, likeness: Floats) -> tuple[Floats, Floats]:
        evening = self.evening
        presence = self.repertoire.presence[evening.neighbours, : self.count]
        steep = np.exp(8 * likeness) * np.exp2(-evening.ages / 40)
        flat = np.exp(3 * likeness) * np.exp2(-evening.ages / 15)
        both = np.stack([steep / (steep.sum() + 1e-9), flat / (flat.sum() + 1e-9)])
        near, nearest = both.astype(np.float32) @ presence
        return near, nearest

    def _after(self, steps: int) -> Floats:
        """What came ``steps`` places after the song played ``steps`` songs ago."""
        rows = self._rows_of(self.evening.song_before(steps))
        ages = (self.repertoire.shows - rows[:, SHOW]).astype(np.float64)
        return self._share(rows[:, NEXT + steps - 1], np.exp2(-ages / 60))

    def _reverse(self) -> Floats:
        if self.last == UNKNOWN:
            return np.zeros(self.count, np.float32)
        return self.repertoire.before[: self.count, self.last]

    # --- over the candidates --------------------------------------------------------------

    def _place_columns(self) -> list[Floats]:
        repertoire, chosen = self.repertoire, self.candidates
        songs_so_far = len(self.evening.songs)
        here = repertoire.places[chosen, self.place]
        left = repertoire.places[chosen, self.place :].sum(1)
        hazard = here / (left + 0.02)
        open_hazard = hazard * self.open[chosen] * repertoire.rates[2, chosen]
        slot = min(self.evening.in_section, SLOTS - 1)
        next_section = min(self.section + 1, ENCORE - 1)
        stays = repertoire.slots[chosen, self.section * SLOTS + slot]
        begins = repertoire.slots[chosen, next_section * SLOTS]
        encores = repertoire.slots[chosen, ENCORE * SLOTS]
        return [
            self.evening.missed[chosen],
            left,
            hazard,
            open_hazard / (open_hazard.sum() + 1e-3),
            stays,
            begins,
            encores,
            repertoire.mean_place[chosen] - songs_so_far,
            repertoire.last_place[chosen] - songs_so_far,
            repertoire.sections[chosen, self.section],
            repertoire.sections[chosen, next_section],
            repertoire.sections[chosen, ENCORE],
            self._company(self.last),
            self._company(self.evening.song_before(2)),
            np.where(self.open[chosen], -1, songs_so_far - self.evening.played_at[chosen]),
        ]

    def _company(self, song: int) -> Floats:
        """Cosine between what used to come before each candidate and before ``song``."""
        before = self.repertoire.before[:, : self.count]
        if song in (UNKNOWN, BOUNDARY):
            return np.zeros(len(self.candidates), np.float32)
        mine, theirs = before[song], before[self.candidates]
        norms = np.sqrt((theirs * theirs).sum(1) * float(mine @ mine)) + 1e-6
        cosines: Floats = (theirs @ mine) / norms
        return cosines

    def _rotation_columns(self) -> list[Floats]:
        repertoire, evening, chosen = self.repertoire, self.evening, self.candidates
        since = (repertoire.shows - repertoire.last_show[chosen]).astype(np.float32)
        weekday = evening.day.weekday()
        plays = repertoire.plays[chosen]
        usual = plays / max(repertoire.shows, 1)
        this_day = repertoire.weekday_plays[weekday, chosen] + 4 * usual
        lift = this_day / (float(repertoire.weekday_shows[weekday]) + 4) / (usual + 1e-6)
        if evening.tour is None:
            on_tour = np.full(len(chosen), -1, np.float32)
        else:
            shows, tour_plays = evening.tour
            on_tour = (tour_plays[chosen] + 2 * repertoire.rates[1, chosen]) / (shows + 2)
        in_run = repertoire.run_plays[chosen] if evening.in_run else np.zeros(len(chosen))
        return [
            *repertoire.rates[:, chosen],
            since,
            since / repertoire.gap[chosen],
            (repertoire.shows - repertoire.first_show[chosen]).astype(np.float32),
            in_run.astype(np.float32),
            lift,
            on_tour,
            np.log1p(plays),
            np.minimum(evening.day.toordinal() - repertoire.last_day[chosen], 9999),
            repertoire.reprises[chosen] / np.maximum(plays, 1),
            repertoire.opens[chosen],
            repertoire.closes[chosen],
        ]

    # --- the moment -----------------------------------------------------------------------

    def _moment(self, by_age: list[NDArray[np.float64]], pair_support: float) -> list[float]:
        evening, repertoire = self.evening, self.repertoire
        so_far = len(evening.songs)
        overlap = evening.overlap
        compared = so_far > 0 and len(overlap) > 0
        last = repertoire.last_date
        days = _DAYS_MAX if last is None else min(float((evening.day - last).days), _DAYS_MAX)
        return [
            so_far,
            self.section,
            evening.in_section,
            repertoire.run_nights if evening.in_run else 0,
            days,
            float(by_age[1].sum()),
            float(by_age[2].sum()),
            pair_support,
            so_far / repertoire.average_length,
            float(overlap[-1]) / so_far if compared else -1.0,
            float(overlap.max()) / so_far if compared else -1.0,
            evening.tour[0] if evening.tour else 0,
        ]
