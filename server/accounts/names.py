"""What people may be called: a display name stands before everybody, and cannot be held."""

from __future__ import annotations

from functools import cache

from rooms.moderation.matching import WordMatcher
from server.field_problems import FieldProblem
from storage.moderation.word_lists import name_words


def name_problem(display_name: str) -> FieldProblem | None:
    """Why somebody cannot be called so; ``None``: they can."""
    if not _words().found_in(display_name):
        return None
    return FieldProblem("display_name", "words_refused", "Choose another name.")


@cache
def _words() -> WordMatcher:
    """Read once, when the first name is looked at."""
    return name_words()
