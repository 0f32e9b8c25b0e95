"""Tallies of open rounds, kept up by what moved since they were last looked at.

Ten thousand people who rank eight songs cast nearly as many different ballots; adding all of them
up takes 40 ms, and every audience and every call would do it again. What moved is a few of them.
"""

from __future__ import annotations

from collections import OrderedDict

from rooms.rounds.counting.patterns import PatternCounts, choice_of, weight_of
from rooms.rounds.counting.scores import points_of
from rooms.states import Tally
from rooms.vote_config import VoteConfig

ROUNDS_KEPT = 32
"""Rounds whose tally is remembered: more than can be open at once."""


class RunningTallies:
    """Counts like `rooms.rounds.tally.count`, from where it was.

    Relies on counts being replaced when they change, never changed in place.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Running] = OrderedDict()

    def count(self, round_id: str, config: VoteConfig, counts: PatternCounts) -> Tally:
        """The tally of an open round."""
        running = self._kept.get(round_id)
        if running is None or running.config is not config:
            running = self._kept[round_id] = _Running(config)
            if len(self._kept) > ROUNDS_KEPT:
                self._kept.popitem(last=False)
        running.move_to(counts)
        return running.tally(round_id)


class _Running:
    def __init__(self, config: VoteConfig) -> None:
        self.config = config
        self._counts: PatternCounts = {}
        self._scores = dict.fromkeys((option.id for option in config.options), 0)
        self._votes = self._voters = 0

    def tally(self, round_id: str) -> Tally:
        """The tally as it is now."""
        return Tally(
            round_id=round_id, options=dict(self._scores), votes=self._votes, voters=self._voters
        )

    def move_to(self, counts: PatternCounts) -> None:
        """Takes over what differs."""
        before = self._counts
        if counts is before:
            return
        for key, ballots in counts.items():
            if ballots != before.get(key, 0):
                self._move(key, ballots - before.get(key, 0))
        if len(counts) < len(before) or not before.keys() <= counts.keys():
            for key in before.keys() - counts.keys():
                self._move(key, -before[key])
        self._counts = counts

    def _move(self, key: tuple[str, str], by: int) -> None:
        pattern, voter_class = key
        weight = weight_of(self.config, voter_class)
        if not weight or not pattern:
            return
        choice = choice_of(pattern)
        self._votes += len(choice) * by
        self._voters += by
        highest = len(self._scores) - 1
        for option_id, points in points_of(self.config.tally.method, choice, highest):
            if option_id in self._scores:
                self._scores[option_id] += points * weight * by
