"""Which wishes are for the same song, and which only look like it.

The same: one ``song_id``, or one `title_key` (case, accents and punctuation aside) where not both
name a song of the catalogue. Looking like it (`resembling`) is a question, never an answer. How
often both are wrong was measured on 1,525 titles: docs/decisions/requests.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from rapidfuzz import fuzz, process

from rooms.catalogue.names import title_key
from rooms.song_requests.requests import SongRequest

RESEMBLANCE_MIN = 80.0
"""Percent. Below, two typing errors in a short title are missed; above, few are won."""

CANDIDATES_MAX = 3
"""Titles that are asked about; people read them on a phone."""

_LEADING_ARTICLE = re.compile(r"^(?:the|a|an) (?=.)")
_BEGINNING_CHARACTERS_MIN = 5
_PART_CHARACTERS_MIN = 8
_PART_WORDS_MIN = 2


class Spelling(Struct, frozen=True):
    """A title in the forms that are compared, its leading article dropped.

    Attributes:
        plain: the words in order.
        ordered: the words in alphabetical order, for words that changed places.
        joined: without spaces, for words written as one.
        words: each word once.
    """

    plain: str
    ordered: str
    joined: str
    words: frozenset[str]


@lru_cache(maxsize=8_192)
def spelling_of(title: str) -> Spelling:
    """The forms of a title. Remembered: every new wish is compared with all of its queue."""
    plain = _LEADING_ARTICLE.sub("", title_key(title))
    words = plain.split()
    return Spelling(plain, " ".join(sorted(words)), "".join(words), frozenset(words))


def same_song(request: SongRequest, song_id: str | None, title: str) -> bool:
    """Whether a request is for this song."""
    if song_id is not None and request.song_id is not None:
        return request.song_id == song_id
    return title_key(request.title) == title_key(title)


def find_same(
    requests: Iterable[SongRequest], song_id: str | None, title: str, *, separate: bool
) -> SongRequest | None:
    """The first request for this song. ``separate``: only the same ``song_id`` counts, because
    its author says that another song has the same title."""
    for request in requests:
        if separate and (song_id is None or request.song_id != song_id):
            continue
        if same_song(request, song_id, title):
            return request
    return None


def resembling(requests: Sequence[SongRequest], title: str) -> list[SongRequest]:
    """Requests whose title may be meant by this one, the likeliest first.

    Letters that differ, words in another order, words written as one or apart; a title that is the
    beginning of the other (``Rosalita``), or some of its words (``born usa``).
    """
    wanted = spelling_of(title)
    known = [spelling_of(request.title) for request in requests]
    scores: dict[int, float] = {}
    for form in ("plain", "ordered", "joined"):
        found = process.extract_iter(
            getattr(wanted, form),
            [getattr(spelling, form) for spelling in known],
            scorer=fuzz.ratio,
            score_cutoff=RESEMBLANCE_MIN,
        )
        for _, score, index in found:
            scores[index] = max(scores.get(index, 0.0), score)
    for index, spelling in enumerate(known):
        if index not in scores and _part_of(wanted, spelling):
            scores[index] = RESEMBLANCE_MIN
    likeliest = sorted(scores, key=lambda index: (-scores[index], requests[index].number))
    return [requests[index] for index in likeliest[:CANDIDATES_MAX]]


def _part_of(one: Spelling, other: Spelling) -> bool:
    """Whether the shorter title is the beginning of the longer, or all its words are in it."""
    short, long = sorted((one, other), key=lambda spelling: len(spelling.plain))
    if not short.words < long.words:
        return False
    if len(short.plain) >= _BEGINNING_CHARACTERS_MIN and long.plain.startswith(f"{short.plain} "):
        return True
    return len(short.words) >= _PART_WORDS_MIN and len(short.plain) >= _PART_CHARACTERS_MIN
