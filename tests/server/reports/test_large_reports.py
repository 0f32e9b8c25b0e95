"""Twenty thousand rows take the memory of two and a half thousand."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import psutil
from litestar import Litestar

from rooms.participants import Role
from server.reports.files import WorkbookWriter
from server.reports.reports import Report
from server.reports.texts import Part
from server.reports.workbook import Sheet, SheetRows, Workbook
from server.security.identity import Identity, Via
from tests.server.http import Person
from tests.server.reports.nights import ballots, crowd

FEW, MANY = 2_500, 20_000


def identity_of(who: Person) -> Identity:
    return Identity(
        account_id=who.id,
        session_id="s",
        role=Role.ARTIST,
        display_name="The Band",
        guest=False,
        via=Via.BEARER,
    )


async def night_of(app: Litestar, artist: Person, people: int) -> str:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    for _ in range(0, people, FEW):  # a statement of all would be too long on a slow machine
        await ballots(app, opened["id"], await crowd(app, show["id"], FEW))
    return str(show["id"])


async def peak_of(app: Litestar, artist: Person, show_id: str) -> int:
    """Bytes that Python held at most while it made a report."""
    gc.collect()
    tracemalloc.start()
    try:
        made: Report = await app.state.services.reports.make(
            show_id, identity_of(artist), "csv", Part.VOTES, "en"
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    with made.file as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(65_536), b""))
    assert lines == {FEW: FEW, MANY: MANY}[lines - 1] + 1
    return peak


async def test_a_node_holds_as_much_for_many_rows_as_for_few(app: Litestar, artist: Person) -> None:
    few, many = [await night_of(app, artist, people) for people in (FEW, MANY)]
    peaks = [await peak_of(app, artist, show) for show in (few, many)]
    assert peaks[1] < 1.5 * peaks[0] + 512 * 1024, peaks


async def rows_of(count: int) -> AsyncIterator[list[list[Any]]]:
    for start in range(0, count, 500):
        yield [[n, f"Somebody {n}", "2026-11-22T20:00:00-03:00"] for n in range(start, start + 500)]


async def test_the_process_that_writes_workbooks_does_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    async with WorkbookWriter(path) as book:
        process = psutil.Process(book.process_id)
        await book.add_sheet("One", ["n", "name", "at"], rows_of(FEW))
        before = await settled(process)
        tracemalloc.start()
        await book.add_sheet("Two", ["n", "name", "at"], rows_of(MANY))
        _, ours = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        after = await settled(process)
    assert ours < 2 * 1024 * 1024, ours
    assert after < before + 16 * 1024 * 1024, (before, after)
    sheets = openpyxl.load_workbook(path, read_only=True)
    assert [sheet.max_row for sheet in sheets] == [FEW + 1, MANY + 1]


async def settled(process: psutil.Process) -> int:
    """Resident bytes once the process has read what there was: it sleeps then."""
    async with asyncio.timeout(120):
        while process.status() != psutil.STATUS_SLEEPING:
            await asyncio.sleep(0.05)
    return int(process.memory_info().rss)


def test_more_rows_than_a_sheet_takes_go_on_in_another(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = Workbook(str(path), rows_max=4)
    book.take(Sheet("Votes", ("n",)))
    book.take(SheetRows([[n] for n in range(7)]))
    book.take(Sheet("Rounds", ("n",)))
    book.take(SheetRows([[1]]))
    book.close()
    read = openpyxl.load_workbook(path)
    assert {sheet.title: [cell.value for cell in sheet["A"]] for sheet in read} == {
        "Votes": ["n", 0, 1, 2],
        "Votes 2": ["n", 3, 4, 5],
        "Votes 3": ["n", 6],
        "Rounds": ["n", 1],
    }
