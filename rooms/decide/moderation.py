"""Held and reported lines, muting, removing, slow mode."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from rooms import limits
from rooms.acts import Actor
from rooms.commands import (
    DismissChatReports,
    Envelope,
    MuteParticipant,
    ReadmitParticipant,
    ReleaseChat,
    RemoveParticipant,
    ReportChat,
    SetSlowMode,
)
from rooms.decide.draft import Draft
from rooms.errors import not_allowed, rate_limited, unknown
from rooms.events import (
    ChatPosted,
    ChatReported,
    ChatReportsDismissed,
    ParticipantMuted,
    ParticipantReadmitted,
    ParticipantRemoved,
    SlowModeSet,
)
from rooms.moderation.views import ReportedChat
from rooms.participants import CREW, Role
from rooms.states import ChatView

_MAY_TOUCH_CREW = frozenset({Role.ARTIST, Role.ADMIN})


# --- lines ------------------------------------------------------------------------------------


def release_chat(draft: Draft, envelope: Envelope, command: ReleaseChat) -> dict[str, Any]:
    """Posts a held line now, as its author said it. One that was released before stays so."""
    line = draft.state.memory.moderation.held.get(command.chat_message_id)
    if line is None:
        if command.chat_message_id in draft.state.memory.chat_authors:
            return {"chat_message_id": command.chat_message_id}
        raise unknown("chat_message")
    posted = ChatPosted(
        chat_message_id=line.chat_message_id,
        participant_id=line.participant_id,
        display_name=line.display_name,
        text=line.text,
        role=line.role,
    )
    who = envelope.participant
    by = Actor(who.participant_id, who.display_name)
    draft.emit(posted, envelope, crew_data=replace(posted, released_by=by))
    draft.audit(envelope, "release_chat", line.chat_message_id)
    return {"chat_message_id": line.chat_message_id}


def report_chat(draft: Draft, envelope: Envelope, command: ReportChat) -> dict[str, Any]:
    """Counts one person's report of a line once. Nothing is hidden by it: crew decides."""
    who = envelope.participant
    memory = draft.state.memory
    author = memory.chat_authors.get(command.chat_message_id)
    if author is None:
        raise unknown("chat_message")
    if author == who.participant_id:
        raise not_allowed("Your own line you can remove.")
    known = memory.moderation.reported.get(command.chat_message_id)
    reporters = frozenset() if known is None else known.reporters
    answer = {"chat_message_id": command.chat_message_id}
    if who.participant_id in reporters or len(reporters) >= limits.REPORTERS_PER_LINE_MAX:
        return answer
    _require_pace(draft, envelope)
    before = known.seen.reasons if known is not None else {}
    lines: Iterable[ChatView | ReportedChat] = (*memory.chat, *([known.seen] if known else []))
    shown = next((one for one in lines if one.chat_message_id == command.chat_message_id), None)
    draft.emit(
        ChatReported(
            chat_message_id=command.chat_message_id,
            participant_id=author,
            reason=command.reason.value,
            reports=1 + (known.seen.reports if known is not None else 0),
            reasons={**before, command.reason.value: before.get(command.reason.value, 0) + 1},
            display_name=shown.display_name if shown else "",
            text=shown.text if shown else "",
        ),
        envelope,
    )
    return answer


def dismiss_chat_reports(
    draft: Draft, envelope: Envelope, command: DismissChatReports
) -> dict[str, Any]:
    """Crew leaves the line; who reported it before does not count again."""
    known = draft.state.memory.moderation.reported.get(command.chat_message_id)
    if known is None:
        raise unknown("chat_message")
    if known.seen.reports:
        draft.emit(ChatReportsDismissed(chat_message_id=command.chat_message_id), envelope)
        draft.audit(
            envelope,
            "dismiss_chat_reports",
            command.chat_message_id,
            before={"reports": known.seen.reports},
        )
    return {"chat_message_id": command.chat_message_id}


def _require_pace(draft: Draft, envelope: Envelope) -> None:
    minute, second = divmod(int(envelope.received_at.timestamp()), 60)
    who = envelope.participant.participant_id
    seen_minute, reports = draft.state.report_pace.get(who, (minute, 0))
    reports = reports + 1 if seen_minute == minute else 1
    if reports > limits.CHAT_REPORTS_PER_MINUTE:
        raise rate_limited(60.0 - second)
    draft.state.report_pace[who] = (minute, reports)


# --- people -----------------------------------------------------------------------------------


def mute_participant(draft: Draft, envelope: Envelope, command: MuteParticipant) -> dict[str, Any]:
    """Mutes for ``duration_s`` seconds; without it for good; 0 lifts the mute."""
    _require_target(draft, envelope, command.participant_id)
    lifted = command.duration_s == 0
    if lifted and command.participant_id not in draft.state.memory.muted:
        return {"until": None}
    until = (
        max(draft.state.memory.last_at, envelope.received_at)
        + timedelta(seconds=command.duration_s)
        if command.duration_s
        else None
    )
    data = ParticipantMuted(participant_id=command.participant_id, until=until, lifted=lifted)
    draft.emit(data, envelope, crew_data=_named(draft, data))
    draft.audit(
        envelope,
        "mute_participant",
        command.participant_id,
        after={"duration_s": command.duration_s},
    )
    return {"until": None if until is None else until.isoformat()}


def remove_participant(
    draft: Draft, envelope: Envelope, command: RemoveParticipant
) -> dict[str, Any]:
    """Removes from the room, until readmitted."""
    _require_target(draft, envelope, command.participant_id)
    if command.participant_id not in draft.state.memory.removed:
        data = ParticipantRemoved(participant_id=command.participant_id)
        draft.emit(data, envelope, crew_data=_named(draft, data))
        draft.remove(command.participant_id)
        draft.audit(envelope, "remove_participant", command.participant_id)
    return {}


def readmit_participant(
    draft: Draft, envelope: Envelope, command: ReadmitParticipant
) -> dict[str, Any]:
    """Lets somebody in again; who was not removed is in already."""
    _require_target(draft, envelope, command.participant_id)
    if command.participant_id in draft.state.memory.removed:
        data = ParticipantReadmitted(participant_id=command.participant_id)
        draft.emit(data, envelope, crew_data=_named(draft, data))
        draft.readmit(command.participant_id)
        draft.audit(envelope, "readmit_participant", command.participant_id)
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


_Someone = TypeVar("_Someone", ParticipantMuted, ParticipantReadmitted, ParticipantRemoved)


def _named(draft: Draft, data: _Someone) -> _Someone:
    """The same with the name, for crew."""
    standing = draft.standings.get(data.participant_id)
    return replace(data, display_name="" if standing is None else standing.display_name)


def _require_target(draft: Draft, envelope: Envelope, participant_id: str) -> None:
    role = draft.roles.get(participant_id)
    if role is None:
        raise unknown("participant")
    if participant_id == envelope.participant.participant_id:
        raise not_allowed("You cannot do this to yourself.")
    if role in CREW and envelope.participant.role not in _MAY_TOUCH_CREW:
        raise not_allowed("Crew is moderated by the artist.")
