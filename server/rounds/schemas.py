"""Bodies of the calls about rounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from rooms import limits
from rooms.commands import CommandId
from rooms.events import RoundResult
from rooms.states import Tally
from rooms.vote_config import Pick, VoteConfig


class RoundBody(Struct, frozen=True):
    """``POST /api/shows/{id}/rounds`` and ``PUT /api/rounds/{id}``."""

    config: VoteConfig


class ExtendBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/extend``: by how many seconds."""

    extend_s: Annotated[int, Meta(ge=1, le=limits.ROUND_DURATION_S_MAX)] = 30


class VoteBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/vote``."""

    command_id: CommandId
    picks: Annotated[tuple[Pick, ...], Meta(max_length=limits.ROUND_OPTIONS_MAX)]


class VoteView(Struct, frozen=True):
    """A durable vote. ``seq``: the head of the log at the commit."""

    round_id: str
    picks: tuple[Pick, ...]
    seq: int


class RoundBodyView(Struct, frozen=True, omit_defaults=True):
    """A round as the caller may see it: ``tally`` and ``result`` only where it may.

    ``id`` and ``round_id`` are the same: the one is what HTTP calls every thing's own id, the
    other what the room's messages call it.
    """

    id: str
    round_id: str
    show_id: str
    status: str
    config: VoteConfig
    config_hash: str
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    result: RoundResult | None = None
    tally: Tally | None = None
    seed_hash: str | None = None
    runoff_of: str | None = None
    stage_of: str | None = None
    stage: int = 1
    supersedes: str | None = None
    superseded_by: str | None = None


class RoundPage(Struct, frozen=True):
    """All rounds of a show, in the order of their creation."""

    items: list[RoundBodyView]
