"""The setlist for people and programs without Yjs: JSON, CSV, text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import msgspec

from crdt.schema import FIELDS, SetlistEntry

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def entries_as_dicts(entries: Iterable[SetlistEntry]) -> list[dict[str, Any]]:
    """Every field of every entry, absent ones as None, ready for JSON."""
    return [msgspec.structs.asdict(entry) for entry in entries]


def entries_as_csv(entries: Iterable[SetlistEntry]) -> str:
    """RFC 4180 with a header line.

    Cells that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV
    injection).
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("id", *FIELDS))
    for entry in entries:
        writer.writerow(_cell(getattr(entry, name)) for name in ("id", *FIELDS))
    return out.getvalue()


def _cell(value: str | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


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
