"""The demo's crew account: given, or the one of an earlier start, or signed up now."""

from __future__ import annotations

import asyncio
import secrets

import aiohttp
import structlog

from loadtests.demo.programme import Programme
from loadtests.demo.theatre import Crew
from loadtests.wire import ApiClient, ApiProblem

logger = structlog.get_logger(__name__)

EMAIL = "crew@demo.example"
DISPLAY_NAME = "Stage crew"
READY_TIMEOUT_S = 120.0
READY_POLL_S = 0.25


async def crew_account(url: str, session: aiohttp.ClientSession, before: Programme | None) -> Crew:
    """An account that may drive a show.

    Args:
        before: what an earlier start wrote down; its account is used again if it still exists.

    Raises:
        ApiProblem: the server takes no sign-ups.
        TimeoutError: the server did not come up.
    """
    async with asyncio.timeout(READY_TIMEOUT_S):
        while True:
            try:
                return await _known_or_new(ApiClient(url, session), before)
            except aiohttp.ClientError:
                await asyncio.sleep(READY_POLL_S)  # Not listening yet.


async def _known_or_new(api: ApiClient, before: Programme | None) -> Crew:
    if before is not None:
        crew = Crew(before.crew_email, before.crew_password)
        try:
            await api.login(crew.email, crew.password)
        except ApiProblem as problem:
            logger.info("demo_account_gone", code=problem.code)
        else:
            return crew
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    try:
        await api.signup(EMAIL, password, DISPLAY_NAME, role="artist")
    except ApiProblem as problem:
        if problem.status != 409:
            raise
        name, domain = EMAIL.split("@")
        email = f"{name}-{secrets.token_hex(3)}@{domain}"
        await api.signup(email, password, DISPLAY_NAME, role="artist")
        return Crew(email, password)
    return Crew(EMAIL, password)
