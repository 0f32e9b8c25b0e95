"""``vote_config`` as it is asked for: what is left out gets what its type of round needs.

`VoteConfig` is whole: it is frozen, hashed and published. How many options a ballot names and by
which method it is counted cannot have one default for all types, so it is settled here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from rooms import limits
from rooms.rounds.counting.pairs import pairs_of
from rooms.rounds.problems import METHODS, picks_exactly_one
from rooms.vote_config import (
    Change,
    Fraud,
    Option,
    PickRule,
    TallyMethod,
    TallyRule,
    TieRule,
    Visibility,
    VoteConfig,
    VoteType,
    Weights,
    Who,
    Window,
)

USUAL_BUDGET = 10
"""Points: enough to say "most of it here, a little there", and counted on two hands."""

USUAL_JURY_WEIGHT = 10
"""A juror among an audience: jurors are few, and with the weight of 1 nobody would hear them."""

OptionId = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9_-]+$")]
Count = Annotated[int, Meta(ge=1, le=limits.ROUND_OPTIONS_MAX)]


class AskedOption(Struct, frozen=True):
    """One choice; without an ``id`` it gets the lowest free of ``o1``, ``o2``, …"""

    label: Annotated[str, Meta(min_length=1, max_length=limits.TITLE_CHARACTERS_MAX)]
    id: OptionId | None = None
    code: Annotated[str, Meta(min_length=1, max_length=12, pattern=r"^[A-Za-z0-9]+$")] | None = None
    song_id: Annotated[str, Meta(max_length=64)] | None = None
    entry_id: Annotated[str, Meta(max_length=64)] | None = None


class AskedPick(Struct, frozen=True):
    """How many options a ballot names. Left out: as many as this type of round lets one name."""

    min: Count | None = None
    max: Count | None = None
    budget: Annotated[int, Meta(ge=1, le=1000)] | None = None


class AskedTally(Struct, frozen=True):
    """How it is counted. Left out: by the usual method of this type of round."""

    method: TallyMethod | None = None
    weights: Weights | None = None


class AskedConfig(Struct, frozen=True):
    """A `VoteConfig` with parts left out."""

    title: Annotated[str, Meta(min_length=1, max_length=limits.TITLE_CHARACTERS_MAX)]
    options: Annotated[tuple[AskedOption, ...], Meta(max_length=limits.ROUND_OPTIONS_MAX)] = ()
    v: Annotated[int, Meta(ge=1, le=1)] = 1
    type: VoteType = VoteType.SINGLE
    pick: AskedPick = AskedPick()
    tally: AskedTally = AskedTally()
    window: Window = Window()
    change: Change = Change.UNTIL_CLOSE
    visibility: Visibility = Visibility.AFTER_VOTE
    tie: Annotated[tuple[TieRule, ...], Meta(max_length=8)] = ()
    quorum: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    who: Who = Who()
    fraud: Fraud = Fraud()


def completed(asked: AskedConfig, options: tuple[Option, ...] | None = None) -> VoteConfig:
    """The whole configuration; ``options`` take the place of those that were asked for."""
    if options is None:
        options = _identified(asked.options)
    config = VoteConfig(
        title=asked.title,
        options=options,
        v=asked.v,
        type=asked.type,
        tally=_tally(asked),
        window=asked.window,
        change=asked.change,
        visibility=asked.visibility,
        tie=asked.tie,
        quorum=asked.quorum,
        who=asked.who,
        fraud=asked.fraud,
    )
    return _with_pick(config, asked.pick)


def _identified(options: Sequence[AskedOption]) -> tuple[Option, ...]:
    taken = {option.id for option in options}
    free = (f"o{number}" for number in range(1, 2 * len(options) + 1))
    unused = (name for name in free if name not in taken)
    return tuple(
        Option(
            id=option.id or next(unused),
            label=option.label,
            code=option.code,
            song_id=option.song_id,
            entry_id=option.entry_id,
        )
        for option in options
    )


def _tally(asked: AskedConfig) -> TallyRule:
    usual = Weights()
    if asked.type is VoteType.WEIGHTED:
        usual = Weights(audience=1, artist=0, jury=USUAL_JURY_WEIGHT)
    return TallyRule(
        method=asked.tally.method or METHODS[asked.type][0],
        weights=asked.tally.weights or usual,
    )


def _with_pick(config: VoteConfig, asked: AskedPick) -> VoteConfig:
    least = asked.min or 1
    budget = asked.budget
    if budget is None and config.type is VoteType.POINTS:
        budget = max(USUAL_BUDGET, least)
    pick = PickRule(min=least, max=asked.max or max(least, _most(config)), budget=budget)
    return msgspec.structs.replace(config, pick=pick)


def _most(config: VoteConfig) -> int:
    """How many options one may name where nobody says otherwise."""
    if config.type is VoteType.QUEUE or picks_exactly_one(config):
        return 1
    if config.type is VoteType.BRACKET:
        return max(1, len(pairs_of([option.id for option in config.options])))
    return max(1, len(config.options))
