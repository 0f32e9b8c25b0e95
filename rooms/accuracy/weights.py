"""What one person's rating weighs (DOMAIN "Accuracy and trust")."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from rooms.accuracy import rule

_DAY_S = 86_400.0
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Reputation(Struct, frozen=True):
    """Settled ratings of one person, as they counted at a moment.

    Attributes:
        agreements: decayed number of ratings that were right.
        disagreements: decayed number that were wrong.
        as_of: the moment of both.
    """

    agreements: float = 0.0
    disagreements: float = 0.0
    as_of: datetime = _BEGINNING

    def at(self, moment: datetime) -> Reputation:
        """The same, decayed until ``moment``; an earlier moment than ``as_of`` changes nothing."""
        factor = decay(self.as_of, moment)
        return Reputation(
            agreements=self.agreements * factor,
            disagreements=self.disagreements * factor,
            as_of=max(self.as_of, moment),
        )


UNKNOWN = Reputation()
"""Of whom nothing is settled."""


class Weighing(Struct, frozen=True):
    """The rule's intermediate values, so that a person can check its own weight."""

    n: float
    p: float
    k: float
    w: float


def decay(since: datetime, until: datetime) -> float:
    """The share that is left of a settlement: 1 at once, a half after `rule.HALF_LIFE_DAYS`."""
    days = max(0.0, (until - since).total_seconds() / _DAY_S)
    return math.exp2(-days / rule.HALF_LIFE_DAYS)


def reputation_of(settled: Iterable[tuple[bool, datetime]], as_of: datetime) -> Reputation:
    """The reputation that follows from settled ratings: (agreed, settled_at) each.

    The order of ``settled`` does not matter, not even in the last bit.
    """
    right: list[float] = []
    wrong: list[float] = []
    for agreed, settled_at in settled:
        (right if agreed else wrong).append(decay(settled_at, as_of))
    return Reputation(math.fsum(right), math.fsum(wrong), as_of)


def weigh(agreements: float, disagreements: float) -> Weighing:
    """The weight that follows from decayed agreements and disagreements."""
    n = agreements + disagreements
    p = (agreements + rule.PRIOR_AGREEMENTS) / (n + rule.PRIOR_RATINGS)
    distance = p - rule.EXPECTED_ACCURACY
    room = 1.0 - rule.EXPECTED_ACCURACY if distance >= 0 else rule.EXPECTED_ACCURACY
    k = distance / room
    free = 1.0 + k * math.log(1.0 + n, rule.LOGARITHM_BASE)
    return Weighing(n=n, p=p, k=k, w=min(rule.WEIGHT_MAX, max(rule.WEIGHT_MIN, free)))


def rating_weight(
    reputation: Reputation, at: datetime, *, has_account: bool, checked_in: bool
) -> float:
    """What a rating weighs that is given at ``at``: 0.05 to 3.75."""
    now = reputation.at(at)
    weight = weigh(now.agreements, now.disagreements).w
    if not has_account:
        weight *= rule.NO_ACCOUNT_FACTOR
    if checked_in:
        weight *= rule.CHECKED_IN_FACTOR
    return weight
