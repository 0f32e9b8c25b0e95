"""The final result of a round, before any rule for ties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rooms.events import ClassCount, Elimination, Match, RoundResult
from rooms.rounds.counting.irv import instant_runoff
from rooms.rounds.counting.pairs import bye_of, pairs_of
from rooms.rounds.counting.patterns import (
    PatternCounts,
    channel_of,
    choice_of,
    class_of,
    is_held,
    weight_of,
)
from rooms.rounds.counting.scores import Scores, scores_of, supporters_of
from rooms.vote_config import TallyMethod, VoteConfig, VoteType, config_hash

_CLASSES = ("audience", "artist", "jury")


def counted(config: VoteConfig, counts: PatternCounts) -> PatternCounts:
    """The ballots that count: not withdrawn, of a class that has weight."""
    return {
        key: ballots
        for key, ballots in counts.items()
        if key[0] and ballots > 0 and weight_of(config, key[1])
    }


def weighted(config: VoteConfig, counts: PatternCounts) -> list[tuple[str, int]]:
    """(pattern, ballots times the weight of their class)."""
    return [
        (pattern, ballots * weight_of(config, voter_class))
        for (pattern, voter_class), ballots in counts.items()
    ]


def votes_and_voters(counts: PatternCounts) -> tuple[int, int]:
    """Choices made (picks), and ballots."""
    votes = sum(len(choice_of(pattern)) * ballots for (pattern, _), ballots in counts.items())
    return votes, sum(counts.values())


def result(config: VoteConfig, counts: PatternCounts) -> RoundResult:
    """Counts a round. Every option that shares the highest score is a winner: a tie is a tie."""
    held = counted(config, counts)
    ballots = weighted(config, held)
    option_ids = [option.id for option in config.options]
    votes, voters = votes_and_voters(held)
    quorum_met = voters >= config.quorum
    elimination: tuple[Elimination, ...] = ()
    matches: tuple[Match, ...] = ()
    scores = scores_of(config.tally.method, option_ids, ballots)
    winners = leading(scores)
    if config.tally.method is TallyMethod.IRV:
        runoff = instant_runoff(option_ids, ballots, config_hash(config))
        scores, winners, elimination = runoff.scores, runoff.winners, runoff.rounds
    elif config.type is VoteType.BRACKET:
        matches = matches_of(option_ids, scores)
        winners = tuple(match.winner for match in matches if match.winner is not None)
    return RoundResult(
        options=scores,
        votes=votes,
        voters=voters,
        winners=winners if quorum_met else (),
        config_hash=config_hash(config),
        quorum_met=quorum_met,
        elimination=elimination,
        classes=_classes(config, held),
        channels=voters_by_channel(held),
        matches=matches,
        supporters=supporters_of(option_ids, held),
        held=sum(ballots for (_, kind), ballots in counts.items() if is_held(kind)),
    )


def leading(scores: Scores) -> tuple[str, ...]:
    """The options with the highest score, if that is more than nothing."""
    best = max(scores.values(), default=0)
    return tuple(option_id for option_id, score in scores.items() if best > 0 and score == best)


def matches_of(option_ids: Sequence[str], scores: Scores) -> tuple[Match, ...]:
    """The pairings of a stage with their counts; the odd one out is a match of one."""
    matches = [_match(pair, scores) for pair in pairs_of(option_ids)]
    bye = bye_of(option_ids)
    if bye is not None:
        matches.append(Match((bye,), {bye: scores[bye]}, winner=bye))
    return tuple(matches)


def _match(pair: tuple[str, str], scores: Scores) -> Match:
    one, other = pair
    counts = {one: scores[one], other: scores[other]}
    if counts[one] == counts[other]:
        return Match(pair, counts)
    return Match(pair, counts, winner=max(pair, key=lambda option_id: counts[option_id]))


def _classes(config: VoteConfig, counts: PatternCounts) -> dict[str, ClassCount]:
    """By class of voter, without weights, where more than one class counts."""
    weights = config.tally.weights
    named = [name for name in _CLASSES if getattr(weights, name)]
    if len(named) < 2:
        return {}
    return {name: _of_class(config, counts, name) for name in named}


def _of_class(config: VoteConfig, counts: PatternCounts, name: str) -> ClassCount:
    own = {key: ballots for key, ballots in counts.items() if class_of(key[1]) == name}
    votes, voters = votes_and_voters(own)
    return ClassCount(
        options=scores_of(config.tally.method, _ids(config), _unweighted(own)),
        votes=votes,
        voters=voters,
    )


def _ids(config: VoteConfig) -> Iterable[str]:
    return [option.id for option in config.options]


def _unweighted(counts: PatternCounts) -> list[tuple[str, int]]:
    return [(pattern, ballots) for (pattern, _), ballots in counts.items()]


def voters_by_channel(counts: PatternCounts) -> dict[str, int]:
    """How many voted through which channel."""
    voters: dict[str, int] = {}
    for (_, voter_class), ballots in counts.items():
        channel = channel_of(voter_class)
        voters[channel] = voters.get(channel, 0) + ballots
    return voters
