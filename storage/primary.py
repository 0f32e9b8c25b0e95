"""Connects to the one server of several that may be written to, and never back to one before it.

After a failover three things are not as they were. The first host of the list may be gone without
a word (a dead machine refuses nothing), so the next one is tried while the first is still silent. A
standby is up and answers, and cannot be used. And the old primary may come back, before anybody
has told it that it is one no longer: it takes connections, reads what was true before, and its
commits wait for a standby that has left. It is known by its *timeline*, which each promotion
increments: whoever has seen a later one of the same cluster does not go back, and lets go of every
connection to the earlier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import asyncpg

NEXT_HOST_AFTER_S = 0.5
"""One that has not let us in by then does not keep us from asking the next: several round trips to
another continent, and a tenth of what a connection may take."""

HOSTS_MAX = 16
"""Of one address. Each may be asked for each new connection."""

_WHICH = """SELECT pg_is_in_recovery() AS stands_by,
    (SELECT system_identifier FROM pg_control_system()) AS cluster,
    CASE WHEN pg_is_in_recovery() THEN '0'
    ELSE substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END AS timeline"""


_Primary: TypeAlias = "tuple[int, asyncpg.Connection[Any]]"
"""A timeline and the way there."""


class NoPrimary(ConnectionError):
    """No server of the list may be written to; the message names no password."""


class PrimariesSeen:
    """The latest timeline of each cluster that this process has been connected to."""

    def __init__(self) -> None:
        self._latest: dict[int, int] = {}
        self._on_later: list[Callable[[], None]] = []

    def on_later(self, call: Callable[[], None]) -> None:
        """``call`` whenever a later timeline than before is seen."""
        self._on_later.append(call)

    def seen(self, cluster: int, timeline: int) -> bool:
        """Takes what a server says of itself; false when there has been a later one."""
        latest = self._latest.get(cluster)
        if latest is not None and timeline < latest:
            return False
        self._latest[cluster] = timeline
        if latest is not None and timeline > latest:
            for call in self._on_later:
                call()
        return True


def hosts_of(url: str) -> list[str]:
    """``postgresql://a,b:5433/db`` as one address for each host, in the order given.

    Hosts that stand behind the ``?`` are left to the driver.

    Raises:
        ValueError: more than `HOSTS_MAX`.
    """
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    every = [host for host in hosts.split(",") if host]
    if len(every) > HOSTS_MAX:
        raise ValueError(f"more than {HOSTS_MAX} hosts")
    if len(every) < 2:
        return [url]
    return [parts._replace(netloc=f"{user}{at}{host}").geturl() for host in every]


async def connect(
    url: str, *, primaries_seen: PrimariesSeen | None = None, timeout_s: float, **options: Any
) -> asyncpg.Connection[Any]:
    """A connection to the primary.

    Args:
        url: may name several hosts; contains the password.
        primaries_seen: what was seen before, and is added to.
        timeout_s: for all of it.
        options: of ``asyncpg.connect``.

    Raises:
        TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InternalClientError: as the first
            host that said why; `NoPrimary` if all that answer are standbys, or out of date.
    """
    known = primaries_seen or PrimariesSeen()
    attempts = [_one(host, known, timeout_s, options) for host in hosts_of(url)]
    async with asyncio.timeout(timeout_s):
        return await _first(attempts)


async def _one(
    url: str, primaries_seen: PrimariesSeen, timeout_s: float, options: dict[str, Any]
) -> _Primary:
    try:
        connection = await asyncpg.connect(url, timeout=timeout_s, **options)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        # No such host, no way there: to callers the same as one that refuses.
        raise NoPrimary(type(error).__name__) from error
    try:
        said = await connection.fetchrow(_WHICH, timeout=timeout_s)
        if said is None or said["stands_by"]:
            raise NoPrimary("the server is a standby")
        timeline = int(said["timeline"], 16)
        if not primaries_seen.seen(said["cluster"], timeline):
            raise NoPrimary("the server was the primary before another one became it")
    except BaseException:
        connection.terminate()
        raise
    return timeline, connection


async def _first(attempts: list[Coroutine[Any, Any, _Primary]]) -> asyncpg.Connection[Any]:
    """The first that succeeds. Each is begun when the one before it fails, or takes long."""
    waiting, running = list(attempts), set[asyncio.Task[_Primary]]()
    refused: Exception | None = None
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(waiting.pop(0)))
            done, running = await asyncio.wait(
                running,
                timeout=NEXT_HOST_AFTER_S if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            good, refused = _sorted_out(done, refused)
            if good is not None:
                return good
    finally:
        for attempt in waiting:
            attempt.close()
        await _give_up(running)
    assert refused is not None
    raise refused


def _sorted_out(
    done: set[asyncio.Task[_Primary]], refused: Exception | None
) -> tuple[asyncpg.Connection[Any] | None, Exception | None]:
    """The latest of those that answered at the same moment, and why another did not."""
    good: list[_Primary] = []
    for task in done:
        error = task.exception()
        if error is None:
            good.append(task.result())
        elif not isinstance(error, Exception):
            raise error
        elif refused is None or isinstance(refused, NoPrimary):
            refused = error
    good.sort(key=lambda primary: primary[0])
    for _, connection in good[:-1]:
        connection.terminate()
    return (good[-1][1] if good else None), refused


async def _give_up(running: set[asyncio.Task[_Primary]]) -> None:
    for task in running:
        task.cancel()
    for left in await asyncio.gather(*running, return_exceptions=True):
        if not isinstance(left, BaseException):
            left[1].terminate()
