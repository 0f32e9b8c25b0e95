"""Rounds that follow from a result and open in the same turn: runoffs, and a bracket's stages."""

from __future__ import annotations

import msgspec

from rooms import limits
from rooms.commands import Envelope
from rooms.decide.draft import Draft
from rooms.decide.rounds import new_draft, open_now
from rooms.decide.ties import RunoffPlan
from rooms.events import Match, RoundResult
from rooms.ports import RoundRecord
from rooms.rounds.counting.pairs import pairs_of
from rooms.show import ShowStatus
from rooms.vote_config import Option, PickRule, TallyMethod, VoteConfig, VoteType


def may_open(draft: Draft) -> bool:
    """Whether the show can have one round more."""
    return (
        draft.state.facts.status is ShowStatus.LIVE
        and len(draft.state.rounds) < limits.ROUNDS_PER_SHOW_MAX
    )


def runoff(draft: Draft, record: RoundRecord, final: RoundResult, plan: RunoffPlan) -> RoundRecord:
    """The round between the tied options; it has only the rules after ``runoff``, so it ends."""
    config = record.config
    options = _options(config, plan.tied, final)
    if config.type is VoteType.BRACKET:
        following = _bracket(config, options)
    else:
        following = msgspec.structs.replace(
            config,
            type=VoteType.WEIGHTED if config.type is VoteType.WEIGHTED else VoteType.SINGLE,
            tally=msgspec.structs.replace(config.tally, method=TallyMethod.PLURALITY),
            pick=PickRule(),
            options=options,
        )
    following = msgspec.structs.replace(following, tie=plan.rules)
    return msgspec.structs.replace(
        new_draft(draft, draft.new_id(), following),
        runoff_of=record.round_id,
        stage_of=record.stage_of,
        stage=record.stage,
    )


def next_stage(draft: Draft, record: RoundRecord, final: RoundResult) -> RoundRecord | None:
    """The next stage of a bracket; ``None``: it is won, it waits, or this is none."""
    if record.config.type is not VoteType.BRACKET or not final.quorum_met:
        return None
    stage = draft.state.rounds.get(record.runoff_of or "") or record
    winners = _stage_winners(stage, record, final)
    if winners is None or len(winners) < 2:
        return None
    config = _bracket(stage.config, _options(stage.config, winners, None))
    return msgspec.structs.replace(
        new_draft(draft, draft.new_id(), config),
        stage_of=stage.stage_of or stage.round_id,
        stage=stage.stage + 1,
    )


def open_following(draft: Draft, envelope: Envelope, record: RoundRecord) -> None:
    """Opens it, after the round that it follows from was closed."""
    open_now(draft, envelope, record)
    draft.audit(envelope, "open_round", record.round_id)


def _stage_winners(
    stage: RoundRecord, record: RoundRecord, final: RoundResult
) -> tuple[str, ...] | None:
    """Who advances, in seed order: a runoff's winners stand in for its stage's open matches."""
    matches: tuple[Match, ...] = final.matches
    if stage is not record and stage.result is not None:
        matches = stage.result.matches
    winners = tuple(
        match.winner or next((one for one in final.winners if one in match.options), None)
        for match in matches
    )
    return None if None in winners else tuple(one for one in winners if one is not None)


def _bracket(config: VoteConfig, options: tuple[Option, ...]) -> VoteConfig:
    pairs = len(pairs_of(options))
    most = min(config.pick.max, pairs)
    pick = msgspec.structs.replace(config.pick, min=min(config.pick.min, most), max=most)
    return msgspec.structs.replace(config, options=options, pick=pick)


def _options(
    config: VoteConfig, wanted: tuple[str, ...], result: RoundResult | None
) -> tuple[Option, ...]:
    """The named options in seed order; a queue's are song requests that only the result names."""
    known = {option.id: option for option in config.options}
    labels = {} if result is None else result.labels
    named = [known.get(one) or Option(id=one, label=labels.get(one, one)) for one in wanted]
    places = {option_id: place for place, option_id in enumerate(known)}
    return tuple(sorted(named, key=lambda option: places.get(option.id, len(places))))
