"""Bodies of the calls about accuracy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rooms.commands import CommandId, Id
from rooms.limits import REASON_CHARACTERS_MAX
from rooms.states import Confidence


class RuleBody(Struct, frozen=True):
    """The rule by which ratings are weighed: its words and its numbers."""

    version: int
    formula: list[str]
    constants: dict[str, float]


class SettledRatingView(Struct, frozen=True):
    """One of your ratings that was settled.

    Attributes:
        title: what stood in the entry when you rated it.
        value: what you said: 1 right, -1 wrong.
        agreed: whether you were right.
        source: who settled it: ``seal``, ``source`` or ``curator``.
        counts: what is left of it now, from 1 down to 0.
    """

    show_id: str
    show_title: str
    entry_id: str
    title: str
    value: int
    agreed: bool
    source: str
    rated_at: datetime
    settled_at: datetime
    counts: float


class ReputationBody(Struct, frozen=True):
    """Your reputation now, with every step of the rule; newest settled ratings first.

    ``weight`` is that of an account that is not checked in. ``next_cursor`` is absent on the
    last page.
    """

    agreements: float
    disagreements: float
    n: float
    p: float
    k: float
    weight: float
    rule_version: int
    items: list[SettledRatingView]
    next_cursor: str | None = None


class ConfidenceBody(Struct, frozen=True):
    """Confidence of the entries that somebody rated or vouched for, in playing order."""

    show_id: str
    seq: int
    sealed: bool
    entries: list[Confidence]


class VerdictBody(Struct, frozen=True):
    """``POST …/setlist/settle``: what a recording or another source says of one entry."""

    command_id: CommandId
    entry_id: Id
    verdict: Literal["played", "not_played"]
    source: Annotated[str, Meta(min_length=1, max_length=REASON_CHARACTERS_MAX, pattern=r"\S")]


class VerdictView(Struct, frozen=True):
    """The verdict is kept; the ratings of the entry are settled by it within moments.

    ``title``: the song that it speaks of.
    """

    entry_id: str
    title: str
    verdict: str
    source: str
