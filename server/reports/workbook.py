"""Writes a workbook in a process of its own: ``python -m server.reports.workbook FILE``.

A workbook of fifty thousand rows takes seconds of a processor, all of it Python: in the web node,
on whatever thread, it would take turns with every room's events. So the node reads and this
process writes; the pipe between them holds the reader back. Rows come on standard input as
msgpack, each message after its length in four bytes.

XlsxWriter's ``constant_memory`` keeps one row in memory. Texts are written as texts: a cell is
never a formula, a link or a number that looks like one, whatever it begins with.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import xlsxwriter
from msgspec import Struct

ROWS_MAX: Final = 1_048_576
"""Rows of a sheet, its header included (ECMA-376 leaves it open, Excel does not)."""

CELL_CHARACTERS_MAX: Final = 32_767
FRAME_BYTES_MAX: Final = 16 * 1024 * 1024
LENGTH: Final = struct.Struct(">I")

OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Value = str | int | float | bool | None


class Sheet(Struct, frozen=True, tag=True):
    """A new sheet begins."""

    name: str
    header: tuple[str, ...]


class SheetRows(Struct, frozen=True, tag=True):
    """Rows of the sheet that began last. ``formulas``: (row, column) of texts that a spreadsheet
    would run once somebody edits them."""

    rows: list[list[Value]]
    formulas: list[tuple[int, int]] = []


class End(Struct, frozen=True, tag=True):
    """That was all. Without it the reader is gone, and there is no workbook."""


Frame = Sheet | SheetRows | End

_DECODER: Final[msgspec.msgpack.Decoder[Frame]] = msgspec.msgpack.Decoder(Frame)


class Workbook:
    """A workbook that grows."""

    def __init__(self, path: str, rows_max: int = ROWS_MAX) -> None:
        options = {**OPTIONS, "tmpdir": str(Path(path).parent)}
        self._book: Any = xlsxwriter.Workbook(path, options)
        self._bold: Any = self._book.add_format({"bold": True, "bottom": 1})
        # As if typed with an apostrophe in front: it stays a text when it is edited.
        self._quoted: Any = self._book.add_format({"quote_prefix": True})
        self._rows_max = rows_max
        self._sheet: Any = None
        self._began: Sheet | None = None
        self._sheets = 0
        self._row = 0

    def take(self, frame: Sheet | SheetRows) -> None:
        """Adds a sheet, or rows to the one that there is; a full one goes on in another."""
        match frame:
            case Sheet():
                self._began, self._sheets = frame, 0
                self._begin()
            case SheetRows():
                quoted = set(frame.formulas)
                for place, row in enumerate(frame.rows):
                    if self._row >= self._rows_max:
                        self._begin()
                    self._write(place, row, quoted)

    def close(self) -> None:
        """Everything is on disk after this."""
        self._book.close()

    def _begin(self) -> None:
        assert self._began is not None, "rows come after a sheet"
        self._sheets += 1
        name = self._began.name if self._sheets == 1 else f"{self._began.name} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(self._began.header):
            self._sheet.set_column(column, column, max(12, min(40, len(title) + 4)))
            self._sheet.write_string(0, column, title, self._bold)
        self._row = 1

    def _write(self, place: int, row: list[Value], quoted: set[tuple[int, int]]) -> None:
        for column, value in enumerate(row):
            if isinstance(value, str):
                form = self._quoted if (place, column) in quoted else None
                text = value[:CELL_CHARACTERS_MAX]
                self._sheet.write_string(self._row, column, text, form)
            elif value is not None:
                self._sheet.write(self._row, column, value)
        self._row += 1


def read_frame(stream: IO[bytes]) -> Frame | None:
    """The next message; ``None``: there is none."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    if length > FRAME_BYTES_MAX:
        raise ValueError("a message is too long")
    return _DECODER.decode(stream.read(length))


def main(path: str) -> int:
    """Writes what is said until the end of it. Exit status: 0 if it was all said."""
    os.nice(10)  # rooms come first
    book = Workbook(path)
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        if isinstance(frame, End):
            book.close()
            return 0
        book.take(frame)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
