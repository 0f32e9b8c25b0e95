"""How sure an entry is, from its ratings by class of rater."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from rooms.accuracy import rule

_AT = "@"


class EntryState(StrEnum):
    """What the ratings say of an entry."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    STRUCK = "struck"


class RatingGroup(Struct, frozen=True):
    """Ratings that count alike: one value, one weight, one cluster (``None``: independent)."""

    value: int
    weight: float
    cluster: str | None
    people: int


class Judgement(Struct, frozen=True):
    """What a set of ratings comes to.

    Attributes:
        confidence: C, over 0 and under 1.
        up: people who say that it is right.
        down: people who say that it is wrong.
        weight: the sum of their weights, clusters capped.
    """

    confidence: float
    state: EntryState
    up: int
    down: int
    weight: float


def voter_class(weight: float, cluster: str | None) -> str:
    """What a rating is counted by: ``0.625`` or ``1.250@c1f2e3d4a5b6``."""
    steps = max(1, round(weight / rule.WEIGHT_STEP))
    text = f"{steps * rule.WEIGHT_STEP:.3f}"
    return f"{text}{_AT}{cluster}" if cluster else text


def group(value: int, counted_by: str, people: int) -> RatingGroup:
    """Reads a `voter_class` back.

    Raises:
        ValueError: it is none.
    """
    weight, _, cluster = counted_by.partition(_AT)
    return RatingGroup(value, float(weight), cluster or None, people)


def judge(counts: Mapping[tuple[int, str], int]) -> Judgement:
    """Confidence from counted ratings: (value, voter class) → people."""
    return judge_groups(
        group(value, counted_by, people)
        for (value, counted_by), people in counts.items()
        if value and people > 0
    )


def judge_groups(groups: Iterable[RatingGroup]) -> Judgement:
    """Confidence from groups of ratings; their order does not matter.

    The members of a cluster that together weigh more than `rule.CLUSTER_WEIGHT_MAX` on this
    entry are scaled down to it, each by the same factor.
    """
    every = list(groups)
    scale = _cluster_scales(every)
    up = math.fsum(_counted(one, scale) for one in every if one.value > 0)
    weight = math.fsum(_counted(one, scale) for one in every)
    confidence = (rule.PRIOR_UP + up) / (rule.PRIOR_WEIGHT + weight)
    independent = _independent(one for one in every if one.value > 0)
    return Judgement(
        confidence=confidence,
        state=_state(confidence, weight, independent),
        up=sum(one.people for one in every if one.value > 0),
        down=sum(one.people for one in every if one.value < 0),
        weight=weight,
    )


def _counted(one: RatingGroup, scale: Mapping[str, float]) -> float:
    return one.weight * one.people * (scale[one.cluster] if one.cluster else 1.0)


def _cluster_scales(groups: list[RatingGroup]) -> dict[str, float]:
    weights: dict[str, list[float]] = {}
    for one in groups:
        if one.cluster:
            weights.setdefault(one.cluster, []).append(one.weight * one.people)
    return {
        cluster: min(1.0, rule.CLUSTER_WEIGHT_MAX / math.fsum(of_members))
        for cluster, of_members in weights.items()
    }


def _independent(groups: Iterable[RatingGroup]) -> int:
    """How many independent clusters speak; a person in none is one of its own."""
    alone = 0
    clusters: set[str] = set()
    for one in groups:
        if one.cluster:
            clusters.add(one.cluster)
        else:
            alone += one.people
    return alone + len(clusters)


_ROUNDING = 1e-9
"""Sums of decimal weights miss a threshold they meet by less than this."""


def _state(confidence: float, weight: float, independent: int) -> EntryState:
    if weight < rule.DECIDED_FROM_WEIGHT - _ROUNDING:
        return EntryState.DISPUTED
    if confidence <= rule.STRUCK_UNTIL + _ROUNDING:
        return EntryState.STRUCK
    sure = confidence >= rule.CONFIRMED_FROM - _ROUNDING
    if sure and independent >= rule.INDEPENDENT_CLUSTERS_MIN:
        return EntryState.CONFIRMED
    return EntryState.DISPUTED
