"""Chat, reactions and announcements."""

from __future__ import annotations

import unicodedata
from typing import Any

from rooms import limits
from rooms.commands import Announce, Envelope, PostChat, React, RemoveChat
from rooms.decide.draft import Draft
from rooms.errors import Refused, Retryable, invalid, not_allowed, unknown
from rooms.events import AnnouncementPosted, ChatPosted, ChatRemoved
from rooms.states import REACTIONS

_KEPT_CONTROLS = frozenset("\n\t")


def clean_text(text: str, characters_max: int) -> str:
    """One line or paragraph as it is shown: NFC, without control or bidi-override characters.

    Raises:
        Refused: ``empty_text`` or ``text_too_long``.
    """
    text = unicodedata.normalize("NFC", text)
    kept = [
        character
        for character in text
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cs", "Co")
        if character not in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069"
    ]
    cleaned = "".join(kept).strip()
    if not cleaned:
        raise Refused("empty_text", "There is nothing to say.", status=400)
    if len(cleaned) > characters_max:
        raise Refused("text_too_long", f"At most {characters_max} characters.", status=400)
    return cleaned


def post_chat(draft: Draft, envelope: Envelope, command: PostChat) -> dict[str, Any]:
    """One chat line, unless muted or too soon in slow mode."""
    who = envelope.participant
    memory = draft.state.memory
    muted_until = memory.muted.get(who.participant_id)
    if muted_until is not None and envelope.received_at < muted_until:
        raise Refused("muted", "You are muted in this room.", status=403)
    text = clean_text(command.text, limits.CHAT_CHARACTERS_MAX)
    if memory.slow_mode_interval_s and not who.is_crew:
        last = memory.last_chat_at.get(who.participant_id)
        if last is not None:
            wait_s = memory.slow_mode_interval_s - (envelope.received_at - last).total_seconds()
            if wait_s > 0:
                raise Retryable(
                    "slow_mode",
                    f"One line every {memory.slow_mode_interval_s} seconds.",
                    status=429,
                    retry_after_s=round(wait_s, 1),
                )
    data = ChatPosted(
        chat_message_id=draft.new_id(),
        participant_id=who.participant_id,
        display_name=who.display_name,
        text=text,
        role=who.role,
    )
    draft.emit(data, envelope)
    return {"chat_message_id": data.chat_message_id}


def remove_chat(draft: Draft, envelope: Envelope, command: RemoveChat) -> dict[str, Any]:
    """One's own line, or any line by crew."""
    author = draft.state.memory.chat_authors.get(command.chat_message_id)
    if author is None:
        raise unknown("chat_message")
    who = envelope.participant
    if author != who.participant_id and not who.is_crew:
        raise not_allowed("Only its author or the crew removes a chat line.")
    draft.emit(
        ChatRemoved(chat_message_id=command.chat_message_id, removed_by=who.participant_id),
        envelope,
    )
    if author != who.participant_id:
        draft.audit(envelope, "remove_chat", command.chat_message_id)
    return {}


def react(draft: Draft, envelope: Envelope, command: React) -> dict[str, Any]:
    """Counts one reaction of a known kind."""
    if command.kind not in REACTIONS:
        raise invalid(f"A reaction is one of {', '.join(REACTIONS)}.")
    draft.add_reaction(command.kind)
    return {}


def announce(draft: Draft, envelope: Envelope, command: Announce) -> dict[str, Any]:
    """A line from the crew."""
    who = envelope.participant
    text = clean_text(command.text, limits.ANNOUNCEMENT_CHARACTERS_MAX)
    draft.emit(
        AnnouncementPosted(
            participant_id=who.participant_id, display_name=who.display_name, text=text
        ),
        envelope,
    )
    draft.audit(envelope, "announce", draft.state.facts.show_id, after={"text": text})
    return {}
