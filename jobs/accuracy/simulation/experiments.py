"""The questions: how many raters, how well calibrated, where it breaks, and for how long."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from statistics import fmean

from msgspec import Struct

from jobs.accuracy.simulation.dice import Dice
from jobs.accuracy.simulation.nights import SimulatedNight
from jobs.accuracy.simulation.people import Gang, Person, gang
from jobs.accuracy.simulation.season import (
    DOORS_BEFORE,
    Caps,
    Judged,
    audience,
    clusters_of,
    judged,
    rate,
    regulars,
    settle_night,
    targets_of,
    warm_up,
)
from rooms.accuracy.confidence import EntryState

BINS = 10
WRONG_MAX = 0.05
"""Where more than this share of the targets is decided wrongly, the model is called broken."""


class Measured(Struct, frozen=True):
    """What the rule made of a set of entries.

    Attributes:
        leaning: share of the entries whose C is on the true side of one half.
        right, wrong: shares of the entries that were decided so; the rest is disputed.
        confirmed_wrong, struck_wrong: shares of the wrong entries that were confirmed, and of
            the true ones that were struck.
        brier: mean squared difference of C and the truth (Brier 1950).
        raters: on one entry, on average.
    """

    entries: int
    leaning: float
    right: float
    wrong: float
    confirmed_wrong: float
    struck_wrong: float
    brier: float
    raters: float


class Bin(Struct, frozen=True):
    """One bin of the reliability diagram: entries with such a C, and how many were true."""

    entries: int
    confidence: float
    true: float


def measure(found: Sequence[Judged]) -> Measured:
    """Counts."""
    wrong_ones = [one for one in found if not one.true]
    true_ones = [one for one in found if one.true]
    return Measured(
        entries=len(found),
        leaning=_share((one.confidence > 0.5) is one.true for one in found),
        right=_share(one.right for one in found),
        wrong=_share(one.wrong for one in found),
        confirmed_wrong=_share(one.state is EntryState.CONFIRMED for one in wrong_ones),
        struck_wrong=_share(one.state is EntryState.STRUCK for one in true_ones),
        brier=fmean((one.confidence - one.true) ** 2 for one in found) if found else 0.0,
        raters=fmean(one.raters for one in found) if found else 0.0,
    )


def reliability(found: Sequence[Judged]) -> list[Bin]:
    """Entries by their C in ten equal bins; empty ones are left out."""
    bins: list[list[Judged]] = [[] for _ in range(BINS)]
    for one in found:
        bins[min(int(one.confidence * BINS), BINS - 1)].append(one)
    return [
        Bin(
            entries=len(some),
            confidence=fmean(one.confidence for one in some),
            true=_share(one.true for one in some),
        )
        for some in bins
        if some
    ]


def by_raters(
    season: Sequence[SimulatedNight], raters: Sequence[int], known: Sequence[Person], seed: str
) -> dict[int, list[Judged]]:
    """Every entry rated by exactly so many of a crowd, half of them guests."""
    found: dict[int, list[Judged]] = {}
    for count in raters:
        dice = Dice(f"{seed} {count}")
        of_count: list[Judged] = []
        for number, night in enumerate(season):
            crowd = audience(night, known, 60, dice, f"{count}-{number}")
            for entry in night.entries:
                some = dice.some(crowd, count)
                ratings = {
                    one.account_id: {entry.entry_id: one.rates(entry, (), dice)} for one in some
                }
                alone = SimulatedNight(night.at, (entry,))
                of_count.extend(judged(alone, some, ratings, {}))
        found[count] = of_count
    return found


def attacked(
    season: Sequence[SimulatedNight],
    known: Sequence[Person],
    people: int,
    share: float,
    kind: Gang,
    seed: str,
) -> dict[Caps, list[Judged]]:
    """Each night on its own: a share of its raters colludes. The same ratings are judged three
    times, by what is known of clusters."""
    found: dict[Caps, list[Judged]] = {caps: [] for caps in Caps}
    hostile = round(share * people)
    for number, night in enumerate(season):
        dice = Dice(f"{seed} {number} {share} {kind.value}")
        crowd = audience(night, known, people - hostile, dice, f"night-{number}")
        doors = night.at - DOORS_BEFORE
        here = crowd + gang(kind, hostile, doors, dice, f"gang-{number}")
        targets = targets_of(night, dice)
        ratings = rate(night, here, targets, dice)
        for caps, of_caps in found.items():
            clusters = clusters_of(night, here, ratings, caps)
            of_caps.extend(judged(night, here, ratings, clusters, targets))
    return found


class Phase(Struct, frozen=True):
    """One sealed night of an attack that goes on: the gang's mean weight before it, and what
    became of its targets."""

    night: int
    weight: float
    wrong: float


def persistent(
    season: Sequence[SimulatedNight],
    known: Sequence[Person],
    people: int,
    share: float,
    seed: str,
) -> list[Phase]:
    """The same gang of aged accounts attacks night after night, and every night is sealed."""
    crowd = copy.deepcopy(list(known))
    dice = Dice(seed)
    first = season[0].at - DOORS_BEFORE
    hostile = gang(Gang.AGED_ACCOUNTS, round(share * people), first, dice, "gang")
    phases: list[Phase] = []
    for number, night in enumerate(season, 1):
        here = audience(night, crowd, people - len(hostile), dice, f"n{number}") + hostile
        targets = targets_of(night, dice)
        ratings = rate(night, here, targets, dice)
        found = judged(night, here, ratings, {}, targets)
        wrong = measure([one for one in found if one.targeted]).wrong
        weight = fmean(one.weight(night.at) for one in hostile)
        phases.append(Phase(number, weight, wrong))
        settle_night(night, here, ratings)
    return phases


def newcomers(season: Sequence[SimulatedNight], seed: str) -> list[Person]:
    """Regulars of whom nothing is settled."""
    return regulars(season[0], Dice(seed))


def experienced(season: Sequence[SimulatedNight], people: int, seed: str) -> list[Person]:
    """Regulars after a season."""
    return warm_up(season, people, Dice(seed))


def honest_in_clusters(
    season: Sequence[SimulatedNight], known: Sequence[Person], people: int, seed: str
) -> float:
    """Share of people who belong to no gang and are put into a cluster of more than two."""
    wrongly = total = 0
    for number, night in enumerate(season):
        dice = Dice(f"{seed} {number}")
        here = audience(night, known, people, dice, f"night-{number}")
        ratings = rate(night, here, (), dice)
        found = list(clusters_of(night, here, ratings, Caps.FOUND).values())
        wrongly += sum(found.count(cluster) for cluster in set(found) if found.count(cluster) > 2)
        total += len(here)
    return wrongly / total


def calibration_error(bins: Sequence[Bin]) -> float:
    """How far C is from the truth over the bins, on average (expected calibration error)."""
    entries = sum(one.entries for one in bins)
    return sum(one.entries * abs(one.confidence - one.true) for one in bins) / max(entries, 1)


def breaks_at(wrong_by_share: Sequence[tuple[float, float]]) -> float | None:
    """The smallest share of colluders at which too much is decided wrongly."""
    return next((share for share, wrong in wrong_by_share if wrong > WRONG_MAX), None)


def _share(flags: Iterable[bool]) -> float:
    counted = list(flags)
    return sum(counted) / len(counted) if counted else 0.0
