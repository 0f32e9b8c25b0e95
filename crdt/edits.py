"""Edits that the server makes itself: imports, commands without a socket, upkeep.

What was brought back from the past is in `crdt.rewriting`.

Each returns one update to be stored and relayed like any other (``EMPTY_UPDATE`` if nothing
had to change). They check the schema and raise :class:`~crdt.errors.EditError`; permissions
are their caller's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from pycrdt import Map

from crdt.document import SetlistDocument
from crdt.errors import EditError
from crdt.ordering import (
    PositionExhausted,
    RandomDigits,
    is_position,
    position_between,
    positions_evenly,
)
from crdt.schema import (
    FIELD_SET,
    SECTION_RANKS,
    RefusalCode,
    SetlistEntry,
    entry_fields,
    field_fault,
    is_entry_id,
)


def add_entry(
    document: SetlistDocument,
    entry: SetlistEntry,
    random: RandomDigits,
    *,
    behind: str | None = None,
) -> bytes:
    """Add an entry; without a position at the end of its section.

    Args:
        behind: the entry of the section to stand behind instead; ignored where it is not.

    Raises:
        EditError: the id exists already, a field is invalid, or the document is full.
    """
    if document.entry(entry.id) is not None:
        raise EditError(RefusalCode.INVALID_ENTRY_ID, "the entry exists already")
    if document.entry_count >= document.limits.entries_max:
        raise EditError(RefusalCode.TOO_MANY_ENTRIES, "the setlist is full")
    if not entry.position:
        entry = msgspec.structs.replace(
            entry, position=_position_behind(document, entry.section, behind, random)
        )
    check_entry(document, entry)

    def change(entries: Map[Any]) -> None:
        entries[entry.id] = Map(entry_fields(entry))

    return document.write(change)


def set_fields(
    document: SetlistDocument, entry_id: str, fields: Mapping[str, str | bool | None]
) -> bytes:
    """Write some fields of an entry; None removes an optional one.

    Raises:
        EditError: no such entry, an unknown field, or an invalid value.
    """
    before = _existing(document, entry_id)
    if not FIELD_SET.issuperset(fields):
        raise EditError(RefusalCode.UNKNOWN_FIELD, "an entry has no such field")
    values: dict[str, Any] = dict(fields)
    if "segue" in values and values["segue"] is None:
        values["segue"] = False
    for required in ("title", "section", "position"):
        if required in values and not values[required]:
            raise EditError(RefusalCode.INVALID_ENTRY, f"{required} cannot be removed")
    for field, value in values.items():
        _check(document, field, value)
    changed = {field: value for field, value in values.items() if getattr(before, field) != value}
    return document.write(lambda entries: write_fields(entries[entry_id], changed))


def move_entry(
    document: SetlistDocument,
    entry_id: str,
    section: str,
    after_entry_id: str | None,
    random: RandomDigits,
) -> bytes:
    """Move an entry behind another one of the section, or to its start.

    Raises:
        EditError: no such entry or section.
    """
    _existing(document, entry_id)
    _check(document, "section", section)
    others = [entry for entry in section_entries(document, section) if entry.id != entry_id]
    index = 0
    if after_entry_id is not None:
        ids = [entry.id for entry in others]
        if after_entry_id not in ids:
            raise EditError(RefusalCode.INVALID_POSITION, "the neighbour is not in the section")
        index = ids.index(after_entry_id) + 1
    position = _position_at(others, index, random)
    if position is not None:
        return set_fields(document, entry_id, {"section": section, "position": position})
    order = [entry.id for entry in others]
    order.insert(index, entry_id)
    return _spread(document, section, order)


def remove_entry(document: SetlistDocument, entry_id: str) -> bytes:
    """Remove an entry.

    Raises:
        EditError: no such entry.
    """
    _existing(document, entry_id)

    def change(entries: Map[Any]) -> None:
        del entries[entry_id]

    return document.write(change)


def rebalance_section(document: SetlistDocument, section: str) -> bytes:
    """Rewrite the positions of a section, evenly and short; the order stays."""
    return _spread(document, section, [entry.id for entry in section_entries(document, section)])


def sections_to_rebalance(document: SetlistDocument) -> tuple[str, ...]:
    """Sections with a position that has grown beyond the limit for rebalancing."""
    bound = document.limits.position_rebalance_bytes
    long = {entry.section for entry in document.entries() if len(entry.position) >= bound}
    return tuple(sorted(long, key=SECTION_RANKS.__getitem__))


def section_entries(document: SetlistDocument, section: str) -> list[SetlistEntry]:
    """The entries of one section in playing order."""
    return [entry for entry in document.entries() if entry.section == section]


def position_at_end(document: SetlistDocument, section: str, random: RandomDigits) -> str:
    """A position behind everything in a section that has one."""
    positions = (entry.position for entry in section_entries(document, section))
    last = max(filter(is_position, positions), default=None)
    try:
        return position_between(last, None, random)
    except PositionExhausted:
        # Behind 64 digits of "z" there is nothing; the next rebalancing makes room again.
        return "z" * document.limits.position_bytes_max


def _position_behind(
    document: SetlistDocument, section: str, entry_id: str | None, random: RandomDigits
) -> str:
    entries = section_entries(document, section)
    places = [place for place, entry in enumerate(entries) if entry.id == entry_id]
    position = _position_at(entries, places[0] + 1, random) if places else None
    return position or position_at_end(document, section, random)


def check_entry(document: SetlistDocument, entry: SetlistEntry) -> None:
    """Raise unless every field of an entry is valid.

    Raises:
        EditError: with the code of the first fault.
    """
    if not is_entry_id(entry.id, document.limits):
        raise EditError(RefusalCode.INVALID_ENTRY_ID, "not an entry id")
    if not entry.title:
        raise EditError(RefusalCode.TITLE_MISSING, "an entry needs a title")
    for field, value in entry_fields(entry).items():
        _check(document, field, value)


def _check(document: SetlistDocument, field: str, value: object) -> None:
    fault = field_fault(field, value, document.limits)
    if fault is not None:
        raise EditError(fault, f"{field} is not valid")


def _existing(document: SetlistDocument, entry_id: str) -> SetlistEntry:
    entry = document.entry(entry_id)
    if entry is None:
        raise EditError(RefusalCode.INVALID_ENTRY, "no such entry")
    return entry


def write_fields(entry: Map[Any], values: Mapping[str, str | bool | None]) -> None:
    """Write fields into an entry's map, inside a transaction; None and "" take one away."""
    for field, value in values.items():
        if value is not None and value != "":
            entry[field] = value
        elif field in entry:
            del entry[field]


def _position_at(entries: list[SetlistEntry], index: int, random: RandomDigits) -> str | None:
    """A position for the ``index``-th place; None if the neighbours leave none."""
    before = entries[index - 1].position if index else None
    after = entries[index].position if index < len(entries) else None
    if before is not None and not is_position(before):
        return None
    if after is not None and not is_position(after):
        after = None
    try:
        return position_between(before, after, random)
    except (PositionExhausted, ValueError):
        return None


def _spread(document: SetlistDocument, section: str, order: list[str]) -> bytes:
    positions = dict(zip(order, positions_evenly(len(order)), strict=True))

    def change(entries: Map[Any]) -> None:
        for entry_id, position in positions.items():
            before = _existing(document, entry_id)
            values = {"section": section, "position": position}
            changed = {name: v for name, v in values.items() if getattr(before, name) != v}
            write_fields(entries[entry_id], changed)

    return document.write(change)
