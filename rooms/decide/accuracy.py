"""Ratings of setlist entries, vouching for them, and the artist's seal."""

from __future__ import annotations

from typing import Any

from rooms import deeds, limits
from rooms.accuracy.confidence import voter_class
from rooms.commands import ConfirmEntry, Envelope, RateEntry, SealSetlist
from rooms.decide.draft import Draft
from rooms.decide.latest import is_overtaken
from rooms.errors import Refused, unknown
from rooms.events import (
    EntryConfirmed,
    SetlistChanged,
    SetlistLocked,
    SetlistSealed,
    SetlistUnsealed,
)
from rooms.outbox import ARCHIVE_SHOW, SETTLE_RATINGS
from rooms.ports import StanceKind, StanceRecord, Standing
from rooms.show import ShowStatus

_PLAYED = frozenset({ShowStatus.LIVE, ShowStatus.CLOSED, ShowStatus.ARCHIVED})


def rate_entry(draft: Draft, envelope: Envelope, command: RateEntry) -> dict[str, Any]:
    """Keeps what a participant says of an entry; counted by weight and cluster, as they are now."""
    _require_entry(draft, command.entry_id)
    who = envelope.participant.participant_id
    said = draft.last_stance(StanceKind.RATING, command.entry_id, who)
    if said is not None and is_overtaken(envelope, said, draft.now):
        return {"entry_id": command.entry_id, "value": said.value, "superseded": True}
    before = draft.stance(StanceKind.RATING, command.entry_id, who)
    answer = {"entry_id": command.entry_id, "value": command.value}
    if command.value == (before.value if before else 0):
        return answer
    if before is None:
        _require_few(draft, who)
    elif is_settled(draft, before):
        raise Refused("rating_settled", "This entry was vouched for: your rating of it stands.")
    standing = draft.standings.get(who) or Standing(who, envelope.participant.role)
    draft.put_stance(
        StanceRecord(
            kind=StanceKind.RATING,
            subject=command.entry_id,
            participant_id=who,
            value=command.value,
            voter_class=voter_class(standing.weight, standing.cluster),
            cast_at=envelope.received_at,
        )
    )
    return answer


def confirm_entry(draft: Draft, envelope: Envelope, command: ConfirmEntry) -> dict[str, Any]:
    """Crew and curators vouch for an entry as it is written, or no longer do."""
    _require_played(draft)
    _require_entry(draft, command.entry_id)
    who = envelope.participant.participant_id
    if command.confirmed is not (command.entry_id in draft.state.memory.confirmed):
        draft.emit(EntryConfirmed(command.entry_id, who, command.confirmed), envelope)
        draft.audit(
            envelope, "confirm_entry", command.entry_id, after={"confirmed": command.confirmed}
        )
        _settle(draft)
    return {"entry_id": command.entry_id, "confirmed": command.confirmed}


def seal_setlist(draft: Draft, envelope: Envelope, command: SealSetlist) -> dict[str, Any]:
    """The artist says that this is what was played. The list is locked from then on."""
    _require_played(draft)
    _require_seen(draft, envelope, command)
    entry_ids = tuple(entry.id for entry in draft.twin.entries())
    if not entry_ids:
        raise Refused("setlist_empty", "There is nothing to seal.")
    if draft.state.memory.sealed is None:
        who = envelope.participant.participant_id
        if not draft.state.memory.setlist_locked:
            draft.emit(SetlistLocked(participant_id=who), envelope)
        draft.emit(SetlistSealed(participant_id=who, entry_ids=entry_ids), envelope)
        draft.audit(
            envelope,
            "seal_setlist",
            draft.state.facts.show_id,
            after={"entries": len(entry_ids), "seq": draft.state.head.seq},
        )
        _settle(draft)
    return {"entries": len(entry_ids)}


def unseal_setlist(draft: Draft, envelope: Envelope) -> dict[str, Any]:
    """Takes the seal off, and with it what it settled. The list stays locked."""
    if draft.state.memory.sealed is not None:
        _unseal(draft, envelope)
    return {}


def keep_seal_true(draft: Draft, envelope: Envelope, events_before: int) -> None:
    """A list that was changed is not the one that was sealed: an edit (only crew can make one)
    takes the seal off, and the artist seals again."""
    if draft.state.memory.sealed is None:
        return
    changed = (
        event.data.entries
        for event in draft.events[events_before:]
        if isinstance(event.data, SetlistChanged)
    )
    if any(changed):
        _unseal(draft, envelope)


def _unseal(draft: Draft, envelope: Envelope) -> None:
    who = envelope.participant.participant_id
    draft.emit(SetlistUnsealed(participant_id=who), envelope)
    draft.audit(envelope, "unseal_setlist", draft.state.facts.show_id)
    _settle(draft)


def _require_seen(draft: Draft, envelope: Envelope, command: SealSetlist) -> None:
    """Nobody seals what somebody else has just written."""
    acts = draft.state.memory.acts
    edit = deeds.last_by_another(acts, envelope.participant.participant_id)
    if command.seen_seq is None or edit is None or edit.seq <= command.seen_seq:
        return
    name = edit.by.display_name if edit.by is not None else "Somebody"
    detail = f"{name} edited the setlist meanwhile. Look at it again."
    raise Refused("setlist_changed", detail, meanwhile=edit)


def _settle(draft: Draft) -> None:
    show_id = draft.state.facts.show_id
    seq = draft.state.head.seq
    draft.deliver(SETTLE_RATINGS, f"{SETTLE_RATINGS}:{show_id}:{seq}", {"show_id": show_id})
    if draft.state.facts.status is ShowStatus.ARCHIVED:
        # Who vouches says that a struck entry was played after all, or no longer does.
        draft.deliver(ARCHIVE_SHOW, f"{ARCHIVE_SHOW}:{show_id}:{seq}", {"show_id": show_id})


def _require_entry(draft: Draft, entry_id: str) -> None:
    entry = draft.twin.entry(entry_id)
    if entry is None or not entry.title:
        raise unknown("entry")


def _require_played(draft: Draft) -> None:
    if draft.state.facts.status not in _PLAYED:
        raise Refused("show_not_live", "What was played can be said once the show is on.")


def _require_few(draft: Draft, participant_id: str) -> None:
    if draft.stance_count(participant_id) >= limits.STANCES_PER_PARTICIPANT:
        raise Refused("too_many_stances", "You have rated and supported as much as one may.")


def is_settled(draft: Draft, rating: StanceRecord) -> bool:
    """Whether the seal or the crew has spoken since: who is told the answer must not get out of
    what it said before."""
    memory = draft.state.memory
    vouched = [memory.confirmed.get(rating.subject)]
    if memory.sealed is not None and rating.subject in memory.sealed.entry_ids:
        vouched.append(memory.sealed)
    return any(one is not None and rating.cast_at <= one.at for one in vouched)
