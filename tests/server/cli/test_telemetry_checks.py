"""What the doctor says of errors and traces."""

from __future__ import annotations

import asyncio

from server.cli.checks import Verdict
from server.cli.telemetry_checks import telemetry
from server.secret import Secret
from server.settings import Settings

KEY = "0123456789abcdef"


async def test_neither_is_needed() -> None:
    errors, traces = await telemetry(Settings())
    assert (errors.verdict, traces.verdict) == (Verdict.GOOD, Verdict.GOOD)
    assert "SETROOM_SENTRY_DSN is not set" in errors.said
    assert "SETROOM_OTLP_URL is not set" in traces.said


async def test_it_is_said_whether_they_can_be_reached_and_never_with_the_key(
    unused_tcp_port: int,
) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        settings = Settings(
            sentry_dsn=Secret(f"http://{KEY}@127.0.0.1:{port}/1"),
            otlp_url=f"http://127.0.0.1:{unused_tcp_port}",
            trace_sample=0.25,
        )
        errors, traces = await telemetry(settings)
    assert (errors.verdict, traces.verdict) == (Verdict.GOOD, Verdict.NOTE)
    assert errors.said == "reported to Sentry at 127.0.0.1 as production"
    assert "25.00%" in traces.said and "ConnectionRefusedError" in traces.said
    assert KEY not in errors.said + traces.said
