"""Bodies of the calls about rounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from rooms import limits
from rooms.commands import CommandId, Id
from rooms.events import RoundResult
from rooms.rounds.presets import OptionsFrom, Preset, PresetLanguage
from rooms.states import Tally
from rooms.vote_config import Pick, VoteConfig
from server.rounds.asked_config import AskedConfig

Label = Annotated[str, Meta(min_length=1, max_length=limits.TITLE_CHARACTERS_MAX)]
Labels = Annotated[tuple[Label, ...], Meta(max_length=limits.ROUND_OPTIONS_MAX)]


class RoundBody(Struct, frozen=True):
    """``PUT /api/rounds/{id}``."""

    config: AskedConfig


class NewRoundBody(Struct, frozen=True):
    """``POST /api/shows/{id}/rounds``: a ``config`` of one's own, or a ``preset``.

    ``options_from`` fills the options of either from the show; ``labels`` are options in free
    text. ``open`` opens the round at once: a preset and this are one call. A preset asks in
    ``language``.
    """

    config: AskedConfig | None = None
    preset: Preset | None = None
    options_from: OptionsFrom | None = None
    labels: Labels | None = None
    open: bool = False
    language: PresetLanguage = PresetLanguage.EN


class PresetView(Struct, frozen=True):
    """A preset, filled for the show. ``ready``: it can be opened as it is."""

    preset: Preset
    ready: bool
    config: VoteConfig
    options_from: OptionsFrom | None = None


class PresetPage(Struct, frozen=True):
    """The presets, in the order in which they are asked for."""

    items: list[PresetView]


class ExtendBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/extend``: by how many seconds."""

    extend_s: Annotated[int, Meta(ge=1, le=limits.ROUND_DURATION_S_MAX)] = 30


class SupersedeBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/supersede``: what takes its place, and why."""

    config: AskedConfig
    reason: Annotated[str, Meta(max_length=limits.ANNOUNCEMENT_CHARACTERS_MAX)] = ""


class TieBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/tie``: the artist's choice among the tied."""

    option_id: Id


class JuryBody(Struct, frozen=True):
    """``PUT /api/shows/{id}/jury``: all of the jury, by their ids as participants."""

    participant_ids: Annotated[tuple[Id, ...], Meta(max_length=limits.JURY_MAX)]


class JuryView(Struct, frozen=True):
    """The jury, for crew."""

    participant_ids: list[str]


class HeldVote(Struct, frozen=True):
    """A vote that waits for review. ``device``: the same text for the same device."""

    participant_id: str
    display_name: str
    picks: tuple[Pick, ...]
    cast_at: datetime
    device: str | None = None


class HeldPage(Struct, frozen=True):
    """The first `rooms.limits.HELD_VOTES_SHOWN` votes that wait, the oldest first."""

    items: list[HeldVote]


class ReleaseBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/held/release``: whose votes may count."""

    participant_ids: Annotated[tuple[Id, ...], Meta(max_length=limits.HELD_VOTES_SHOWN)]


class VoteBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/vote``."""

    command_id: CommandId
    picks: Annotated[tuple[Pick, ...], Meta(max_length=limits.ROUND_OPTIONS_MAX)]


class VoteView(Struct, frozen=True):
    """A durable vote. ``picks`` as they are kept; ``seq``: the head of the log at the commit."""

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


class OptionResult(Struct, frozen=True):
    """What became of one option.

    Attributes:
        supporters: ballots that speak for it, whatever its score.
    """

    option_id: str
    code: str | None
    label: str
    score: int
    supporters: int | None
    winner: bool


class RoundOutcome(Struct, frozen=True):
    """A round that was opened, with its result as crew sees it.

    Attributes:
        options: in the order of the round; empty while there is no result.
        result: null while the round takes votes, and of one that was cancelled.
        seed_hash: of the seed that the result tells.
    """

    round_id: str
    title: str
    type: str
    method: str
    visibility: str
    status: str
    opened_at: datetime | None
    closed_at: datetime | None
    options: list[OptionResult]
    result: RoundResult | None
    config_hash: str
    seed_hash: str | None
    superseded_by: str | None


class ResultsBody(Struct, frozen=True):
    """``GET /api/shows/{id}/results``: rounds in the order of their making."""

    show_id: str
    title: str
    starts_at: datetime
    rounds: list[RoundOutcome]
