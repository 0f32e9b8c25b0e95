"""What an entry of the setlist is, and which values its fields may take.

The document is one root, ``entries``: a map of entry ids to maps of the fields below. All
values are plain (text or booleans); absent optional fields are simply not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from crdt.any_value import UNDEFINED
from crdt.document_limits import DocumentLimits
from crdt.ordering import is_position
from crdt.tricks import says_something, stacks_marks, turns_direction

ROOT: Final = "entries"
DEFAULT_SECTION: Final = "set1"

SECTIONS: Final = (
    "soundcheck",
    *(f"set{number}" for number in range(1, 10)),
    *(f"encore{number}" for number in range(1, 10)),
)
"""In playing order, which is not the alphabet's."""

SECTION_RANKS: Final[Mapping[str, int]] = {name: rank for rank, name in enumerate(SECTIONS)}


class RefusalCode(StrEnum):
    """Why something in an update was repaired; part of the wire contract."""

    SETLIST_LOCKED = "setlist_locked"
    NOT_ALLOWED = "not_allowed"
    ENTRY_PROTECTED = "entry_protected"
    TOO_MANY_ENTRIES = "too_many_entries"
    INVALID_ENTRY_ID = "invalid_entry_id"
    INVALID_ENTRY = "invalid_entry"
    UNKNOWN_FIELD = "unknown_field"
    INVALID_TYPE = "invalid_type"
    INVALID_TEXT = "invalid_text"
    TITLE_MISSING = "title_missing"
    TITLE_TOO_LONG = "title_too_long"
    ARTIST_TOO_LONG = "artist_too_long"
    NOTE_TOO_LONG = "note_too_long"
    GUESTS_TOO_LONG = "guests_too_long"
    INVALID_SONG_ID = "invalid_song_id"
    INVALID_SECTION = "invalid_section"
    INVALID_POSITION = "invalid_position"
    INVALID_STARTED_AT = "invalid_started_at"
    INVALID_AUTHOR = "invalid_author"
    FORGED_AUTHOR = "forged_author"
    FOREIGN_CONTENT = "foreign_content"


class SetlistEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One place in the setlist.

    Attributes:
        artist: whose song it is, where it is a cover.
        guests: who sat in, as it would be said from the stage.
        title: empty only while an entry is unfinished (its editor has not sent a title yet).
        position: fractional index inside the section; empty if the editor sent none (last).
        started_at: RFC 3339, when the song began.
        added_by: the participant who added it; never changes.
    """

    id: str
    title: str = ""
    song_id: str | None = None
    artist: str | None = None
    section: str = DEFAULT_SECTION
    position: str = ""
    segue: bool = False
    guests: str | None = None
    note: str | None = None
    started_at: str | None = None
    added_by: str | None = None


FIELDS: Final = (
    "title",
    "song_id",
    "artist",
    "section",
    "position",
    "segue",
    "guests",
    "note",
    "started_at",
    "added_by",
)
FIELD_SET: Final = frozenset(FIELDS)
PLACE_FIELDS: Final = frozenset({"section", "position"})
"""Changing only these is a move."""

_ENTRY_ID = re.compile(r"[A-Za-z0-9_.:\-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")
_CONTROL_IN_NOTES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def entry_order(entry: SetlistEntry) -> tuple[int, bool, str, str]:
    """Sort key of the playing order: section, position, id; without a position last."""
    return (SECTION_RANKS[entry.section], not entry.position, entry.position, entry.id)


def is_entry_id(text: str, limits: DocumentLimits) -> bool:
    """Whether ``text`` can name an entry: letters, digits and ``_.:-``."""
    return len(text) <= limits.reference_characters_max and bool(_ENTRY_ID.fullmatch(text))


def field_fault(field: str, value: object, limits: DocumentLimits) -> RefusalCode | None:
    """Why ``value`` may not stand in ``field``, or None if it may.

    Null and undefined stand for "absent" and are always well formed.
    """
    if value is None or value is UNDEFINED:
        return None
    if field == "segue":
        return None if isinstance(value, bool) else RefusalCode.INVALID_TYPE
    check = _TEXT_CHECKS.get(field)
    if check is None:
        return RefusalCode.UNKNOWN_FIELD
    if not isinstance(value, str):
        return RefusalCode.INVALID_TYPE
    return check(value, limits)


def _text_fault(value: str, controls: re.Pattern[str]) -> RefusalCode | None:
    bad = controls.search(value) or turns_direction(value) or stacks_marks(value)
    return RefusalCode.INVALID_TEXT if bad else None


def _title_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    if len(value) > limits.title_characters_max:
        return RefusalCode.TITLE_TOO_LONG
    if not says_something(value):
        return RefusalCode.TITLE_MISSING
    return _text_fault(value, _CONTROL)


def _artist_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    if len(value) > limits.artist_characters_max:
        return RefusalCode.ARTIST_TOO_LONG
    return _text_fault(value, _CONTROL)


def _guests_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    if len(value) > limits.guests_characters_max:
        return RefusalCode.GUESTS_TOO_LONG
    return _text_fault(value, _CONTROL)


def _note_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    if len(value) > limits.note_characters_max:
        return RefusalCode.NOTE_TOO_LONG
    return _text_fault(value, _CONTROL_IN_NOTES)


def _song_id_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    return None if is_entry_id(value, limits) else RefusalCode.INVALID_SONG_ID


def _author_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    return None if is_entry_id(value, limits) else RefusalCode.INVALID_AUTHOR


def _section_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    return None if value in SECTION_RANKS else RefusalCode.INVALID_SECTION


def _position_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    valid = is_position(value, limits.position_bytes_max)
    return None if valid else RefusalCode.INVALID_POSITION


def _started_at_fault(value: str, limits: DocumentLimits) -> RefusalCode | None:
    if _TIMESTAMP.fullmatch(value) is None:
        return RefusalCode.INVALID_STARTED_AT
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return RefusalCode.INVALID_STARTED_AT
    return None


_TEXT_CHECKS: Final[Mapping[str, Callable[[str, DocumentLimits], RefusalCode | None]]] = {
    "title": _title_fault,
    "artist": _artist_fault,
    "guests": _guests_fault,
    "note": _note_fault,
    "song_id": _song_id_fault,
    "added_by": _author_fault,
    "section": _section_fault,
    "position": _position_fault,
    "started_at": _started_at_fault,
}


def read_entry(entry_id: str, raw: Mapping[str, Any]) -> SetlistEntry:
    """An entry from whatever its map holds; never raises.

    Values of the wrong type, and places that cannot be sorted, count as absent.
    """
    values: dict[str, Any] = {}
    for field in FIELDS:
        value = raw.get(field)
        if field == "segue":
            if isinstance(value, bool):
                values[field] = value
        elif isinstance(value, str):
            values[field] = value
    if values.get("section", DEFAULT_SECTION) not in SECTION_RANKS:
        del values["section"]
    return SetlistEntry(id=entry_id, **values)


def entry_fields(entry: SetlistEntry) -> dict[str, str | bool]:
    """The fields of an entry that are present, as they stand in the document."""
    fields: dict[str, str | bool] = {}
    for field in FIELDS:
        value = getattr(entry, field)
        if value is not None and value != "":
            fields[field] = value
    return fields
