"""Exports: for programs, spreadsheets and paper."""

from __future__ import annotations

import json

from crdt.export import entries_as_dicts, entries_as_rows, entries_as_text
from crdt.schema import SetlistEntry

ENTRIES = (
    SetlistEntry(id="a", title="Scarlet Begonias", section="set2", position="V1", segue=True),
    SetlistEntry(
        id="b", title='Fire, on the "Mountain"', section="set2", position="W1", guests="Ned Lagin"
    ),
    SetlistEntry(
        id="c", title="=HYPERLINK(1)", section="encore1", position="V1", artist="+Traffic"
    ),
    SetlistEntry(id="d", title="U.S. Blues", section="encore2", position="V1", note="-1\n@x"),
)


def test_dicts_hold_every_field_and_are_json() -> None:
    listed = json.loads(json.dumps(entries_as_dicts(ENTRIES)))
    assert [entry["title"] for entry in listed] == [entry.title for entry in ENTRIES]
    assert listed[0]["segue"] is True
    assert listed[0]["note"] is None


def test_a_row_has_a_cell_for_every_field() -> None:
    header, *rows = entries_as_rows(ENTRIES)
    table = [dict(zip(header, row, strict=True)) for row in rows]
    assert table[1]["title"] == 'Fire, on the "Mountain"'
    assert [row["segue"] for row in table] == ["true", "false", "false", "false"]
    assert [row["guests"] for row in table] == ["", "Ned Lagin", "", ""]


def test_text_reads_like_a_setlist() -> None:
    assert entries_as_text(ENTRIES) == (
        'Set 2\n1. Scarlet Begonias >\n2. Fire, on the "Mountain" [with Ned Lagin]\n\n'
        "Encore\n1. =HYPERLINK(1) (+Traffic)\n\nEncore 2\n1. U.S. Blues\n"
    )
    assert entries_as_text(()) == ""
