"""Muting, removing, slow mode."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rooms.commands import Envelope, MuteParticipant, RemoveParticipant, SetSlowMode
from rooms.decide.draft import Draft
from rooms.errors import not_allowed, unknown
from rooms.events import ParticipantMuted, ParticipantRemoved, SlowModeSet
from rooms.participants import CREW, Role

_MAY_TOUCH_CREW = frozenset({Role.ARTIST, Role.ADMIN})


def mute_participant(draft: Draft, envelope: Envelope, command: MuteParticipant) -> dict[str, Any]:
    """Mutes for ``duration_s`` seconds; without it for good; 0 lifts the mute."""
    _require_target(draft, envelope, command.participant_id)
    until = (
        max(draft.state.memory.last_at, envelope.received_at)
        + timedelta(seconds=command.duration_s)
        if command.duration_s
        else None
    )
    draft.emit(
        ParticipantMuted(
            participant_id=command.participant_id, until=until, lifted=command.duration_s == 0
        ),
        envelope,
    )
    draft.audit(
        envelope,
        "mute_participant",
        command.participant_id,
        after={"duration_s": command.duration_s},
    )
    return {}


def remove_participant(
    draft: Draft, envelope: Envelope, command: RemoveParticipant
) -> dict[str, Any]:
    """Removes from the room, for good."""
    _require_target(draft, envelope, command.participant_id)
    if command.participant_id not in draft.state.memory.removed:
        draft.emit(ParticipantRemoved(participant_id=command.participant_id), envelope)
        draft.remove(command.participant_id)
        draft.audit(envelope, "remove_participant", command.participant_id)
    return {}


def set_slow_mode(draft: Draft, envelope: Envelope, command: SetSlowMode) -> dict[str, Any]:
    """Sets the interval of slow mode, in seconds."""
    before = draft.state.memory.slow_mode_interval_s
    if before != command.interval_s:
        draft.emit(SlowModeSet(interval_s=command.interval_s), envelope)
        draft.audit(
            envelope,
            "set_slow_mode",
            draft.state.facts.show_id,
            before={"interval_s": before},
            after={"interval_s": command.interval_s},
        )
    return {}


def _require_target(draft: Draft, envelope: Envelope, participant_id: str) -> None:
    role = draft.roles.get(participant_id)
    if role is None:
        raise unknown("participant")
    if participant_id == envelope.participant.participant_id:
        raise not_allowed("You cannot do this to yourself.")
    if role in CREW and envelope.participant.role not in _MAY_TOUCH_CREW:
        raise not_allowed("Crew is moderated by the artist.")
