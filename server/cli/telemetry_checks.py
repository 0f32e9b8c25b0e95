"""The checks of ``setroom doctor`` that are about errors and traces: configured, and reachable?"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from urllib.parse import SplitResult, urlsplit

from server.cli.checks import CONNECT_S, Finding, Verdict
from server.settings import Settings

_PORTS = {"http": 80, "https": 443}


async def telemetry(settings: Settings) -> list[Finding]:
    """Where errors and traces go. Neither is needed to run, so nothing of it is bad."""
    return [await _errors(settings), await _traces(settings)]


async def _errors(settings: Settings) -> Finding:
    if not settings.sentry_dsn:
        return Finding("errors", Verdict.GOOD, "logged only: SETROOM_SENTRY_DSN is not set")
    parts = urlsplit(settings.sentry_dsn.reveal())
    said = f"reported to Sentry at {parts.hostname} as {settings.sentry_environment}"
    return await _reached("errors", parts, said)


async def _traces(settings: Settings) -> Finding:
    if not settings.otlp_url:
        return Finding("traces", Verdict.GOOD, "off: SETROOM_OTLP_URL is not set")
    parts = urlsplit(settings.otlp_url)
    said = f"{settings.trace_sample:.2%} of what comes in goes to {parts.hostname}"
    return await _reached("traces", parts, said)


async def _reached(what: str, parts: SplitResult, said: str) -> Finding:
    try:
        port = parts.port or _PORTS[parts.scheme]
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
    except (OSError, TimeoutError, ValueError) as error:
        why = f"cannot be reached now ({type(error).__name__})"
        return Finding(what, Verdict.NOTE, f"{said}; it {why}, which costs nothing but the reports")
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Finding(what, Verdict.GOOD, said)
