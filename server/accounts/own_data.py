"""Everything that is kept of a person, as one JSON document written while it is read.

A person may have said ten thousand things: no more than one batch of rows is in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Protocol

import msgspec

FORMAT: Final = 1

IN_MEMORY_BYTES: Final = 4 * 1024 * 1024
PIECE_BYTES: Final = 64 * 1024


class PersonalData(Protocol):
    """The part of `storage.accounts.personal_data.PersonalData` that is needed here."""

    def parts(self, account_id: str) -> AsyncIterator[tuple[str, AsyncIterator[dict[str, Any]]]]:
        """(name, rows) of each kind of thing that is kept."""
        ...


class OwnData:
    """Writes exports."""

    def __init__(self, data: PersonalData) -> None:
        self._data = data

    async def of(self, account_id: str, now: datetime) -> AsyncIterator[bytes]:
        """The document ``{"format": 1, "exported_at": …, "account": [{…}], …}``, in pieces.

        It is written down first: who reads slowly must not hold a connection to the database.
        """
        # A file in memory that moves to the disk when it grows.
        with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as document:
            document.write(msgspec.json.encode({"format": FORMAT, "exported_at": now})[:-1])
            async for name, rows in self._data.parts(account_id):
                document.write(b",\n" + msgspec.json.encode(name) + b":[")
                separator = b"\n"
                async for row in rows:
                    document.write(separator + msgspec.json.encode(row))
                    separator = b",\n"
                document.write(b"]")
            document.write(b"}\n")
            document.seek(0)
            while piece := document.read(PIECE_BYTES):
                yield piece
