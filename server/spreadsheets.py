"""Tables as CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from litestar import Response

Cell = str | int | float | bool | datetime | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""Categories of signs that a spreadsheet, or whoever pastes from it, may leave out."""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180 with a header line; see `csv_lines`."""
    return csv_lines([header]) + csv_lines(rows)


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Lines of RFC 4180; texts are quoted.

    A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV
    injection), in whichever form its sign is written.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return out.getvalue()


def runs_as_formula(text: str) -> bool:
    """Whether a spreadsheet might take a text for a formula, also once it is pasted elsewhere."""
    if text.startswith(_FORMULA_STARTS):
        return True
    first = next((sign for sign in text if unicodedata.category(sign) not in _UNSEEN), "")
    return unicodedata.normalize("NFKC", first).startswith(_FORMULA_STARTS)


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response[Any]:
    """A download. ``name``: of the file, without its suffix; ASCII."""
    return Response(
        as_csv(header, rows),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


def _cell(value: Cell) -> str | int | float:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(timespec="seconds")
        case str():
            return f"'{value}" if runs_as_formula(value) else value
        case _:
            return value
