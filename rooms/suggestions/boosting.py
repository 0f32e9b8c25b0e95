"""Boosts trees on a listwise loss: the softmax over the candidates of one moment.

A pointwise classifier learns how likely a song is as such; what is asked is which of the
candidates of one moment comes next. The gradient of the softmax cross-entropy says exactly that
(Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML 2007) and needs
half as many trees here. scikit-learn's public estimators take no such loss, hence its tree grower
is used directly. Its module is private: ``pyproject.toml`` bounds the version and the tests train.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sklearn.ensemble._hist_gradient_boosting.grower import TreeGrower

from rooms.suggestions.forest import Forest

_BINNING_ROWS = 60_000
"""Rows that the bins of a feature are cut from."""


class BoostingSettings(Struct, frozen=True):
    """How the forest is grown; one setting for every artist.

    Chosen on a validation slice inside the first four fifths of both archives, never on the last
    fifth that the quality is measured on (``python -m jobs.suggestions.evaluate --validation``).
    """

    trees: int = 150
    learning_rate: float = 0.12
    leaves: int = 15
    rows_per_leaf_min: int = 40
    ridge: float = 2.0
    features_per_split: float = 0.5
    bins: int = 127


class Examples(Struct, frozen=True):
    """Moments with their candidates.

    Attributes:
        rows: all candidates of all moments, one after the other.
        starts: the row at which each moment begins.
        hits: the row of the song that was played, one per moment.
        offsets: logarithm of how many candidates a row stands for, where only some were taken:
            a softmax over a sample would otherwise believe the sampled ones too much.
    """

    rows: NDArray[np.float32]
    starts: NDArray[np.int64]
    hits: NDArray[np.int64]
    offsets: NDArray[np.float64]


def grow_forest(examples: Examples, settings: BoostingSettings, seed: int) -> Forest:
    """Fits a forest; the same examples, settings and seed give the same forest (one thread)."""
    rng = np.random.default_rng(seed)
    cuts = _cuts(examples.rows, settings.bins, rng)
    binned = _binned(examples.rows, cuts)
    bins_used = np.array([len(cut) + 1 for cut in cuts], np.uint32)
    sizes = np.diff(np.append(examples.starts, len(examples.rows)))
    moment = np.repeat(np.arange(len(sizes)), sizes)
    scores = examples.offsets.copy()
    roots: list[Any] = []
    for _ in range(settings.trees):
        gradients, hessians = _gradients(scores, examples, moment)
        grower = TreeGrower(
            X_binned=binned,
            gradients=gradients,
            hessians=hessians,
            n_bins=settings.bins + 1,
            n_bins_non_missing=bins_used,
            max_leaf_nodes=settings.leaves,
            min_samples_leaf=settings.rows_per_leaf_min,
            l2_regularization=settings.ridge,
            feature_fraction_per_split=settings.features_per_split,
            rng=rng,
            shrinkage=settings.learning_rate,
            n_threads=1,
        )
        grower.grow()
        for leaf in grower.finalized_leaves:
            scores[leaf.sample_indices] += leaf.value
        roots.append(grower.root)
    return _flatten(roots, cuts)


def _gradients(
    scores: NDArray[np.float64], examples: Examples, moment: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """First and second derivative of the softmax cross-entropy by each score."""
    highest = np.maximum.reduceat(scores, examples.starts)
    weights = np.exp(scores - highest[moment])
    belief = weights / np.add.reduceat(weights, examples.starts)[moment]
    hessians = np.maximum(belief * (1 - belief), 1e-6).astype(np.float32)
    belief[examples.hits] -= 1
    return belief.astype(np.float32), hessians


def _cuts(
    rows: NDArray[np.float32], bins: int, rng: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Where each feature is cut: values of its own, so that float32 compares exactly."""
    if len(rows) > _BINNING_ROWS:
        rows = rows[np.sort(rng.choice(len(rows), _BINNING_ROWS, replace=False))]
    cuts = []
    for column in rows.T:
        values = np.unique(column)
        if len(values) > bins:
            at = np.linspace(0, 1, bins + 1)[1:-1]
            values = np.unique(np.quantile(column, at, method="lower"))
        else:
            values = values[:-1]
        cuts.append(values.astype(np.float32))
    return cuts


def _binned(rows: NDArray[np.float32], cuts: list[NDArray[np.float32]]) -> NDArray[np.uint8]:
    binned = np.empty(rows.shape, np.uint8, order="F")
    for number, cut in enumerate(cuts):
        binned[:, number] = np.searchsorted(cut, rows[:, number], side="left")
    return binned


def _flatten(roots: list[Any], cuts: list[NDArray[np.float32]]) -> Forest:
    """The grower's linked nodes as arrays; children after their parents."""
    feature: list[int] = []
    threshold: list[float] = []
    children: list[int] = []
    value: list[float] = []
    depth = 0

    def add(node: Any) -> int:
        nonlocal depth
        number = len(feature)
        depth = max(depth, node.depth)
        leaf = bool(node.is_leaf)
        split = node.split_info
        feature.append(0 if leaf else int(split.feature_idx))
        threshold.append(0.0 if leaf else float(cuts[split.feature_idx][split.bin_idx]))
        value.append(float(node.value) if leaf else 0.0)
        children.extend((number, number))
        if not leaf:
            children[2 * number] = add(node.left_child)
            children[2 * number + 1] = add(node.right_child)
        return number

    starts = [add(root) for root in roots]
    return Forest(
        roots=np.array(starts, np.int64),
        feature=np.array(feature, np.int64),
        threshold=np.array(threshold, np.float32),
        children=np.array(children, np.int64),
        value=np.array(value, np.float32),
        depth=depth,
        features=len(cuts),
    )
