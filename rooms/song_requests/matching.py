"""Which wishes are for the same song, and which only look like it.

The same: one ``song_id``, or one `title_key` (case, accents and punctuation aside) where not both
name a song of the catalogue. Looking like it (`QueueIndex.resembling`) is a question, never an
answer. How often both are wrong was measured on 2,098 titles: docs/decisions/requests.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
    """The forms of a title. Remembered: an index is made anew in every turn that needs one."""
    plain = _LEADING_ARTICLE.sub("", title_key(title))
    words = plain.split()
    return Spelling(plain, " ".join(sorted(words)), "".join(words), frozenset(words))


class QueueIndex:
    """The requests of one queue by what they are for and by whom.

    Made once a turn and then added to: 500 people may wish at once in a queue of 2,000. Holds
    places of requests, not their status, which a turn may change.
    """

    def __init__(self, requests: Iterable[SongRequest]) -> None:
        self._requests: list[SongRequest] = []
        self._spellings: list[Spelling] = []
        self._joined: list[str] = []
        self._by_song: dict[str, list[int]] = {}
        self._by_key: dict[str, list[int]] = {}
        self._by_word: dict[str, set[int]] = {}
        self._by_author: dict[str, list[str]] = {}
        for request in requests:
            self.add(request)

    def add(self, request: SongRequest) -> None:
        """One more request, behind the others."""
        place, spelling = len(self._requests), spelling_of(request.title)
        self._requests.append(request)
        self._spellings.append(spelling)
        self._joined.append(spelling.joined)
        if request.song_id is not None:
            self._by_song.setdefault(request.song_id, []).append(place)
        self._by_key.setdefault(title_key(request.title), []).append(place)
        for word in spelling.words:
            self._by_word.setdefault(word, set()).add(place)
        self._by_author.setdefault(request.participant_id, []).append(request.song_request_id)

    def by_author(self, participant_id: str) -> list[str]:
        """Ids of one person's requests."""
        return self._by_author.get(participant_id, [])

    def same(self, song_id: str | None, title: str, *, separate: bool) -> list[str]:
        """Ids of requests for this song, the oldest first.

        Args:
            separate: only the same ``song_id`` counts, because their author says that another
                song has the same title.
        """
        places = set() if song_id is None else set(self._by_song.get(song_id, ()))
        if not separate:
            places.update(
                place
                for place in self._by_key.get(title_key(title), ())
                if song_id is None or self._requests[place].song_id in (None, song_id)
            )
        return [self._requests[place].song_request_id for place in sorted(places)]

    def resembling(self, title: str, accept: Callable[[str], bool]) -> list[str]:
        """Ids of requests whose title may be meant by this one, the likeliest first.

        Letters that differ, words in another order, words written as one or apart; a title that
        is the beginning of the other (``Rosalita``), or some of its words (``born usa``).

        Args:
            accept: whether the request of an id may be asked about.
        """
        wanted = spelling_of(title)
        found = process.extract_iter(
            wanted.joined, self._joined, scorer=fuzz.ratio, score_cutoff=RESEMBLANCE_MIN
        )
        scores = {place: score for _, score, place in found}
        for place in self._sharing_words(wanted):
            score = _likeness(wanted, self._spellings[place])
            if score >= RESEMBLANCE_MIN:
                scores[place] = max(scores.get(place, 0.0), score)
        likeliest = sorted(scores, key=lambda place: (-scores[place], place))
        ids = (self._requests[place].song_request_id for place in likeliest)
        return [one for one in ids if accept(one)][:CANDIDATES_MAX]

    def _sharing_words(self, wanted: Spelling) -> set[int]:
        return set().union(*(self._by_word.get(word, ()) for word in wanted.words))


def _likeness(one: Spelling, other: Spelling) -> float:
    """Percent, for titles that have words in common: however these are ordered, and at least
    `RESEMBLANCE_MIN` where one is part of the other."""
    least = RESEMBLANCE_MIN if _part_of(one, other) else 0.0
    return max(
        least,
        fuzz.ratio(one.plain, other.plain, score_cutoff=RESEMBLANCE_MIN),
        fuzz.ratio(one.ordered, other.ordered, score_cutoff=RESEMBLANCE_MIN),
    )


def _part_of(one: Spelling, other: Spelling) -> bool:
    """Whether the shorter title is the beginning of the longer, or all its words are in it."""
    short, long = sorted((one, other), key=lambda spelling: len(spelling.words))
    if not short.words < long.words:
        return False
    if len(short.plain) >= _BEGINNING_CHARACTERS_MIN and long.plain.startswith(f"{short.plain} "):
        return True
    return len(short.words) >= _PART_WORDS_MIN and len(short.plain) >= _PART_CHARACTERS_MIN
