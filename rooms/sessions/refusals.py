"""What is said of refused setlist edits: one sentence for people per code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crdt.schema import RefusalCode
from rooms import limits

REFUSAL_DETAILS: Final[Mapping[RefusalCode, str]] = MappingProxyType(
    {
        RefusalCode.SETLIST_LOCKED: "The setlist is locked.",
        RefusalCode.NOT_ALLOWED: "Your role may not edit this setlist.",
        RefusalCode.ENTRY_PROTECTED: "The artist has sealed this entry.",
        RefusalCode.TOO_MANY_ENTRIES: f"A setlist has at most {limits.ENTRIES_MAX} entries.",
        RefusalCode.INVALID_ENTRY_ID: "An entry has an id that cannot be used.",
        RefusalCode.INVALID_ENTRY: "An entry is a map of plain values.",
        RefusalCode.UNKNOWN_FIELD: "An entry has no such field.",
        RefusalCode.INVALID_TYPE: "A field has a value of the wrong type.",
        RefusalCode.INVALID_TEXT: "Text must not hold control characters.",
        RefusalCode.TITLE_MISSING: "An entry needs a title.",
        RefusalCode.TITLE_TOO_LONG: (
            f"A title has at most {limits.TITLE_CHARACTERS_MAX} characters."
        ),
        RefusalCode.ARTIST_TOO_LONG: "The artist's name is too long.",
        RefusalCode.GUESTS_TOO_LONG: "The names of who sat in are too long.",
        RefusalCode.NOTE_TOO_LONG: f"A note has at most {limits.NOTE_CHARACTERS_MAX} characters.",
        RefusalCode.INVALID_SONG_ID: "This is no song's id.",
        RefusalCode.INVALID_SECTION: "There is no such section.",
        RefusalCode.INVALID_POSITION: "This position cannot be used.",
        RefusalCode.INVALID_STARTED_AT: "A start is a time in RFC 3339.",
        RefusalCode.INVALID_AUTHOR: "This is no participant's id.",
        RefusalCode.FORGED_AUTHOR: "An entry is added in one's own name.",
        RefusalCode.FOREIGN_CONTENT: "A setlist holds entries and nothing else.",
    }
)
