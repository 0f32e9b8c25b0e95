"""Boosted regression trees as flat arrays: evaluated by numpy, kept without pickles."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class Forest(Struct, frozen=True):
    """Trees laid end to end.

    Node ``i`` is a leaf when ``left[i] == i``; then ``value[i]`` is what it adds to the score.
    Otherwise a row goes to ``left[i]`` if its ``feature[i]`` is at most ``threshold[i]``, else to
    ``right[i]``. Children come after their parent, so no walk can be endless.

    Attributes:
        roots: the first node of each tree.
        depth: steps from any root to its deepest leaf.
        features: how many columns a row has.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    depth: int
    features: int

    def scores(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """The sum over all trees for each row of ``rows`` (rows x features, no NaN)."""
        width = rows.shape[1]
        cells = rows.ravel()
        offsets = (np.arange(len(rows), dtype=np.int32) * width)[:, None]
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            goes_left = cells[offsets + self.feature[nodes]] <= self.threshold[nodes]
            nodes = np.where(goes_left, self.left[nodes], self.right[nodes])
        summed: NDArray[np.float64] = self.value[nodes].sum(1, dtype=np.float64)
        return summed

    def check(self) -> None:
        """Refuses arrays that a walk could leave or circle in.

        Raises:
            ValueError: says which rule is broken.
        """
        count = len(self.feature)
        lengths = {len(self.threshold), len(self.left), len(self.right), len(self.value)}
        if lengths != {count}:
            raise ValueError("the arrays of the forest differ in length")
        numbers = np.arange(count)
        leaf = self.left == numbers
        inner = ~leaf
        ordered = (self.left[inner] > numbers[inner]) & (self.right[inner] > numbers[inner])
        if not ordered.all() or (self.left >= count).any() or (self.right >= count).any():
            raise ValueError("a node of the forest points backwards or outside")
        if (self.right[leaf] != numbers[leaf]).any():
            raise ValueError("a leaf of the forest has a child")
        if count and not ((self.feature >= 0) & (self.feature < self.features)).all():
            raise ValueError("the forest looks at a feature that does not exist")
        if len(self.roots) and not ((self.roots >= 0) & (self.roots < count)).all():
            raise ValueError("a root of the forest lies outside")
        if not 0 <= self.depth <= count:
            raise ValueError("the depth of the forest is impossible")
