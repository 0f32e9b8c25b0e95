"""Reports as files, written while they are read: in memory there are a few hundred rows."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec

from server.reports.workbook import LENGTH, End, Frame, Sheet, SheetRows
from server.spreadsheets import Cell, csv_lines, runs_as_formula

BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it Excel reads UTF-8 as the system's old code page."""

Rows = AsyncIterator[list[list[Cell]]]


class WorkbookFailed(Exception):
    """The process that writes workbooks ended without one."""


async def write_csv(path: Path, header: list[str], rows: Rows) -> None:
    """One table as CSV."""
    with await asyncio.to_thread(path.open, "w", encoding="utf-8", newline="") as file:
        file.write(BYTE_ORDER_MARK + csv_lines([header]))
        async for some in rows:
            await asyncio.to_thread(file.write, csv_lines(some))


class WorkbookWriter:
    """A workbook, written by `server.reports.workbook` in a process of its own, which ends with
    the block, however that ends.

    ::

        async with WorkbookWriter(path) as book:
            await book.add_sheet("Votes", header, rows)
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def process_id(self) -> int:
        """Of the process that writes."""
        return self._process.pid

    async def __aenter__(self) -> WorkbookWriter:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.reports.workbook",
            str(self._path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
        )
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                await self._say(End())
                if await self._process.wait() != 0:
                    raise WorkbookFailed
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    async def add_sheet(self, name: str, header: list[str], rows: Rows) -> None:
        """One table.

        Raises:
            WorkbookFailed: the process is gone.
        """
        await self._say(Sheet(name=name, header=tuple(header)))
        async for some in rows:
            await self._say(
                SheetRows(
                    rows=some,  # type: ignore[arg-type]  # times are texts by now
                    formulas=[
                        (place, column)
                        for place, row in enumerate(some)
                        for column, cell in enumerate(row)
                        if isinstance(cell, str) and runs_as_formula(cell)
                    ],
                )
            )

    async def _say(self, frame: Frame) -> None:
        assert self._process.stdin is not None
        data = msgspec.msgpack.encode(frame)
        try:
            self._process.stdin.write(LENGTH.pack(len(data)) + data)
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise WorkbookFailed from error
