"""What a room remembers of its moderation; follows from events alone, like all of its memory."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from rooms import events as ev
from rooms import limits
from rooms.moderation.views import (
    HeldChat,
    Moderation,
    MutedParticipant,
    OwnHeldChat,
    RemovedParticipant,
    ReportedChat,
    WordFilter,
)

REMOVED_SHOWN = 200
"""Removed participants whose names are remembered; that they are removed is for good."""


class Reported(Struct, frozen=True):
    """A line with reports, and who reported it: one report per person and line.

    Attributes:
        seen: what crew sees; no reports once they were dismissed.
        reporters: stay remembered after that.
    """

    seen: ReportedChat
    reporters: frozenset[str]


class ModerationMemory(Struct, omit_defaults=True):
    """Held and reported lines, the word filter, and who may not speak."""

    word_filter: WordFilter = WordFilter()
    held: dict[str, HeldChat] = field(default_factory=dict)
    reported: dict[str, Reported] = field(default_factory=dict)
    muted: dict[str, MutedParticipant] = field(default_factory=dict)
    removed: dict[str, RemovedParticipant] = field(default_factory=dict)

    def copy(self) -> ModerationMemory:
        """A copy whose containers are its own; their items are immutable."""
        return ModerationMemory(
            word_filter=self.word_filter,
            held=self.held.copy(),
            reported=self.reported.copy(),
            muted=self.muted.copy(),
            removed=self.removed.copy(),
        )

    def held_of(self, participant_id: str) -> list[OwnHeldChat]:
        """A participant's own lines that are held, the oldest first."""
        return [
            OwnHeldChat(chat_message_id=line.chat_message_id, text=line.text, at=line.at)
            for line in self.held.values()
            if line.participant_id == participant_id
        ]

    def view(self, at: datetime) -> Moderation:
        """What crew sees.

        Args:
            at: a moment; whose mute is over by then is not muted.
        """
        muted = [who for who in self.muted.values() if who.until > at]
        return Moderation(
            held=list(self.held.values()),
            reports=[one.seen for one in self.reported.values() if one.seen.reports],
            word_filter=self.word_filter,
            muted=sorted(muted, key=lambda who: (who.display_name.casefold(), who.participant_id)),
            removed=list(self.removed.values()),
        )

    def apply(self, event: ev.Event, said: ev.EventData) -> None:
        """Moves the memory by one event.

        Args:
            said: the event's payload as crew gets it.
        """
        match said:
            case ev.ChatHeld() as data:
                self.held[data.chat_message_id] = HeldChat(
                    chat_message_id=data.chat_message_id,
                    participant_id=data.participant_id,
                    display_name=data.display_name,
                    role=data.role,
                    text=data.text,
                    matched=data.matched,
                    at=event.at,
                )
            case ev.ChatPosted() as data:
                self.held.pop(data.chat_message_id, None)
            case ev.ChatRemoved() as data:
                self.held.pop(data.chat_message_id, None)
                self.reported.pop(data.chat_message_id, None)
            case ev.ChatReported() as data:
                self._report(event, data)
            case ev.ChatReportsDismissed() as data:
                self._dismiss(data.chat_message_id)
            case ev.WordFilterSet() as data:
                self.word_filter = WordFilter(mode=data.mode, words=data.words)
            case ev.ParticipantMuted() as data:
                self._mute(event, data)
            case ev.ParticipantReadmitted() as data:
                self.removed.pop(data.participant_id, None)
            case ev.ParticipantRemoved() as data:
                self.removed[data.participant_id] = RemovedParticipant(
                    participant_id=data.participant_id,
                    display_name=data.display_name,
                    at=event.at,
                    by=data.by,
                )
                if len(self.removed) > REMOVED_SHOWN:
                    del self.removed[next(iter(self.removed))]
            case _:
                pass

    def _report(self, event: ev.Event, data: ev.ChatReported) -> None:
        known = self.reported.pop(data.chat_message_id, None)  # the latest reported stand last
        before = frozenset() if known is None else known.reporters
        self.reported[data.chat_message_id] = Reported(
            seen=ReportedChat(
                chat_message_id=data.chat_message_id,
                participant_id=data.participant_id,
                reports=data.reports,
                reasons=data.reasons,
                at=event.at,
                display_name=data.display_name,
                text=data.text,
            ),
            reporters=before | {event.participant_id},
        )
        if len(self.reported) > limits.REPORTED_CHAT_MAX:
            del self.reported[next(iter(self.reported))]

    def _dismiss(self, chat_message_id: str) -> None:
        known = self.reported.get(chat_message_id)
        if known is not None:
            seen = replace(known.seen, reports=0, reasons={})
            self.reported[chat_message_id] = replace(known, seen=seen)

    def _mute(self, event: ev.Event, data: ev.ParticipantMuted) -> None:
        for who in [who for who, one in self.muted.items() if one.until <= event.at]:
            del self.muted[who]
        self.muted.pop(data.participant_id, None)
        if not data.lifted:
            self.muted[data.participant_id] = MutedParticipant(
                participant_id=data.participant_id,
                display_name=data.display_name,
                until=data.until or ev.FOREVER,
                by=data.by,
            )
