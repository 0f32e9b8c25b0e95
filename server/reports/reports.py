"""Reports: who may have one, and how it is made."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, tzinfo
from pathlib import Path
from typing import BinaryIO, Final, Literal
from zoneinfo import ZoneInfo

import asyncpg
import structlog
from msgspec import Struct

from rooms.participants import CREW
from rooms.shows.records import ShowRecord
from server.gates import Gate
from server.problems import ApiError, not_allowed
from server.reports.files import WorkbookFailed, WorkbookWriter, write_csv
from server.reports.tables import Reader, Tables
from server.reports.texts import SHEETS, Language, Part, header_of
from server.room_calls import RoomCalls
from server.rounds.results import outcomes_of
from server.security.identity import Identity
from server.shows.attendance import Attendance, role_in
from server.shows.shows import Shows
from storage.catalogue.cities import gazetteer
from storage.reports.rows import ReportReading

AT_ONCE: Final = 2
"""Reports that a node makes at the same time; each holds a connection to the database."""

WAITING_MAX: Final = 8
MADE_WITHIN_S: Final = 300.0
"""A night of fifty thousand people takes some ten seconds as a workbook."""

Format = Literal["csv", "xlsx"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

log = structlog.get_logger(__name__)


class Report(Struct, frozen=True):
    """A finished file. ``file``: open for reading, and gone from the disk once it is closed."""

    name: str
    media_type: str
    size_bytes: int
    file: BinaryIO


class Reports:
    """Makes reports."""

    def __init__(
        self,
        shows: Shows,
        attendance: Attendance,
        calls: RoomCalls,
        pool: asyncpg.Pool[object],
    ) -> None:
        self._shows = shows
        self._attendance = attendance
        self._calls = calls
        self._reading = ReportReading(pool)
        self._gate = Gate(AT_ONCE, WAITING_MAX)

    async def make(
        self, show_id: str, identity: Identity, kind: Format, part: Part | None, language: Language
    ) -> Report:
        """A show's report: a workbook with a sheet for each part or for the one asked for; as CSV
        one part, by itself the attendees.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``, ``busy``, ``unavailable``.
        """
        standing = await self._attendance.standing(show_id, identity)
        if role_in(standing, identity) not in CREW:
            raise not_allowed("A show's report is for its crew.")
        show = await self._shows.by_id_or_slug(show_id)
        reader = Reader(
            language=language, zone=await _zone_of(show), sees_numbers=identity.is_admin
        )
        if kind == "csv":
            part = part or Part.ATTENDEES
        async with self._gate.turn():
            try:
                async with asyncio.timeout(MADE_WITHIN_S):
                    return await self._made(show, identity, reader, kind, part)
            except (TimeoutError, WorkbookFailed) as error:
                log.error("report_failed", show_id=show_id, error=type(error).__name__)
                detail = "The report could not be made. Try again."
                raise ApiError(503, "unavailable", detail, retry_after_s=10) from None

    async def _made(
        self, show: ShowRecord, identity: Identity, reader: Reader, kind: Format, part: Part | None
    ) -> Report:
        _, outcomes = await outcomes_of(self._calls, show.show_id, identity)
        with tempfile.TemporaryDirectory(prefix="setroom-report-") as folder:
            path = Path(folder) / "report"
            async with self._reading.open(show.show_id) as rows:
                tables = Tables(rows, outcomes, reader)
                if kind == "csv":
                    assert part is not None  # of a CSV file there is one
                    await write_csv(path, header_of(part, reader.language), tables.rows(part))
                else:
                    await _write_workbook(path, tables, reader, part)
            file = await asyncio.to_thread(path.open, "rb")
            size = path.stat().st_size
        return Report(
            name=f"{show.slug}-{part.value if part else 'report'}.{kind}",
            media_type=MEDIA_TYPES[kind],
            size_bytes=size,
            file=file,
        )


async def _write_workbook(path: Path, tables: Tables, reader: Reader, only: Part | None) -> None:
    async with WorkbookWriter(path) as book:
        for part in Part if only is None else (only,):
            await book.add_sheet(
                SHEETS[reader.language][part],
                header_of(part, reader.language),
                tables.rows(part),
            )


async def _zone_of(show: ShowRecord) -> tzinfo:
    """The venue's; UTC where it is not known."""
    if show.venue is None or show.venue.city is None:
        return UTC
    city = (await gazetteer()).locate(show.venue.city, show.state, show.venue.country)
    return ZoneInfo(city.time_zone) if city else UTC
