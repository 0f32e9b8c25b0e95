"""The life of a round: drafts, opening, extending, revealing, correcting, taking away.

How a round ends is in `rooms.decide.closing`, what fans do in it in `rooms.decide.votes`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from rooms import limits
from rooms.commands import (
    CancelRound,
    CreateRound,
    Envelope,
    ExtendRound,
    OpenRound,
    RevealRound,
    SupersedeRound,
    UpdateRound,
)
from rooms.decide import song_queue
from rooms.decide.chat import clean_text
from rooms.decide.draft import Draft
from rooms.decide.meanwhile import overtaken
from rooms.errors import Refused, unknown
from rooms.events import (
    RoundCancelled,
    RoundExtended,
    RoundOpened,
    RoundRevealed,
    RoundSuperseded,
)
from rooms.ports import RoundRecord
from rooms.rounds.counting.ties import hash_of
from rooms.rounds.problems import problems
from rooms.rounds.windows import TAKES_VOTES
from rooms.show import ShowStatus
from rooms.vote_config import TieRule, Visibility, VoteConfig, config_hash, with_codes

_HAS_RUN = frozenset({"open", "grace", "closed", "revealed"})


def create_round(draft: Draft, envelope: Envelope, command: CreateRound) -> dict[str, Any]:
    """Keeps a draft. Configuration problems are the door's to list; here they are final."""
    record = new_draft(draft, command.round_id, command.config)
    draft.put_round(record)
    draft.audit(envelope, "create_round", command.round_id, after={"hash": record.config_hash})
    return {"round_id": command.round_id}


def update_round(draft: Draft, envelope: Envelope, command: UpdateRound) -> dict[str, Any]:
    """Replaces a draft's configuration."""
    record = require_round(draft, command.round_id)
    if record.status != "draft":
        detail = "Only a draft can be changed."
        raise overtaken(draft, envelope, "round_not_draft", detail, record.round_id)
    config = _usable(command.config)
    changed = msgspec.structs.replace(record, config=config, config_hash=config_hash(config))
    draft.put_round(changed)
    draft.audit(
        envelope,
        "update_round",
        command.round_id,
        before={"hash": record.config_hash},
        after={"hash": changed.config_hash},
    )
    return {"round_id": command.round_id}


def open_round(draft: Draft, envelope: Envelope, command: OpenRound) -> dict[str, Any]:
    """Opens a draft; it ends ``window.duration_s`` seconds from now."""
    record = require_round(draft, command.round_id)
    if record.status != "draft":
        detail = "This round was opened before."
        raise overtaken(draft, envelope, "round_not_draft", detail, record.round_id)
    if draft.state.facts.status is not ShowStatus.LIVE:
        raise Refused("show_not_live", "Rounds open while the show is live.")
    if len(draft.state.open_rounds) >= limits.OPEN_ROUNDS_MAX:
        raise Refused("too_many_open_rounds", f"At most {limits.OPEN_ROUNDS_MAX} at once.")
    open_now(draft, envelope, record)
    draft.audit(envelope, "open_round", record.round_id)
    return {"round_id": record.round_id}


def open_now(draft: Draft, envelope: Envelope, record: RoundRecord) -> None:
    """Opens a round that may be opened. Mints the seed that a tie would be drawn by."""
    opened_at = max(draft.state.memory.last_at, envelope.received_at)
    duration_s = record.config.window.duration_s
    seed = draft.new_seed() if TieRule.SEEDED_RANDOM in record.config.tie else None
    draft.emit(
        RoundOpened(
            round_id=record.round_id,
            config=record.config,
            config_hash=record.config_hash,
            opened_at=opened_at,
            closes_at=opened_at + timedelta(seconds=duration_s) if duration_s else None,
            seed_hash=None if seed is None else hash_of(seed),
            runoff_of=record.runoff_of,
            stage_of=record.stage_of,
            stage=record.stage,
            supersedes=record.supersedes,
        ),
        envelope,
    )
    opened = draft.state.rounds[record.round_id]
    draft.put_round(msgspec.structs.replace(opened, position=record.position, seed=seed))
    song_queue.begin(draft, envelope, record)


def extend_round(draft: Draft, envelope: Envelope, command: ExtendRound) -> dict[str, Any]:
    """Moves the end of an open round, within ``window.extend_max_s`` in all."""
    record = require_round(draft, command.round_id)
    require_takes_votes(draft, envelope, record)
    if record.closes_at is not None and envelope.received_at > record.closes_at:
        raise Refused("round_closed", "This round is closed.")
    window = record.config.window
    if record.closes_at is None or record.opened_at is None or window.duration_s is None:
        raise Refused("round_has_no_end", "This round is open until it is closed by hand.")
    if command.closes_at is not None and command.closes_at != record.closes_at:
        detail = "Its end is another one now."
        raise overtaken(draft, envelope, "round_extended", detail, record.round_id)
    closes_at = record.closes_at + timedelta(seconds=command.extend_s)
    latest = record.opened_at + timedelta(seconds=window.duration_s + window.extend_max_s)
    if closes_at > latest:
        raise Refused("extended_too_far", f"At most {window.extend_max_s} seconds in all.")
    draft.emit(RoundExtended(round_id=record.round_id, closes_at=closes_at), envelope)
    draft.put_round(draft.state.rounds[record.round_id])
    draft.audit(envelope, "extend_round", record.round_id, after={"extend_s": command.extend_s})
    return {"round_id": record.round_id}


def reveal_round(draft: Draft, envelope: Envelope, command: RevealRound) -> dict[str, Any]:
    """Shows the result of a closed round that was hidden."""
    record = require_round(draft, command.round_id)
    if record.status == "revealed":
        detail = "This result is shown already."
        raise overtaken(draft, envelope, "already_revealed", detail, record.round_id)
    if record.status != "closed":
        detail = "Close the round first."
        raise overtaken(draft, envelope, "round_not_closed", detail, record.round_id)
    if record.config.visibility is Visibility.NEVER:
        raise Refused("never_revealed", "The result of this round is for the crew only.")
    draft.emit(RoundRevealed(round_id=record.round_id, result=record.result), envelope)
    draft.put_round(draft.state.rounds[record.round_id])
    draft.audit(envelope, "reveal_round", record.round_id)
    return {"round_id": record.round_id}


def cancel_round(draft: Draft, envelope: Envelope, command: CancelRound) -> dict[str, Any]:
    """Takes a draft or an open round away without a result."""
    record = require_round(draft, command.round_id)
    if record.status != "draft":
        require_takes_votes(draft, envelope, record)
    _cancel(draft, envelope, record)
    return {"round_id": record.round_id}


def supersede_round(draft: Draft, envelope: Envelope, command: SupersedeRound) -> dict[str, Any]:
    """Corrects a round that has run: another takes its place, and its votes count for nothing.

    The new round is open if the old one was; otherwise it is a draft. What followed from the old
    result (a runoff, the next stage of a bracket) is cancelled.
    """
    old = require_round(draft, command.round_id)
    if old.status == "draft":
        raise Refused("round_is_draft", "A draft is changed, not corrected.")
    if old.status not in _HAS_RUN:
        detail = "This round was superseded or cancelled before."
        raise overtaken(draft, envelope, "round_not_current", detail, old.round_id)
    reason = command.reason.strip()
    if reason:
        reason = clean_text(reason, limits.ANNOUNCEMENT_CHARACTERS_MAX)
    record = msgspec.structs.replace(
        new_draft(draft, command.new_round_id, command.config),
        supersedes=old.round_id,
        runoff_of=old.runoff_of,
        stage_of=old.stage_of,
        stage=old.stage,
    )
    draft.put_round(record)
    draft.emit(RoundSuperseded(old.round_id, record.round_id, reason), envelope)
    draft.put_round(draft.state.rounds[old.round_id])
    _cancel_what_followed(draft, envelope, old)
    if old.status in TAKES_VOTES and draft.state.facts.status is ShowStatus.LIVE:
        open_now(draft, envelope, record)
    draft.audit(
        envelope,
        "supersede_round",
        old.round_id,
        before={"hash": old.config_hash, "status": old.status},
        after={"round_id": record.round_id, "hash": record.config_hash, "reason": reason},
    )
    return {"round_id": record.round_id, "supersedes": old.round_id}


def new_draft(draft: Draft, round_id: str, config: VoteConfig) -> RoundRecord:
    """A draft that is not kept yet.

    Raises:
        Refused: ``round_exists``, ``too_many_rounds``, ``invalid_vote_config``.
    """
    if round_id in draft.state.rounds:
        raise Refused("round_exists", "There is a round with this id.")
    if len(draft.state.rounds) >= limits.ROUNDS_PER_SHOW_MAX:
        raise Refused("too_many_rounds", "This show has as many rounds as a show may have.")
    config = _usable(config)
    return RoundRecord(
        round_id=round_id,
        config=config,
        config_hash=config_hash(config),
        status="draft",
        position=len(draft.state.rounds) + 1,
    )


def require_round(draft: Draft, round_id: str) -> RoundRecord:
    """The round.

    Raises:
        Refused: ``unknown_round``.
    """
    record = draft.state.rounds.get(round_id)
    if record is None:
        raise unknown("round")
    return record


def require_takes_votes(draft: Draft, envelope: Envelope, record: RoundRecord) -> None:
    """Refuses what needs an open round, by a code that says what became of this one.

    Raises:
        Refused: ``round_not_open``, ``round_closed``, ``round_cancelled``, ``round_superseded``.
    """
    match record.status:
        case "draft":
            raise Refused("round_not_open", "This round is not open yet.")
        case "cancelled" | "superseded":
            code, detail = f"round_{record.status}", f"This round was {record.status}."
            raise overtaken(draft, envelope, code, detail, record.round_id)
        case status if status not in TAKES_VOTES:
            detail = "This round is closed."
            raise overtaken(draft, envelope, "round_closed", detail, record.round_id)


def _usable(config: VoteConfig) -> VoteConfig:
    found = problems(config)
    if found:
        raise Refused("invalid_vote_config", f"{found[0].field}: {found[0].detail}", status=422)
    return with_codes(config)


def _cancel(draft: Draft, envelope: Envelope, record: RoundRecord) -> None:
    if record.status == "draft":  # fans have never heard of it
        draft.put_round(msgspec.structs.replace(record, status="cancelled"))
    else:
        draft.emit(RoundCancelled(round_id=record.round_id), envelope)
        draft.put_round(draft.state.rounds[record.round_id])
    draft.audit(envelope, "cancel_round", record.round_id, before={"status": record.status})


def _cancel_what_followed(draft: Draft, envelope: Envelope, record: RoundRecord) -> None:
    """A runoff or stage that was corrected is followed to what it was corrected by. Bounded:
    every round in the chain was made later than the one before."""
    following = _following(draft, record)
    while following is not None:
        if following.status in _HAS_RUN | {"draft"}:
            _cancel(draft, envelope, following)
        following = _following(draft, following)


def _following(draft: Draft, record: RoundRecord) -> RoundRecord | None:
    after = record.superseded_by
    if after is None and record.result is not None:
        after = record.result.next_round_id
    return None if after is None else draft.state.rounds.get(after)
