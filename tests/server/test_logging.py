"""Logs hold nobody's number or words, whatever fails."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import asyncpg
import pytest
import structlog

from server.logging import configure_logging
from server.settings import Settings
from storage.database import open_database

NUMBER = "+12015550199"

STATEMENTS = {
    "a row": ("INSERT INTO numbers VALUES ($1, 'x')", (NUMBER,)),
    "a key": ("INSERT INTO numbers VALUES ($1, 'sms'), ($1, 'sms')", (NUMBER,)),
    "a value": ("SELECT $1::text::uuid", (NUMBER,)),
    "an argument": ("SELECT $1::uuid", (NUMBER,)),
}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    opened = await open_database(database_url, connections_max=1)
    async with opened.pool.acquire() as connection:
        await connection.execute(
            "CREATE TEMP TABLE numbers (number text UNIQUE, channel text CHECK (channel = 'sms'))"
        )
        yield connection
    await opened.close()


@pytest.mark.parametrize("shape", ["json", "console"])
@pytest.mark.parametrize("logger", ["ours", "a library's"])
@pytest.mark.parametrize("statement", STATEMENTS)
async def test_what_the_database_quotes_is_struck_out(
    connection: Any, statement: str, logger: str, shape: Literal["json", "console"]
) -> None:
    written = io.StringIO()
    configure_logging(Settings(log_format=shape), written)
    sql, values = STATEMENTS[statement]
    try:
        try:
            await connection.execute(sql, *values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            assert NUMBER in str(error)
            raise ExceptionGroup("several", [RuntimeError("one"), error]) from error
    except ExceptionGroup:
        if logger == "ours":
            structlog.get_logger("setroom.test").exception("it_broke")
        else:
            logging.getLogger("library").exception("it broke")

    assert "it_broke" in written.getvalue() or "it broke" in written.getvalue()
    assert "RuntimeError" in written.getvalue()
    assert NUMBER not in written.getvalue()
