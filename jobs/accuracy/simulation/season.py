"""Nights, one after the other: people rate, entries are judged, some lists are sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from jobs.accuracy.simulation.dice import Dice
from jobs.accuracy.simulation.nights import SimulatedNight
from jobs.accuracy.simulation.people import Kind, Person, somebody
from rooms.accuracy.clusters import Rater, find_clusters
from rooms.accuracy.confidence import EntryState, judge, voter_class

RATES_SHARE = 0.6
"""Share of the entries that one person rates."""

SEALED_SHARE = 0.5
"""Share of the nights that the artist seals."""

REGULARS = 120
"""Accounts that come back; guests come once."""

TARGETS_EACH = 4
"""Entries that colluders want confirmed though wrong, and as many that they want struck."""

DOORS_BEFORE = timedelta(hours=2)

Ratings = Mapping[str, Mapping[str, int]]
"""Account → entry → 1 or -1."""


class Caps(StrEnum):
    """What is known of clusters."""

    NONE = "none"
    FOUND = "found"
    ALL = "all"


class Judged(Struct, frozen=True):
    """What the rule said of one entry, and what is true."""

    confidence: float
    state: EntryState
    true: bool
    raters: int
    targeted: bool = False

    @property
    def right(self) -> bool:
        """Decided, and rightly."""
        return self.state is (EntryState.CONFIRMED if self.true else EntryState.STRUCK)

    @property
    def wrong(self) -> bool:
        """Decided, and wrongly."""
        return self.state is (EntryState.STRUCK if self.true else EntryState.CONFIRMED)


def targets_of(night: SimulatedNight, dice: Dice) -> frozenset[str]:
    """What colluders of one night aim at."""
    wrong = [entry.entry_id for entry in night.entries if not entry.true]
    true = [entry.entry_id for entry in night.entries if entry.true]
    return frozenset(dice.some(wrong, TARGETS_EACH) + dice.some(true, TARGETS_EACH))


def rate(
    night: SimulatedNight, people: Iterable[Person], targets: Collection[str], dice: Dice
) -> Ratings:
    """Everybody rates a share of the entries, colluders all of their targets."""
    return {
        person.account_id: {
            entry.entry_id: person.rates(entry, targets, dice)
            for entry in night.entries
            if dice.happens(RATES_SHARE)
            or (person.kind is Kind.HOSTILE and entry.entry_id in targets)
        }
        for person in people
    }


def clusters_of(
    night: SimulatedNight, people: Sequence[Person], ratings: Ratings, caps: Caps
) -> dict[str, str]:
    """Account → cluster, by what is known."""
    if caps is Caps.NONE:
        return {}
    if caps is Caps.ALL:
        return {one.account_id: "gang" for one in people if one.kind is Kind.HOSTILE}
    return find_clusters(
        Rater(
            account_id=one.account_id,
            made_at=one.made_at,
            weight=one.weight(night.at),
            ratings=ratings[one.account_id],
            cluster=one.cluster,
        )
        for one in people
    )


def judged(
    night: SimulatedNight,
    people: Sequence[Person],
    ratings: Ratings,
    clusters: Mapping[str, str],
    targets: Collection[str] = (),
) -> list[Judged]:
    """What the rule says of a night's entries."""
    classes = {
        one.account_id: voter_class(one.weight(night.at), clusters.get(one.account_id))
        for one in people
    }
    counts: dict[str, Counter[tuple[int, str]]] = {e.entry_id: Counter() for e in night.entries}
    for account_id, of_person in ratings.items():
        for entry_id, value in of_person.items():
            counts[entry_id][(value, classes[account_id])] += 1
    found = []
    for entry in night.entries:
        said = judge(counts[entry.entry_id])
        raters = said.up + said.down
        targeted = entry.entry_id in targets
        found.append(Judged(said.confidence, said.state, entry.true, raters, targeted))
    return found


def settle_night(night: SimulatedNight, people: Iterable[Person], ratings: Ratings) -> None:
    """The artist seals the list: everybody's ratings are settled by what is true."""
    truth = {entry.entry_id: entry.true for entry in night.entries}
    for person in people:
        for entry_id, value in ratings[person.account_id].items():
            person.learns(truth[entry_id] == (value > 0), night.at)


def regulars(first: SimulatedNight, dice: Dice) -> list[Person]:
    """The accounts of a season, of whom nothing is known yet."""
    doors = first.at - DOORS_BEFORE
    return [
        somebody(f"regular-{number:03d}", doors, dice, account=True) for number in range(REGULARS)
    ]


def audience(
    night: SimulatedNight, known: Sequence[Person], people: int, dice: Dice, name: str
) -> list[Person]:
    """Who rates on one night: half of them regulars, half of them guests of this night."""
    came = dice.some(known, people // 2)
    doors = night.at - DOORS_BEFORE
    guests = [
        somebody(f"{name}-guest-{number:03d}", doors, dice, account=False)
        for number in range(people - len(came))
    ]
    return came + guests


def warm_up(season: Sequence[SimulatedNight], people: int, dice: Dice) -> list[Person]:
    """The regulars after a season in which half of the nights were sealed."""
    known = regulars(season[0], dice)
    for number, night in enumerate(season):
        here = audience(night, known, people, dice, f"warm-{number}")
        ratings = rate(night, here, (), dice)
        if dice.happens(SEALED_SHARE):
            settle_night(night, here, ratings)
    return known
