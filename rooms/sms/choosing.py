"""Which options of a round a text chooses.

By code (``2``, ``#2``, ``no. 2``), by name, or by the beginning of a name that no other option has;
several with commas, *and*, ``+`` or line breaks. What only resembles a name is asked about, never
counted. How often that goes wrong on real titles: docs/sms.md.

====================  ==============================  =========================================
round                 a text                          means
====================  ==============================  =========================================
single, weighted      ``2``                           that one
approval              ``1, 3`` ``1 and 3``            both
ranked                ``2,1,3`` ``2 > 1 > 3``         in this order
points                ``1=3 2=1``; ``2``              3 and 1 points; all points
updown                ``+1 -2`` ``1+ 2-``; ``2``      for 1, against 2; for 2
bracket               ``1, 4``                        one of each pair
queue                 ``Blue Sky``                    a wish, or support of the same wish
====================  ==============================  =========================================
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from rooms import limits
from rooms.rounds.counting.pairs import pairs_of
from rooms.rounds.problems import picks_exactly_one
from rooms.sms.naming import Named, Unclear, Unheard, ballot_of
from rooms.sms.valued import signed, spent
from rooms.vote_config import Option, Pick, VoteConfig, VoteType


class Chosen(Struct, frozen=True, tag="chosen"):
    """What the ballot will hold; ``options`` are those of ``picks``, in their order."""

    picks: tuple[Pick, ...]
    options: tuple[Option, ...]


class Wished(Struct, frozen=True, tag="wished"):
    """A title for a ``queue`` round, whose options are wishes."""

    title: str


class AskBack(Struct, frozen=True, tag="ask_back"):
    """Options that may be meant, the likeliest first; at most `limits.SMS_CANDIDATES_MAX`."""

    options: tuple[Option, ...]


class Fault(StrEnum):
    """What is wrong with a choice."""

    EMPTY = "empty"
    NO_SUCH_OPTION = "no_such_option"
    """A number that is no option's. ``amount`` is that number."""
    NOT_UNDERSTOOD = "not_understood"
    TOO_FEW = "too_few"
    """``amount`` is how many are needed."""
    TWICE = "twice"
    OVER_BUDGET = "over_budget"
    """``amount`` is how many points there are."""
    VALUES_MISSING = "values_missing"
    SAME_PAIR = "same_pair"
    NO_OPPONENT = "no_opponent"
    NAME_WANTED = "name_wanted"
    """Wishes are named, not numbered."""


class Malformed(Struct, frozen=True, tag="malformed"):
    """No ballot, and why; `Fault` says what ``amount`` is."""

    fault: Fault
    amount: int | None = None


class TooMany(Struct, frozen=True, tag="too_many"):
    """More options than the round takes."""

    max: int


_NO = re.compile(r"\bno\s+\d", re.IGNORECASE)

Choice = Chosen | Wished | AskBack | Malformed | TooMany


def choose(config: VoteConfig, text: str) -> Choice:
    """What a text chooses in a round.

    Args:
        text: `rooms.sms.intents.Vote.text`, made readable.
    """
    if not any(sign.isalnum() for sign in text):
        return Malformed(Fault.EMPTY)
    match config.type:
        case VoteType.QUEUE:
            named = any(sign.isalpha() for sign in text)
            return Wished(text) if named else Malformed(Fault.NAME_WANTED)
        case VoteType.POINTS:
            return _points(config, text)
        case VoteType.UPDOWN:
            return _updown(config, text)
        case _:
            return _options(config, text)


def _options(config: VoteConfig, text: str) -> Choice:
    several = 1 if picks_exactly_one(config) else config.pick.max
    heard = ballot_of(config.options).hear(text, several=several > 1)
    if not isinstance(heard, Named):
        return _not_heard(heard)
    options = heard.options
    if config.type is VoteType.RANKED and len(set(options)) < len(options):
        return Malformed(Fault.TWICE)
    options = tuple(dict.fromkeys(options))
    if len(options) > several:
        return TooMany(several)
    if len(options) < config.pick.min:
        return Malformed(Fault.TOO_FEW, config.pick.min)
    if config.type is VoteType.BRACKET:
        fault = _bracket_fault(config, options)
        if fault is not None:
            return Malformed(fault)
    return Chosen(tuple(Pick(option.id) for option in options), options)


def _bracket_fault(config: VoteConfig, options: Sequence[Option]) -> Fault | None:
    pairs = pairs_of([option.id for option in config.options])
    pair_of = {option_id: pair for pair in pairs for option_id in pair}
    decided = [pair_of.get(option.id) for option in options]
    if None in decided:
        return Fault.NO_OPPONENT
    return Fault.SAME_PAIR if len(set(decided)) < len(decided) else None


def _updown(config: VoteConfig, text: str) -> Choice:
    if _NO.search(text):
        return Malformed(Fault.NOT_UNDERSTOOD)  # "no 2": number two, or against it?
    ballot = ballot_of(config.options)
    found: list[tuple[Option, int]] = []
    for piece, value in signed(text):
        heard = ballot.hear(piece, several=True)
        if not isinstance(heard, Named):
            return _not_heard(heard)
        found += [(option, value) for option in heard.options]
    return _valued(config, found)


def _points(config: VoteConfig, text: str) -> Choice:
    ballot, budget = ballot_of(config.options), config.pick.budget or 0
    pieces = spent(text)
    if pieces is None:
        heard = ballot.hear(text, several=True)
        if not isinstance(heard, Named):
            return _not_heard(heard)
        if len(heard.options) != 1:
            return Malformed(Fault.VALUES_MISSING)
        return _valued(config, [(heard.options[0], budget)])
    found: list[tuple[Option, int]] = []
    for piece, value in pieces:
        heard = ballot.hear(piece, several=False)
        if not isinstance(heard, Named):
            return _not_heard(heard)
        if len(heard.options) != 1:
            return Malformed(Fault.VALUES_MISSING)
        found.append((heard.options[0], value))
    if sum(value for _, value in found) > budget:
        return Malformed(Fault.OVER_BUDGET, budget)
    return _valued(config, [(option, value) for option, value in found if value])


def _valued(config: VoteConfig, found: Sequence[tuple[Option, int]]) -> Choice:
    options = tuple(option for option, _ in found)
    if len(set(options)) < len(options):
        return Malformed(Fault.TWICE)
    if len(options) > config.pick.max:
        return TooMany(config.pick.max)
    if len(options) < config.pick.min:
        return Malformed(Fault.TOO_FEW, config.pick.min)
    return Chosen(tuple(Pick(option.id, value) for option, value in found), options)


def _not_heard(heard: Unclear | Unheard) -> Choice:
    match heard:
        case Unclear(options=options):
            return AskBack(options[: limits.SMS_CANDIDATES_MAX])
        case Unheard(number=None):
            return Malformed(Fault.NOT_UNDERSTOOD)
        case Unheard(number=number):
            return Malformed(Fault.NO_SUCH_OPTION, number)
