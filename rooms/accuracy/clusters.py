"""Which raters are to be counted as one: same device, made together, moving together.

Theory of operation
    1. Evidence is counted in bits: the logarithm of a likelihood ratio, "she follows him" against
       "both judge for themselves". Under the second it exceeds t with a probability of 2^-t at
       most (Ville 1939), whatever is rated.
    2. Agreeing with the crowd says nothing, so what counts is common dissent: two who both call
       right what nine of ten call wrong have agreed where chance lets one pair in a hundred.
    3. Accounts made within minutes of each other are the more surprising the fewer of the raters
       were made then: at the doors of a venue hundreds are, and that says nothing.
    4. Groups are looked for around each rater, those first who follow it best. A group of m out
       of n must have more evidence than there are such groups (log2 of their number), and
       `MARGIN_BITS`: so a large group is found by little from each, a pair only by much.
    5. A shared network address is no evidence at all: a venue has one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from rooms.accuracy.cluster_keys import account_cluster

RATERS_MAX = 5_000
"""Raters of one show that are compared pair by pair, those with the most ratings first: 12.5
million pairs take seconds."""

BLOCK = 512
"""Raters compared with all others at a time: a block of 512 x 5,000 is 20 MB."""

COPIES = 0.9
"""How often a member of a cluster is taken to follow the others."""

MADE_TOGETHER_S = 600.0
MADE_TOGETHER_SHARE = 0.5
"""How often members of a cluster are taken to have been made together."""

MARGIN_BITS = 7.0
"""Evidence beyond the number of possible groups: in one show of 128 people who judge for
themselves are tied together by chance."""

_Matrix = NDArray[np.float64]


class Rater(Struct, frozen=True):
    """One account and what it rated. Two of one account (a guest who signed in to it later, and
    the account itself) are a cluster.

    Attributes:
        made_at: when the account was made.
        device_id: the device it came from, where known.
        weight: of its ratings; the crowd is counted by it too.
        ratings: entry → 1 or -1.
        cluster: the cluster it was found in before and still belongs to.
    """

    account_id: str
    made_at: datetime
    device_id: str | None = None
    weight: float = 1.0
    ratings: Mapping[str, int] = {}
    cluster: str | None = None


class _Groups:
    """Union-find with path halving; the smallest number of a group is its root."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, one: int) -> int:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one

    def unite(self, one: int, other: int) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self._parent[second] = first


def find_clusters(raters: Iterable[Rater]) -> dict[str, str]:
    """Account → key of its cluster, for those who are in one. The order of raters is nothing."""
    everybody = sorted(raters, key=lambda one: one.account_id)
    groups = _Groups(len(everybody))
    _unite_equal(groups, [one.account_id for one in everybody])
    _unite_equal(groups, [one.device_id for one in everybody])
    _unite_equal(groups, [one.cluster for one in everybody])
    for leader, follower in _moving_together(everybody):
        groups.unite(leader, follower)
    members: dict[int, list[Rater]] = {}
    for index, rater in enumerate(everybody):
        members.setdefault(groups.root(index), []).append(rater)
    found: dict[str, str] = {}
    for group in members.values():
        if len(group) > 1:
            found.update(dict.fromkeys((one.account_id for one in group), _key(group)))
    return found


def _key(group: Sequence[Rater]) -> str:
    """Stays what it was while the cluster grows: the smallest of the keys that it had."""
    known = sorted(one.cluster for one in group if one.cluster)
    return known[0] if known else account_cluster(group[0].account_id)


def _unite_equal(groups: _Groups, values: Sequence[str | None]) -> None:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value is not None:
            groups.unite(first.setdefault(value, index), index)


def _moving_together(raters: Sequence[Rater]) -> list[tuple[int, int]]:
    """Pairs (leader, follower) of those groups for which there is enough evidence, as places in
    ``raters``."""
    busiest = sorted(range(len(raters)), key=lambda at: (-len(raters[at].ratings), at))
    compared = sorted(at for at in busiest[:RATERS_MAX] if raters[at].ratings)
    if len(compared) < 2:
        return []
    chosen = [raters[at] for at in compared]
    up, down = _opinions(chosen)
    up_bits, down_bits = _dissent_bits(up, down, np.array([one.weight for one in chosen]))
    made = np.array([one.made_at.timestamp() for one in chosen])
    near = _made_near(made)
    needed = _needed_bits(len(chosen))
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(chosen), BLOCK):
        rows = slice(start, start + BLOCK)
        moved = (up[rows] * up_bits) @ up.T + (down[rows] * down_bits) @ down.T
        bits = moved + math.log2(1.0 - COPIES) * (up[rows] @ down.T + down[rows] @ up.T)
        together = np.abs(made[rows, None] - made[None, :]) <= MADE_TOGETHER_S
        bits += np.where(together, _making_bits(near[rows, None]), _APART_BITS)
        bits[moved <= 0] = -np.inf
        bits[np.arange(len(bits)), np.arange(start, start + len(bits))] = -np.inf
        for row, follower in _groups_in(bits, needed):
            pairs.append((compared[start + row], compared[follower]))
    return pairs


def _needed_bits(raters: int) -> _Matrix:
    """What groups of one leader and 1, 2, 3 … followers need: as many bits as it takes to name
    one of them, and the margin."""
    others = raters - 1
    followers = np.arange(1, others + 1)
    factorials = np.concatenate(([0.0], np.cumsum(np.log2(np.arange(1, others + 1)))))
    choices = factorials[others] - factorials[followers] - factorials[others - followers]
    needed: _Matrix = math.log2(raters) + choices + MARGIN_BITS
    return needed


def _groups_in(bits: _Matrix, needed: _Matrix) -> list[tuple[int, int]]:
    """For each leader (a row) the followers that make the likeliest group, if it is one."""
    order = np.argsort(-bits, axis=1, kind="stable")[:, : len(needed)]
    excess = np.cumsum(np.take_along_axis(bits, order, axis=1), axis=1) - needed
    best = np.argmax(excess, axis=1)
    return [
        (row, int(follower))
        for row, size in enumerate(best)
        if excess[row, size] >= 0
        for follower in order[row, : size + 1]
    ]


def _opinions(raters: Sequence[Rater]) -> tuple[_Matrix, _Matrix]:
    """Who calls what right, and who calls what wrong: raters x entries, 0 or 1."""
    entries = {entry: at for at, entry in enumerate(sorted({e for r in raters for e in r.ratings}))}
    up = np.zeros((len(raters), len(entries)))
    down = np.zeros_like(up)
    for row, rater in enumerate(raters):
        for entry, value in rater.ratings.items():
            if value:
                (up if value > 0 else down)[row, entries[entry]] = 1.0
    return up, down


def _dissent_bits(up: _Matrix, down: _Matrix, weights: _Matrix) -> tuple[_Matrix, _Matrix]:
    """Per entry, what it says of two that both call it right, and that both call it wrong.

    Nothing where theirs is the opinion of the crowd, by heads or by weight, whichever makes it
    the commoner one: neither a hundred new guests nor a few aged accounts can make the others
    look like a gang while those are still many, or still weigh more.
    """
    shares = [_shares(up, down, counted) for counted in (np.ones_like(weights), weights)]
    ups, downs = (np.maximum(*both) for both in zip(*shares, strict=True))
    return _agreement_bits(ups), _agreement_bits(downs)


def _shares(up: _Matrix, down: _Matrix, counted: _Matrix) -> tuple[_Matrix, _Matrix]:
    """Per entry, how much of the crowd calls it right and wrong; never nothing and never all."""
    ups, downs = counted @ up + 1.0, counted @ down + 1.0
    return ups / (ups + downs), downs / (ups + downs)


def _agreement_bits(share: _Matrix) -> _Matrix:
    bits: _Matrix = np.log2(COPIES / share + (1.0 - COPIES))
    return np.where(share < 0.5, bits, 0.0)


_APART_BITS = math.log2(1.0 - MADE_TOGETHER_SHARE)
"""What it says of two that they were not made together."""


def _made_near(made: _Matrix) -> _Matrix:
    """Per rater, the share of all that were made within `MADE_TOGETHER_S` of it."""
    order = np.sort(made)
    first = np.searchsorted(order, made - MADE_TOGETHER_S, "left")
    last = np.searchsorted(order, made + MADE_TOGETHER_S, "right")
    near: _Matrix = (last - first) / len(made)
    return near


def _making_bits(near: _Matrix) -> _Matrix:
    """What it says of two that they were made together, where that is so common."""
    bits: _Matrix = np.log2(MADE_TOGETHER_SHARE / near + (1.0 - MADE_TOGETHER_SHARE))
    return bits
