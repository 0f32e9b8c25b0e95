"""The setlist: judged edits, the lock, what is playing now."""

from __future__ import annotations

from collections import ChainMap
from typing import Any

from crdt.edits import rebalance_section, section_entries, sections_to_rebalance
from crdt.guard import judge
from crdt.permissions import Editor, EditRules
from crdt.schema import RefusalCode
from crdt.verdicts import (
    Accepted,
    EntryChange,
    Forbidden,
    ForbiddenReason,
    Refusal,
    entry_change,
)
from rooms import limits
from rooms.answers import SetlistAnswer, SetlistRefusal
from rooms.commands import Envelope, SetNowPlaying, UpdateSetlist
from rooms.decide.draft import Draft
from rooms.errors import Refused, unknown
from rooms.events import (
    EntryChanged,
    Event,
    NowPlayingChanged,
    SetlistChanged,
    SetlistLocked,
    SetlistUnlocked,
)
from rooms.messages import CloseCode
from rooms.outbox import ARCHIVE_SHOW
from rooms.participants import SYSTEM, Participant, can
from rooms.sessions.refusals import REFUSAL_DETAILS
from rooms.show import ShowStatus

_WATCHER = "watcher"
"""A role the guard knows nothing of: may edit nothing."""

_CLOSE_CODES = {
    ForbiddenReason.MALFORMED: CloseCode.INVALID_DATA,
    ForbiddenReason.TOO_LARGE: CloseCode.TOO_LARGE,
    ForbiddenReason.DOCUMENT_TOO_LARGE: CloseCode.TOO_LARGE,
    ForbiddenReason.PENDING: CloseCode.NOT_ALLOWED,
    ForbiddenReason.FUTURE_DELETE: CloseCode.NOT_ALLOWED,
    ForbiddenReason.FORGED_CLIENT: CloseCode.NOT_ALLOWED,
}

NEEDS_THE_NEWEST = frozenset(
    reason.value
    for reason in (
        ForbiddenReason.PENDING,
        ForbiddenReason.FUTURE_DELETE,
        ForbiddenReason.FORGED_CLIENT,
    )
)
"""Reasons for closing that are true only of a copy that lacks nothing."""


def update_setlist(draft: Draft, envelope: Envelope, command: UpdateSetlist) -> SetlistAnswer:
    """One Yjs update: durable, repaired, or its socket closes."""
    who = envelope.participant
    repairs = draft.state.repairs.get(who.participant_id, 0)
    if repairs >= limits.REPAIRS_PER_PARTICIPANT:
        return _closed(CloseCode.NOT_ALLOWED, "too_many_refused_edits")
    verdict = judge(
        draft.twin,
        command.update,
        editor_of(draft, who),
        edit_rules(draft),
        ChainMap(draft.state.bindings, dict(draft.claims)),
        first_sync=command.first_sync,
    )
    if isinstance(verdict, Forbidden):
        if verdict.twin_dirty:
            raise DirtyTwinError(envelope, verdict.detail)
        return _closed(_CLOSE_CODES[verdict.reason], verdict.reason.value)
    if verdict.update:
        keep(
            draft,
            envelope,
            verdict.update,
            verdict.changes,
            clients=tuple(
                binding.client_id
                for binding in verdict.new_clients
                if binding.participant_id == who.participant_id
            ),
        )
    if isinstance(verdict, Accepted):
        return SetlistAnswer(seq=draft.state.head.seq)
    draft.state.repairs[who.participant_id] = repairs + 1
    return SetlistAnswer(seq=draft.state.head.seq, refused=_grouped(verdict.refusals))


class DirtyTwinError(Exception):
    """The library refused what our reader let pass: the whole turn is decided again on a fresh
    twin, without the envelope at fault."""

    def __init__(self, envelope: Envelope, detail: str) -> None:
        super().__init__(detail)
        self.envelope = envelope


def keep(
    draft: Draft,
    envelope: Envelope,
    update: bytes,
    changes: tuple[EntryChange, ...],
    *,
    clients: tuple[int, ...] = (),
    cause: str | None = None,
    to_seq: int | None = None,
    of_seq: int | None = None,
) -> Event:
    """One event for an update that is in the twin, with what follows from it.

    Args:
        update: as produced by the twin; not empty.
        changes: what it did, entry by entry.
        clients: client ids that it binds to the envelope's participant.
        cause, to_seq, of_seq: of what was not typed; see `rooms.events.SetlistChanged`.
    """
    draft.twin_dirty = True
    who = envelope.participant
    event = draft.emit(
        SetlistChanged(
            participant_id=who.participant_id,
            display_name=who.display_name,
            entries=_changed(changes),
            cause=cause,
            to_seq=to_seq,
            of_seq=of_seq,
        ),
        envelope,
        update=update,
        clients=clients,
    )
    if draft.state.facts.status is ShowStatus.ARCHIVED:
        # Crew corrects what was played: the performances follow.
        show_id = draft.state.facts.show_id
        draft.deliver(ARCHIVE_SHOW, f"{ARCHIVE_SHOW}:{show_id}:{event.seq}", {"show_id": show_id})
    _stop_playing_what_is_gone(draft, envelope, changes)
    for section in sections_to_rebalance(draft.twin):
        _rebalance(draft, envelope, section)
    return event


def _rebalance(draft: Draft, envelope: Envelope, section: str) -> None:
    """Shortens a section's positions, in the server's name. Clients without Yjs are told the new
    ones: what they add or move later is placed between them."""
    before = section_entries(draft.twin, section)
    update = rebalance_section(draft.twin, section)
    changes = (entry_change(entry.id, entry, draft.twin.entry(entry.id)) for entry in before)
    draft.emit(
        SetlistChanged(
            participant_id=SYSTEM.participant_id,
            display_name=SYSTEM.display_name,
            entries=_changed(tuple(change for change in changes if change is not None)),
            cause="rebalance",
        ),
        envelope,
        update=update,
    )


def _stop_playing_what_is_gone(
    draft: Draft, envelope: Envelope, changes: tuple[EntryChange, ...]
) -> None:
    playing = draft.state.memory.now_playing
    if playing is None:
        return
    for change in changes:
        if change.entry_id == playing.entry_id and change.kind == "removed":
            draft.emit(
                NowPlayingChanged(participant_id=envelope.participant.participant_id), envelope
            )


def _changed(changes: tuple[EntryChange, ...]) -> tuple[EntryChanged, ...]:
    return tuple(
        EntryChanged(
            entry_id=change.entry_id,
            kind=change.kind.value,
            before=dict(change.before) or None,
            after=dict(change.after) or None,
        )
        for change in changes
    )


def _grouped(refusals: tuple[Refusal, ...]) -> tuple[SetlistRefusal, ...]:
    """Refusals by code, each with its entries once."""
    by_code: dict[RefusalCode, list[str]] = {}
    for refusal in refusals:
        entries = by_code.setdefault(refusal.code, [])
        if refusal.entry_id and refusal.entry_id not in entries:
            entries.append(refusal.entry_id)
    return tuple(
        SetlistRefusal(code=code.value, detail=REFUSAL_DETAILS[code], entry_ids=tuple(entries))
        for code, entries in by_code.items()
    )


def editor_of(draft: Draft, who: Participant) -> Editor:
    """A participant as the guard knows it: somebody who may not edit is a watcher to it."""
    return Editor(participant_id=who.participant_id, role=_role(draft, who))


def edit_rules(draft: Draft) -> EditRules:
    """What is permitted at this moment, to whoever edits in whichever way."""
    return EditRules(locked=_is_locked(draft))


def _role(draft: Draft, who: Participant) -> str:
    removed = who.participant_id in draft.state.memory.removed
    return who.role.value if "update_setlist" in can(who) and not removed else _WATCHER


def _is_locked(draft: Draft) -> bool:
    """Locked by crew, or because the show is not live: then only crew prepares or corrects."""
    return draft.state.memory.setlist_locked or draft.state.facts.status is not ShowStatus.LIVE


def _closed(code: int, reason: str) -> SetlistAnswer:
    return SetlistAnswer(seq=0, close=(code, reason))


def set_now_playing(draft: Draft, envelope: Envelope, command: SetNowPlaying) -> dict[str, Any]:
    """Names the entry being played. While the setlist is locked this is for the crew."""
    if draft.state.memory.setlist_locked and not envelope.participant.is_crew:
        raise Refused("setlist_locked", "The setlist is locked.", status=403)
    who = envelope.participant.participant_id
    playing = draft.state.memory.now_playing
    before = {"previous_entry_id": None if playing is None else playing.entry_id}
    if command.entry_id is None:
        if playing is not None:
            draft.emit(NowPlayingChanged(participant_id=who), envelope)
        return before
    entry = draft.twin.entry(command.entry_id)
    if entry is None or not entry.title:
        raise unknown("entry")
    if playing is None or playing.entry_id != entry.id:
        draft.emit(
            NowPlayingChanged(participant_id=who, entry_id=entry.id, title=entry.title), envelope
        )
    return {"entry_id": entry.id, **before}


def lock_setlist(draft: Draft, envelope: Envelope) -> dict[str, Any]:
    """From now on only crew edits."""
    if not draft.state.memory.setlist_locked:
        draft.emit(SetlistLocked(participant_id=envelope.participant.participant_id), envelope)
        draft.audit(envelope, "lock_setlist", draft.state.facts.show_id)
    return {}


def unlock_setlist(draft: Draft, envelope: Envelope) -> dict[str, Any]:
    """Everybody edits again. A sealed list stays as it is."""
    if draft.state.memory.sealed is not None:
        raise Refused("setlist_sealed", "The list is sealed. Take the seal off first.")
    if draft.state.memory.setlist_locked:
        draft.emit(SetlistUnlocked(participant_id=envelope.participant.participant_id), envelope)
        draft.audit(envelope, "unlock_setlist", draft.state.facts.show_id)
    return {}
