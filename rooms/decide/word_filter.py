"""The word filter: whose words it looks at, and what crew makes of it."""

from __future__ import annotations

from typing import Any

from rooms import limits
from rooms.commands import Envelope, SetWordFilter
from rooms.decide.draft import Draft
from rooms.errors import Refused, invalid
from rooms.events import WordFilterSet
from rooms.moderation.matching import is_findable
from rooms.moderation.views import WordFilter, WordFilterMode
from rooms.participants import Participant


def matched_in(draft: Draft, who: Participant, text: str) -> tuple[str, ...]:
    """What the show's filter finds in a text; nothing where it is off, and nothing of crew's."""
    word_filter = draft.state.memory.moderation.word_filter
    if who.is_crew or word_filter.mode is WordFilterMode.OFF:
        return ()
    return draft.words.found_in(text, word_filter.words)


def require_fit_words(draft: Draft, who: Participant, text: str) -> None:
    """Refuses a text that cannot be held: it would be in front of everybody at once.

    Raises:
        Refused: ``words_refused``.
    """
    if matched_in(draft, who, text):
        raise Refused("words_refused", "These words are not shown here.", status=422)


def set_word_filter(draft: Draft, envelope: Envelope, command: SetWordFilter) -> dict[str, Any]:
    """Turns the filter on or off; replaces the crew's own words where they are given."""
    before = draft.state.memory.moderation.word_filter
    words = before.words if command.words is None else _own_words(command.words)
    after = WordFilter(mode=command.mode, words=words)
    if after != before:
        draft.emit(WordFilterSet(mode=after.mode, words=after.words), envelope)
        draft.audit(
            envelope,
            "set_word_filter",
            draft.state.facts.show_id,
            before={"mode": before.mode.value, "words": len(before.words)},
            after={"mode": after.mode.value, "words": len(after.words)},
        )
    return {"mode": after.mode.value, "words": list(after.words)}


def _own_words(words: tuple[str, ...]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for word in words:
        word = " ".join(word.split())
        if not word:
            continue
        if len(word) > limits.FILTER_WORD_CHARACTERS_MAX or not is_findable(word):
            most = limits.FILTER_WORD_CHARACTERS_MAX
            raise invalid(f"A word of the filter has letters, and at most {most} characters.")
        kept[word] = None
    return tuple(kept)
