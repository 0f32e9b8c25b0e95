"""The figures of a show. Pure.

Every count goes with the number of different people behind it: two texts to one person are two
texts and one person, and it is people whom a small group would give away.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Count(Struct, frozen=True, array_like=True):
    """How many, and how many people are behind them."""

    many: int
    people: int


NOTHING = Count(0, 0)


def of_people(people: int) -> Count:
    """A count of people themselves."""
    return Count(people, people)


class Step(StrEnum):
    """A step from coming to voting, in order. Each is a part of `OPENED`."""

    OPENED = "opened"
    """Opened the room, or texted its code."""
    JOINED = "joined"
    """Were let in: whoever only watches a show that asks for its code was not."""
    CONFIRMED = "confirmed"
    """Are known to be there: in the app, or by a phone that said CONFIRM. Somebody who is
    pending may vote, so that this can be fewer than those who voted."""
    VOTED = "voted"
    """Have a vote in a round."""
    VOTED_IN_ALL = "voted_in_all"
    """Have one in every round that was closed."""


class Delivery(StrEnum):
    """What became of texts. Whoever withdrew one before it went is in none."""

    QUEUED = "queued"
    """Wait, are under way, or were handed over with nobody knowing whether they were taken."""
    SENT = "sent"
    """The carrier has them and has not said more."""
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    """Their phones said STOP."""


class Channels(StrEnum):
    """The ways to vote."""

    WEB = "web"
    SMS = "sms"


class Totals(Struct, frozen=True):
    """The figures of a show that have no time, by their names."""

    funnel: dict[Step, Count]
    channels: dict[Channels, Count]
    delivery: dict[Delivery, Count]

    def cells(self) -> dict[str, Count]:
        """All of them by one name each, such as ``funnel.voted``."""
        return {
            **{f"funnel.{name.value}": count for name, count in self.funnel.items()},
            **{f"channels.{name.value}": count for name, count in self.channels.items()},
            **{f"delivery.{name.value}": count for name, count in self.delivery.items()},
        }
