"""Chat, reactions and announcements."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from rooms import deeds, limits
from rooms.commands import (
    Announce,
    Envelope,
    PostChat,
    React,
    RemoveChat,
    WithdrawAnnouncement,
)
from rooms.decide.draft import Draft
from rooms.decide.meanwhile import overtaken
from rooms.decide.word_filter import matched_in
from rooms.errors import Refused, Retryable, invalid, not_allowed, unknown
from rooms.events import (
    AnnouncementPosted,
    AnnouncementWithdrawn,
    ChatHeld,
    ChatPosted,
    ChatRemoved,
)
from rooms.participants import Participant
from rooms.plain_text import says_something, without_stacks
from rooms.states import REACTIONS

_KEPT_CONTROLS = frozenset("\n\t")
_TALL_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")
"""Empty lines by which one line of chat would push the others off the screen."""


def clean_text(text: str, characters_max: int) -> str:
    """One line or paragraph as it is shown: NFC, without control or bidi-override characters.

    Raises:
        Refused: ``empty_text`` or ``text_too_long``.
    """
    # Nearly all are plain, and nothing in those could be taken out.
    plain = text.isascii() and text.isprintable()
    cleaned = (text if plain else _cleaned(text)).strip()
    if not says_something(cleaned):
        raise Refused("empty_text", "There is nothing to say.", status=400)
    if len(cleaned) > characters_max:
        raise Refused("text_too_long", f"At most {characters_max} characters.", status=400)
    return cleaned


def _cleaned(text: str) -> str:
    kept = [
        character
        for character in unicodedata.normalize("NFC", text)
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cs", "Co")
        if character not in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069"
    ]
    return _TALL_GAP.sub("\n\n", without_stacks("".join(kept)))


def post_chat(draft: Draft, envelope: Envelope, command: PostChat) -> dict[str, Any]:
    """One chat line, unless muted or too soon in slow mode. With a word of the filter it waits
    for crew, and nobody but its author knows."""
    who = envelope.participant
    memory = draft.state.memory
    muted_until = memory.muted.get(who.participant_id)
    if muted_until is not None and envelope.received_at < muted_until:
        raise Refused("muted", "You are muted in this room.", status=403)
    text = clean_text(command.text, limits.CHAT_CHARACTERS_MAX)
    _require_slowness(draft, envelope)
    matched = matched_in(draft, who, text)
    if matched:
        return _hold(draft, envelope, text, matched)
    data = ChatPosted(
        chat_message_id=draft.new_id(),
        participant_id=who.participant_id,
        display_name=who.display_name,
        text=text,
        role=who.role,
    )
    draft.emit(data, envelope)
    return {"chat_message_id": data.chat_message_id}


def _require_slowness(draft: Draft, envelope: Envelope) -> None:
    who, memory = envelope.participant, draft.state.memory
    last = memory.last_chat_at.get(who.participant_id)
    if not memory.slow_mode_interval_s or who.is_crew or last is None:
        return
    wait_s = memory.slow_mode_interval_s - (envelope.received_at - last).total_seconds()
    if wait_s > 0:
        raise Retryable(
            "slow_mode",
            f"One line every {memory.slow_mode_interval_s} seconds.",
            status=429,
            retry_after_s=round(wait_s, 1),
        )


def _hold(draft: Draft, envelope: Envelope, text: str, matched: tuple[str, ...]) -> dict[str, Any]:
    """Refuses what would be too much: what waits is never lost, and never pushed out."""
    who = envelope.participant
    held = draft.state.memory.moderation.held
    own = sum(line.participant_id == who.participant_id for line in held.values())
    if own >= limits.HELD_CHAT_PER_PARTICIPANT:
        detail = f"{own} lines of yours wait for the crew. Say it in other words."
        raise Refused("too_much_held", detail)
    if len(held) >= limits.HELD_CHAT_MAX:
        detail = "The crew has many lines to look at. Say it in other words."
        raise Refused("too_much_held", detail)
    data = ChatHeld(
        chat_message_id=draft.new_id(),
        participant_id=who.participant_id,
        display_name=who.display_name,
        text=text,
        matched=matched,
        role=who.role,
    )
    draft.emit(data, envelope)
    return {"chat_message_id": data.chat_message_id, "held": True}


def remove_chat(draft: Draft, envelope: Envelope, command: RemoveChat) -> dict[str, Any]:
    """One's own line, or any line by crew; one that is held is never posted then."""
    memory = draft.state.memory
    held = memory.moderation.held.get(command.chat_message_id)
    author = memory.chat_authors.get(command.chat_message_id)
    author = held.participant_id if held is not None else author
    who = envelope.participant
    if author is None or (held is not None and not _may_know(who, author)):
        raise unknown("chat_message")
    if author != who.participant_id and not who.is_crew:
        raise not_allowed("Only its author or the crew removes a chat line.")
    draft.emit(
        ChatRemoved(chat_message_id=command.chat_message_id, removed_by=who.participant_id),
        envelope,
    )
    if author != who.participant_id:
        draft.audit(envelope, "remove_chat", command.chat_message_id)
    return {}


def _may_know(who: Participant, author: str) -> bool:
    """Who may know of a line that is held."""
    return who.is_crew or who.participant_id == author


def react(draft: Draft, envelope: Envelope, command: React) -> dict[str, Any]:
    """Counts one reaction of a known kind."""
    if command.kind not in REACTIONS:
        raise invalid(f"A reaction is one of {', '.join(REACTIONS)}.")
    draft.add_reaction(command.kind)
    return {}


def announce(draft: Draft, envelope: Envelope, command: Announce) -> dict[str, Any]:
    """A line from the crew; it stands until the next one, or until it is withdrawn."""
    who = envelope.participant
    text = clean_text(command.text, limits.ANNOUNCEMENT_CHARACTERS_MAX)
    announcement_id = draft.new_id()
    draft.emit(
        AnnouncementPosted(
            participant_id=who.participant_id,
            display_name=who.display_name,
            text=text,
            announcement_id=announcement_id,
        ),
        envelope,
    )
    draft.audit(envelope, "announce", draft.state.facts.show_id, after={"text": text})
    return {"announcement_id": announcement_id}


def withdraw_announcement(
    draft: Draft, envelope: Envelope, command: WithdrawAnnouncement
) -> dict[str, Any]:
    """Takes the announcement down, if it is still the one that is meant."""
    standing = draft.state.memory.announcement
    meant = command.announcement_id
    if standing is None:
        if meant is not None:
            detail = "No announcement stands."
            raise overtaken(draft, envelope, "announcement_withdrawn", detail, deeds.ANNOUNCEMENT)
        return {}
    if meant is not None and meant != standing.announcement_id:
        detail = "Another announcement stands now."
        raise overtaken(draft, envelope, "announcement_changed", detail, deeds.ANNOUNCEMENT)
    draft.emit(AnnouncementWithdrawn(announcement_id=standing.announcement_id), envelope)
    draft.audit(
        envelope,
        "withdraw_announcement",
        draft.state.facts.show_id,
        before={"text": standing.text},
    )
    return {}
