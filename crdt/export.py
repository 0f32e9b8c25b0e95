"""The setlist for people and programs without Yjs: JSON, CSV, text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec

from crdt.schema import FIELDS, SetlistEntry


def entries_as_dicts(entries: Iterable[SetlistEntry]) -> list[dict[str, Any]]:
    """Every field of every entry, absent ones as None, ready for JSON."""
    return [msgspec.structs.asdict(entry) for entry in entries]


def entries_as_rows(entries: Iterable[SetlistEntry]) -> Iterator[tuple[str, ...]]:
    """A table: its header, then one row per entry. What is absent is empty."""
    names = ("id", *FIELDS)
    yield names
    for entry in entries:
        yield tuple(_cell(getattr(entry, name)) for name in names)


def _cell(value: str | bool | None) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else value


def entries_as_text(entries: Iterable[SetlistEntry]) -> str:
    """A setlist as one writes it: a heading per section, ``>`` for a segue, who sat in.

    Args:
        entries: in playing order.
    """
    blocks: list[str] = []
    for section, group in groupby(entries, key=lambda entry: entry.section):
        lines = [section_title(section)]
        for number, entry in enumerate(group, start=1):
            artist = f" ({entry.artist})" if entry.artist else ""
            guests = f" [with {entry.guests}]" if entry.guests else ""
            lines.append(f"{number}. {entry.title}{artist}{guests}{' >' if entry.segue else ''}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def section_title(section: str) -> str:
    """``set2`` as ``Set 2``, ``encore1`` as ``Encore``."""
    name, number = section.rstrip("0123456789"), section.lstrip("abcdefghijklmnopqrstuvwxyz")
    title = name.capitalize()
    return title if not number or section == "encore1" else f"{title} {number}"
