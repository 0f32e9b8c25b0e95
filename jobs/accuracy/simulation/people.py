"""Raters who are made up: honest, careless and hostile."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from jobs.accuracy.simulation.dice import Dice
from jobs.accuracy.simulation.nights import SimulatedEntry
from rooms.accuracy.weights import UNKNOWN, Reputation, rating_weight

HONEST_ACCURACY = (0.88, 0.98)
CARELESS_ACCURACY = (0.55, 0.8)
HARDER_BY = 0.25
"""How much less often people are right about a hard entry."""

HONEST_SHARE = 0.7
"""Of those who are not hostile; the others are careless."""

ACCOUNT_SHARE = 0.5
CHECKED_IN_SHARE = 0.5


class Kind(StrEnum):
    """What people are like."""

    HONEST = "honest"
    CARELESS = "careless"
    HOSTILE = "hostile"


class Person(Struct):
    """One rater.

    Attributes:
        accuracy: how often it is right about an ordinary entry, if it wants to be.
        cluster: that it was found in before.
    """

    account_id: str
    kind: Kind
    accuracy: float
    has_account: bool
    checked_in: bool
    made_at: datetime
    reputation: Reputation = UNKNOWN
    cluster: str | None = None

    def weight(self, at: datetime) -> float:
        """What its rating weighs."""
        return rating_weight(
            self.reputation, at, has_account=self.has_account, checked_in=self.checked_in
        )

    def rates(self, entry: SimulatedEntry, targets: Collection[str], dice: Dice) -> int:
        """What it says of an entry: 1 or -1. Hostile people lie about their targets, and say of
        everything else what they believe, so as not to stand out."""
        if self.kind is Kind.HOSTILE and entry.entry_id in targets:
            return -1 if entry.true else 1
        right = dice.happens(self.accuracy - (HARDER_BY if entry.hard else 0.0))
        return 1 if right == entry.true else -1

    def learns(self, agreed: bool, at: datetime) -> None:
        """A rating of its was settled."""
        now = self.reputation.at(at)
        self.reputation = Reputation(now.agreements + agreed, now.disagreements + (not agreed), at)


def somebody(
    account_id: str, doors: datetime, dice: Dice, *, account: bool | None = None
) -> Person:
    """An honest or careless person. Guests are made at the doors, accounts were made before."""
    has_account = dice.happens(ACCOUNT_SHARE) if account is None else account
    honest = dice.happens(HONEST_SHARE)
    return Person(
        account_id=account_id,
        kind=Kind.HONEST if honest else Kind.CARELESS,
        accuracy=dice.between(*(HONEST_ACCURACY if honest else CARELESS_ACCURACY)),
        has_account=has_account,
        checked_in=dice.happens(CHECKED_IN_SHARE),
        made_at=doors
        - (timedelta(days=dice.between(1, 700)) if has_account else _minutes(dice.between(0, 90))),
    )


class Gang(StrEnum):
    """What hostile people come with."""

    GUESTS = "guests"
    NEW_ACCOUNTS = "new accounts"
    AGED_ACCOUNTS = "aged accounts"


AGED_AGREEMENTS = 40.0
"""What an aged account was right about before it lies: it weighs 2.97, as much as one may."""


def gang(kind: Gang, people: int, doors: datetime, dice: Dice, name: str) -> list[Person]:
    """People who collude. None of them is at the show. Guests hide among those who come in at the
    doors, new accounts were made within a quarter of an hour, aged ones on different days."""
    aged = kind is Gang.AGED_ACCOUNTS
    return [
        Person(
            account_id=f"{name}-{number:03d}",
            kind=Kind.HOSTILE,
            accuracy=dice.between(*HONEST_ACCURACY),
            has_account=kind is not Gang.GUESTS,
            checked_in=False,
            made_at=doors - _age(kind, dice),
            reputation=Reputation(AGED_AGREEMENTS, 0.0, doors) if aged else UNKNOWN,
        )
        for number in range(people)
    ]


def _age(kind: Gang, dice: Dice) -> timedelta:
    match kind:
        case Gang.GUESTS:
            return _minutes(dice.between(0, 90))
        case Gang.NEW_ACCOUNTS:
            return timedelta(days=2) + _minutes(dice.between(0, 15))
        case Gang.AGED_ACCOUNTS:
            return timedelta(days=dice.between(100, 700))


def _minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)
