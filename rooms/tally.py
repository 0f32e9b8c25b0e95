"""Counting. Pure and exact: integers per (pattern of picks, class of voter).

A *pattern* is the canonical text of a ballot's picks, so that a million ballots for the same
choice are one row. Every method is computed from the patterns on reading; changing a ballot is
minus one here, plus one there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rooms.events import RoundResult
from rooms.ports import TallyRecord
from rooms.states import Tally
from rooms.vote_config import Pick, VoteConfig, VoteType, config_hash

PatternCounts = Mapping[tuple[str, str], int]
"""(pattern, voter_class) → ballots."""

WITHDRAWN = ""
"""The pattern of a ballot that was taken back: kept, counted nowhere."""

_ORDERED = frozenset({VoteType.RANKED, VoteType.BRACKET})


def pattern_of(picks: Iterable[Pick], vote_type: VoteType) -> str:
    """The canonical text of a ballot: ``o2``, ``o1,o3``, ``o1=5,o2=3``, ranked ``o2>o1``."""
    parts = [
        pick.option_id if pick.value is None else f"{pick.option_id}={pick.value}" for pick in picks
    ]
    if vote_type in _ORDERED:
        return ">".join(parts)
    return ",".join(sorted(parts))


def options_of(pattern: str) -> list[str]:
    """The option ids that a pattern names."""
    if not pattern:
        return []
    return [part.split("=", 1)[0] for part in pattern.replace(">", ",").split(",")]


def weight_of(config: VoteConfig, voter_class: str) -> int:
    """The integer weight of a class such as ``audience:web``."""
    weights = config.tally.weights
    match voter_class.split(":", 1)[0]:
        case "artist":
            return weights.artist
        case "jury":
            return weights.jury
        case _:
            return weights.audience


def count(round_id: str, config: VoteConfig, counts: PatternCounts) -> Tally:
    """The tally of a round: weighted votes per option, all options named, votes and voters."""
    options = dict.fromkeys((option.id for option in config.options), 0)
    votes = voters = 0
    for (pattern, voter_class), ballots in counts.items():
        if not pattern or ballots <= 0:
            continue
        weight = weight_of(config, voter_class)
        named = options_of(pattern)
        for option_id in named:
            if option_id in options:
                options[option_id] += weight * ballots
        if weight:
            votes += len(named) * ballots
            voters += ballots
    return Tally(round_id=round_id, options=options, votes=votes, voters=voters)


def result(round_id: str, config: VoteConfig, counts: PatternCounts) -> RoundResult:
    """The final result. A tie is shown as a tie: every leading option is a winner."""
    tally = count(round_id, config, counts)
    best = max(tally.options.values(), default=0)
    quorum_met = tally.voters >= config.quorum
    leading = [key for key, value in tally.options.items() if best > 0 and value == best]
    return RoundResult(
        options=tally.options,
        votes=tally.votes,
        voters=tally.voters,
        winners=tuple(leading) if quorum_met else (),
        config_hash=config_hash(config),
        quorum_met=quorum_met,
    )


def recount(ballots: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Counts from ballots, given as (pattern, voter_class): what the deltas must equal."""
    counts: dict[tuple[str, str], int] = {}
    for key in ballots:
        if key[0] != WITHDRAWN:
            counts[key] = counts.get(key, 0) + 1
    return counts


def absorb(
    tallies: dict[str, dict[tuple[str, str], int]], records: Iterable[TallyRecord]
) -> set[str]:
    """Takes absolute counts over; returns the rounds that changed."""
    touched = set()
    for record in records:
        counts = tallies.setdefault(record.round_id, {})
        counts[(record.pattern, record.voter_class)] = record.ballots
        touched.add(record.round_id)
    return touched
