"""Logs hold nobody's number or words, whatever fails."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import asyncpg
import pytest
import structlog

from server.log_rates import LINES_PER_WINDOW, WINDOW_S, LogRates
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


def test_every_line_names_its_node_and_its_trace() -> None:
    from opentelemetry.sdk.trace import TracerProvider

    written = io.StringIO()
    configure_logging(
        Settings(log_format="json", node_name="stage-left", otlp_url="http://localhost:9"), written
    )
    tracer = TracerProvider().get_tracer("tests")
    structlog.get_logger("rooms").info("outside")
    with tracer.start_as_current_span("turn") as span:
        structlog.get_logger("rooms").info("inside", show_id="s1")
        logging.getLogger("library").warning("inside too")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["node"] for line in lines] == ["stage-left"] * 3
    trace_id = f"{span.get_span_context().trace_id:032x}"
    assert [line.get("trace_id") for line in lines] == [None, trace_id, trace_id]


def test_a_warning_that_repeats_itself_is_held_back_and_counted() -> None:
    now = [0.0]
    rates = LogRates(lambda: now[0])
    for _ in range(LINES_PER_WINDOW):
        assert rates.take("bus_disconnected", logging.WARNING) == 0
    for _ in range(480):
        assert rates.take("bus_disconnected", logging.WARNING) is None
    assert rates.take("another", logging.WARNING) == 0
    assert rates.take("bus_disconnected", logging.ERROR) == 0, "an error is another line"
    now[0] = WINDOW_S
    assert rates.take("bus_disconnected", logging.WARNING) == 480
    assert rates.take("bus_disconnected", logging.WARNING) == 0
    assert rates.held_back == 480
    assert rates.lines["warning"] == LINES_PER_WINDOW + 480 + 3
    for _ in range(1_000):
        assert rates.take("account_signed_up", logging.INFO) == 0, "what happens is not a warning"


def test_lines_held_back_are_not_written_whoever_logs_them() -> None:
    written = io.StringIO()
    configure_logging(Settings(log_format="json"), written)
    for number in range(100):
        structlog.get_logger("tests").warning("repeats_itself", number=number)
        logging.getLogger("tests.a_library").warning("number %d", number)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert sum(line["event"] == "repeats_itself" for line in lines) == LINES_PER_WINDOW
    assert sum(line["logger"] == "tests.a_library" for line in lines) == LINES_PER_WINDOW
