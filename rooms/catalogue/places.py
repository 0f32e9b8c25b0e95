"""Where a show took place: an archive's location line taken apart, capitals lowered."""

from __future__ import annotations

import re

from rooms.catalogue.archive import ArchiveVenue, ReadingReport, Reason, slugify
from rooms.catalogue.countries import NATIONS_OF_GB, US_STATES, country_code

_SMALL_WORDS = frozenset(
    "a al an and at by da de del della delle den der des di do du el for in la le les of on or "
    "the to von".split()
)
_ACRONYMS = frozenset(
    "AAMI ARCO ASU BBC GE HSBC ICC KFC LSU MGM MSU NBC NEC QPAC RCA RPI SECC SIU TD UCLA UCONN "
    "UIC UNH US USA".split()
)
_INITIALS = re.compile(r"(?:\w\.)+\w?")
_WORD = re.compile(r"[^\W\d_]+(?:['’.][^\W\d_]+)*\.?")
_VOWELS = frozenset("AEIOUYÀÁÂÃÄÅÆÈÉÊËÌÍÎÏÒÓÔÕÖØÙÚÛÜĀĒĪŌŪ")
_CONSONANT_WORDS = frozenset({"DR", "FT", "MR", "MRS", "MT", "ST", "SGT", "LTD", "PKWY", "MCG"})


def is_capitals(text: str) -> bool:
    """Whether a text is shouted: more capitals than the two a name like ``McDonough`` has."""
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return len(letters) > 2 and capitals > 0.6 * len(letters)


def lower_capitals(text: str) -> str:
    """Title case for a text in capitals: ``THE FORUM AT UCLA`` to ``The Forum at UCLA``."""
    return _WORD.sub(lambda m: _word(m.group(), first=m.start() == 0), text)


def _word(word: str, *, first: bool) -> str:
    upper = word.upper()
    if _INITIALS.fullmatch(word) or upper in _ACRONYMS:
        return upper
    bare = upper.rstrip(".")
    if len(bare) > 1 and not _VOWELS.intersection(bare) and bare not in _CONSONANT_WORDS:
        return upper
    lowered = word.lower()
    if not first and lowered in _SMALL_WORDS:
        return lowered
    if lowered.startswith("mc") and len(lowered) > 3:
        return "Mc" + lowered[2:].capitalize()
    head, apostrophe, tail = lowered.partition("'")
    if apostrophe and len(head) == 1:
        return head.upper() + "'" + tail.capitalize()
    return lowered.capitalize()


def venue_of(
    name: str, city: str | None, state: str | None, country: str, report: ReadingReport, show: str
) -> ArchiveVenue:
    """The venue with its country as a code; repairs and gaps are noted for ``show``.

    A state of the United States beside another country is believed before the country: the
    code of a state is specific, while a country is often filled in for a whole table.
    """
    code = country_code(country)
    if state in US_STATES and code != "US":
        report.note(Reason.COUNTRY_CONTRADICTED_BY_STATE, f"{show}: {state}, {country}")
        code = "US"
    if code is None:
        report.note(Reason.COUNTRY_UNKNOWN, f"{show}: {country}")
    if state is None and country.casefold() in NATIONS_OF_GB:
        state = country
    if city is None:
        report.note(Reason.CITY_UNKNOWN, f"{show}: {name}")
    place = [part or "" for part in (name, city, state, code or country)]
    identity = "/".join(slugify(part) or part.casefold() for part in place)
    return ArchiveVenue(f"venue:{identity}", name, city, state, code)


def split_location(location: str, state: str | None) -> tuple[str, str | None]:
    """Venue and city of ``VENUE, CITY, ST, COUNTRY``, or without ``ST`` where there is none.

    The venue may hold commas itself; the city is counted from the end.
    """
    parts = [part.strip() for part in location.split(",")]
    tail = 2 if state is None else 3
    if len(parts) <= tail:
        return parts[0], None
    return ", ".join(parts[:-tail]), parts[-tail]
