"""A show's life, as far as its room knows it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class ShowStatus(StrEnum):
    """``draft → published → live → closed → archived``; ``cancelled`` from the first three."""

    DRAFT = "draft"
    PUBLISHED = "published"
    LIVE = "live"
    CLOSED = "closed"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class Access(StrEnum):
    """``public``; ``private``: code or invitation; ``hybrid``: watch freely, vote with a code."""

    PUBLIC = "public"
    PRIVATE = "private"
    HYBRID = "hybrid"


TRANSITIONS: dict[ShowStatus, frozenset[ShowStatus]] = {
    ShowStatus.DRAFT: frozenset({ShowStatus.PUBLISHED, ShowStatus.CANCELLED}),
    ShowStatus.PUBLISHED: frozenset({ShowStatus.LIVE, ShowStatus.CANCELLED}),
    ShowStatus.LIVE: frozenset({ShowStatus.CLOSED, ShowStatus.CANCELLED}),
    ShowStatus.CLOSED: frozenset({ShowStatus.ARCHIVED}),
    ShowStatus.ARCHIVED: frozenset(),
    ShowStatus.CANCELLED: frozenset(),
}
"""The only legal transitions."""


def is_announced(status: ShowStatus, join_code: str | None) -> bool:
    """Whether anybody but its crew may know of a show: not of a draft, nor of one that was
    cancelled as a draft, which took its code away."""
    if status is ShowStatus.CANCELLED:
        return join_code is not None
    return status is not ShowStatus.DRAFT


class ShowFacts(Struct, frozen=True):
    """What a room shows of its show. Times are UTC. ``takes_sms``: fans may vote by SMS.
    ``time_zone``: the venue's, by its IANA name, where its city is known."""

    show_id: str
    slug: str
    title: str
    status: ShowStatus
    access: Access
    starts_at: datetime
    artists: tuple[str, ...] = ()
    venue: str | None = None
    city: str | None = None
    country: str | None = None
    takes_sms: bool = False
    time_zone: str | None = None
