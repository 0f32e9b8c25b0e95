"""Tie rules: applied in the order of the configuration until every contest has one winner.

A *contest* is a set of options of which one must win: the leading options of a round, or each
pairing of a bracket that ended level. A bracket goes on in any case: where no rule decides, the
option that was listed first advances (``seed_order``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from msgspec import Struct

from rooms import limits
from rooms.errors import Refused
from rooms.events import Match, RoundResult
from rooms.ports import RoundRecord
from rooms.rounds.counting.ties import drawn_from
from rooms.vote_config import TieRule

AWAITED = "artist_awaited"
"""``tie_rule`` while the artist has not chosen."""

SEED_ORDER = "seed_order"
"""``tie_rule`` of a bracket whose rules decided nothing."""


class RunoffPlan(Struct, frozen=True):
    """A runoff is to be opened: between whom, and what applies if that ends level too."""

    tied: tuple[str, ...]
    rules: tuple[TieRule, ...]


def settled(
    record: RoundRecord, final: RoundResult, *, may_open: bool
) -> tuple[RoundResult, RunoffPlan | None]:
    """The result after the tie rules.

    Args:
        may_open: whether another round can be opened; otherwise ``runoff`` is passed over.
    """
    contests = contests_of(final)
    if not contests or not final.quorum_met:
        return unsealed(record, final), None
    tied = tuple(option_id for contest in contests for option_id in contest)
    final = msgspec.structs.replace(final, tied=tied)
    rules = record.config.tie
    for index, rule in enumerate(rules):
        match rule:
            case TieRule.RUNOFF:
                if may_open and len(tied) <= limits.ROUND_OPTIONS_MAX:
                    ruled = _ruled(record, final, rule)
                    return ruled, RunoffPlan(tied, rules[index + 1 :])
            case TieRule.ARTIST:
                return msgspec.structs.replace(final, tie_rule=AWAITED), None
            case TieRule.SEEDED_RANDOM:
                return _ruled(record, _drawn(record, final), rule), None
    if final.matches:
        return _ruled(record, _won(final, lambda contest: contest[0]), SEED_ORDER), None
    return unsealed(record, msgspec.structs.replace(final, tied=())), None


def contests_of(result: RoundResult) -> list[tuple[str, ...]]:
    """The ties that stand in a result."""
    if result.matches:
        return [match.options for match in result.matches if match.winner is None]
    return [result.winners] if len(result.winners) > 1 else []


def chosen(result: RoundResult, option_id: str) -> RoundResult:
    """The result with the artist's choice in one of its contests.

    Raises:
        Refused: ``not_tied``.
    """
    if not any(option_id in contest for contest in contests_of(result)):
        raise Refused("not_tied", "This option is not among those that are tied.", status=400)
    result = _won(result, lambda contest: option_id if option_id in contest else None)
    if contests_of(result):
        return result
    return msgspec.structs.replace(result, tie_rule=TieRule.ARTIST.value)


def without_the_artist(record: RoundRecord, result: RoundResult) -> RoundResult | None:
    """A result that waited for the artist in vain; ``None``: no further rule decides it."""
    if TieRule.SEEDED_RANDOM in record.config.tie:
        drawn = _drawn(record, result)
        return msgspec.structs.replace(drawn, tie_rule=TieRule.SEEDED_RANDOM.value)
    if result.matches:
        won = _won(result, lambda contest: contest[0])
        return msgspec.structs.replace(won, tie_rule=SEED_ORDER)
    return None


def unsealed(record: RoundRecord, result: RoundResult) -> RoundResult:
    """The result with its seed, unless a draw by that seed may still come."""
    if result.tie_rule == AWAITED:
        return result
    return msgspec.structs.replace(result, seed=record.seed)


def _ruled(record: RoundRecord, result: RoundResult, rule: str) -> RoundResult:
    return unsealed(record, msgspec.structs.replace(result, tie_rule=str(rule)))


def _drawn(record: RoundRecord, result: RoundResult) -> RoundResult:
    # A round whose rules hold a draw was given a seed when it opened; one that was opened by a
    # version without seeds draws by its own hash, which was public before the first vote.
    seed = record.seed or record.config_hash
    return _won(result, lambda contest: drawn_from(contest, seed))


def _won(result: RoundResult, winner_of: Callable[[tuple[str, ...]], str | None]) -> RoundResult:
    """The result with winners for those contests that ``winner_of`` names one for."""
    if not result.matches:
        winner = winner_of(result.winners)
        return result if winner is None else msgspec.structs.replace(result, winners=(winner,))
    matches = tuple(_decided(match, winner_of) for match in result.matches)
    return msgspec.structs.replace(result, matches=matches, winners=winners_of(matches))


def _decided(match: Match, winner_of: Callable[[tuple[str, ...]], str | None]) -> Match:
    if match.winner is not None:
        return match
    return msgspec.structs.replace(match, winner=winner_of(match.options))


def winners_of(matches: Iterable[Match]) -> tuple[str, ...]:
    """Who won in a stage, in seed order."""
    return tuple(match.winner for match in matches if match.winner is not None)
