"""What a ballot may hold, and what follows from it alone."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from rooms.decide.draft import Draft
from rooms.errors import Refused, unknown
from rooms.ports import RoundRecord
from rooms.rounds.counting.pairs import pairs_of
from rooms.rounds.counting.patterns import pattern_of
from rooms.vote_config import Pick, VoteConfig, VoteType

_VALUED = frozenset({VoteType.POINTS, VoteType.UPDOWN})


class Choice(Struct, frozen=True):
    """Picks that were found right, and everything that follows from them alone.

    Attributes:
        record: of the round that they are right in; void when it is another one.
        told: what their voters are answered, the same for all: not to be changed.
    """

    record: RoundRecord
    picks: tuple[Pick, ...]
    pattern: str
    told: dict[str, Any]


def choice_of(draft: Draft, record: RoundRecord, picks: tuple[Pick, ...]) -> Choice:
    """Thousands choose among a few: what is right about a choice is found out once a turn.

    Raises:
        Refused: see `checked_picks`.
    """
    key = (record.round_id, picks)
    choice: Choice | None = draft.noted.get(key)
    if choice is None or choice.record is not record:
        right = checked_picks(record.config, picks)
        pattern = pattern_of(right, record.config.type)
        choice = Choice(record, right, pattern, told(record.round_id, right))
        draft.noted[key] = choice
    return choice


def told(round_id: str, picks: tuple[Pick, ...]) -> dict[str, Any]:
    """What a voter is answered."""
    return {"round_id": round_id, "picks": msgspec.to_builtins(list(picks))}


def checked_picks(config: VoteConfig, picks: tuple[Pick, ...]) -> tuple[Pick, ...]:
    """The picks as they are kept: options that were given no points are left out.

    Raises:
        Refused: ``invalid_picks``, ``invalid_arguments``, ``unknown_option``.
    """
    known = {option.id for option in config.options}
    if config.type is VoteType.POINTS:
        picks = tuple(pick for pick in picks if pick.value != 0)
    rule = config.pick
    if not rule.min <= len(picks) <= rule.max:
        amount = str(rule.min) if rule.min == rule.max else f"{rule.min} to {rule.max}"
        raise _bad(f"Pick {amount}.")
    for pick in picks:
        if pick.option_id not in known:
            raise unknown("option")
    if len({pick.option_id for pick in picks}) != len(picks):
        raise _bad("An option was picked twice.")
    _check_values(config, picks)
    if config.type is VoteType.BRACKET:
        _check_pairs(config, picks)
    return picks


def _check_values(config: VoteConfig, picks: tuple[Pick, ...]) -> None:
    values = [pick.value for pick in picks if pick.value is not None]
    if config.type not in _VALUED:
        if values:
            raise _bad("A pick in this round has no value.")
        return
    if len(values) != len(picks):
        raise _bad("Every pick in this round has a value.")
    if config.type is VoteType.UPDOWN:
        if not set(values) <= {1, -1}:
            raise _bad("A value is 1 or -1.")
        return
    budget = config.pick.budget or 0
    if min(values, default=1) < 1:
        raise _bad("Points are not negative.")
    if sum(values) > budget:
        raise _bad(f"There are {budget} points to give in all.")


def _check_pairs(config: VoteConfig, picks: tuple[Pick, ...]) -> None:
    pairs = pairs_of([option.id for option in config.options])
    pair_of = {option_id: pair for pair in pairs for option_id in pair}
    decided = [pair_of.get(pick.option_id) for pick in picks]
    if None in decided:
        raise _bad("This option has no opponent in this stage.")
    if len(set(decided)) != len(decided):
        raise _bad("Pick one of each pair.")


def _bad(detail: str) -> Refused:
    return Refused("invalid_picks", detail, status=400)
