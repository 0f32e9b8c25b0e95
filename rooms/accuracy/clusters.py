"""Which raters are to be counted as one: same device, made together, moving together.

A pair's evidence is counted in bits, as the logarithm of a likelihood ratio: "one copies the
other" against "both judge for themselves". Agreeing with the crowd says nothing, so what counts
is common dissent: two who both call right what nine of ten call wrong have agreed where chance
would let one pair in a hundred agree. Accounts made within minutes of each other are the more
surprising the fewer of the raters were made then: at the doors of a venue hundreds are, and that
says nothing. A shared network address is no evidence at all: a venue has one.
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
MADE_TOGETHER_BITS_MAX = 8.0
"""What the making of two accounts can add at most: alone it never makes a cluster."""

MARGIN_BITS = 7.0
"""Evidence needed beyond the logarithm of the number of raters: an honest rater is then tied to
somebody by chance in one case of 128."""

_Matrix = NDArray[np.float64]


class Rater(Struct, frozen=True):
    """One account and what it rated.

    Attributes:
        made_at: when the account was made.
        device_id: the device it came from, where known.
        weight: of its ratings; the crowd's opinion is weighed by it.
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
    _unite_equal(groups, [one.device_id for one in everybody])
    _unite_equal(groups, [one.cluster for one in everybody])
    for one, other in _moving_together(everybody):
        groups.unite(one, other)
    members: dict[int, list[Rater]] = {}
    for index, rater in enumerate(everybody):
        members.setdefault(groups.root(index), []).append(rater)
    found: dict[str, str] = {}
    for group in members.values():
        if len(group) > 1:
            found.update(dict.fromkeys((one.account_id for one in group), _key(group)))
    return found


def needed_bits(raters: int) -> float:
    """Evidence that ties two of so many raters together."""
    return math.log2(max(2, raters)) + MARGIN_BITS


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
    """Pairs, as places in ``raters``, whose evidence is enough."""
    busiest = sorted(range(len(raters)), key=lambda at: (-len(raters[at].ratings), at))
    compared = sorted(at for at in busiest[:RATERS_MAX] if raters[at].ratings)
    if len(compared) < 2:
        return []
    chosen = [raters[at] for at in compared]
    up, down = _opinions(chosen)
    up_bits, down_bits = _dissent_bits(up, down, np.array([one.weight for one in chosen]))
    made = np.array([one.made_at.timestamp() for one in chosen])
    made_bits = _making_bits(made)
    needed = needed_bits(len(chosen))
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(chosen), BLOCK):
        rows = slice(start, start + BLOCK)
        bits = (up[rows] * up_bits) @ up.T + (down[rows] * down_bits) @ down.T
        moved = bits > 0
        bits += math.log2(1.0 - COPIES) * (up[rows] @ down.T + down[rows] @ up.T)
        together = np.abs(made[rows, None] - made[None, :]) <= MADE_TOGETHER_S
        bits += together * np.minimum(made_bits[rows, None], made_bits[None, :])
        for row, column in zip(*np.nonzero((bits >= needed) & moved), strict=True):
            if start + row < column:
                pairs.append((compared[start + int(row)], compared[int(column)]))
    return pairs


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

    Nothing where theirs is the opinion of the crowd, which is weighed: a hundred new guests do
    not become the crowd by being many.
    """
    ups, downs = weights @ up, weights @ down
    share = (ups + 1.0) / (ups + downs + 2.0)
    return _agreement_bits(share), _agreement_bits(1.0 - share)


def _agreement_bits(share: _Matrix) -> _Matrix:
    bits: _Matrix = np.log2(COPIES / share + (1.0 - COPIES))
    return np.where(share < 0.5, bits, 0.0)


def _making_bits(made: _Matrix) -> _Matrix:
    """Per rater, how surprising it is that another was made within `MADE_TOGETHER_S` of it."""
    order = np.sort(made)
    near = np.searchsorted(order, made + MADE_TOGETHER_S, "right") - np.searchsorted(
        order, made - MADE_TOGETHER_S, "left"
    )
    bits: _Matrix = np.minimum(-np.log2(near / len(made)), MADE_TOGETHER_BITS_MAX)
    return bits
