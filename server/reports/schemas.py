"""Bodies of ``/api/shows/{id}/analytics``."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from rooms.reports.figures import Channels, Delivery, Step


class FunnelStep(Struct, frozen=True):
    """People of the audience who came as far as this. ``people`` is null: withheld."""

    step: Step
    people: int | None


class AnalyticsBody(Struct, frozen=True):
    """How a show goes, or went, in figures. A figure that is null is withheld.

    The lists have one number per piece of ``bucket_s`` seconds; the first begins at
    ``starts_at``. They are empty before the show is live.

    Attributes:
        at: when the figures were looked at.
        live: whether they may still change as people vote.
        vote_rate: ballots by the time at which they were last changed.
        head_count: the most people at once.
        channels: people by how they voted; who did both is in both.
        delivery: texts by what became of them, those by SMS and WhatsApp.
        delivery_rate: delivered ones among those of which the outcome is known, 0 to 1; null:
            none is, or it is withheld.
        funnel: from opening the room to voting in every round.
        withheld_below: groups of fewer people are withheld from this viewer, and figures are
            rounded down to a multiple of it; null: nothing is.
    """

    show_id: str
    at: datetime
    live: bool
    starts_at: datetime | None
    ends_at: datetime | None
    bucket_s: int
    vote_rate: list[int | None]
    head_count: list[int | None]
    channels: dict[Channels, int | None]
    delivery: dict[Delivery, int | None]
    delivery_rate: float | None
    funnel: list[FunnelStep]
    withheld_below: int | None
