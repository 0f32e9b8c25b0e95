"""``python -m loadtests.demo``: the demo show, over the wire alone."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import signal
import sys
from pathlib import Path

import aiohttp
import click
import structlog

from loadtests.demo import programme
from loadtests.demo.accounts import crew_account
from loadtests.demo.earlier import EarlierNight
from loadtests.demo.tasks import EXPECTED
from loadtests.demo.theatre import Crew, Theatre
from loadtests.wire import ApiProblem
from loadtests.wire.api import open_session

logger = structlog.get_logger("loadtests.demo")


@click.command()
@click.option("--url", required=True, help="Address of the web node, http://host:port.")
@click.option("--crew-email", help="Account that drives the show; one is signed up without it.")
@click.option("--crew-password", envvar="SETROOM_DEMO_PASSWORD", help="Its password.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder to keep demo.json in.")
@click.option("--write", "file", type=click.Path(path_type=Path), help="demo.json itself.")
@click.option("--seed", type=int, help="Seed of the nights; a new one each start by default.")
def main(
    url: str,
    crew_email: str | None,
    crew_password: str | None,
    data_dir: Path | None,
    file: Path | None,
    seed: int | None,
) -> None:
    """Replay a real night with simulated fans in a live show."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    target = file or (data_dir / "demo.json" if data_dir is not None else None)
    given = Crew(crew_email, crew_password) if crew_email and crew_password else None
    number = secrets.randbits(32) if seed is None else seed
    try:
        asyncio.run(_until_stopped(_play(url, given, target, random.Random(number))))
    except (ApiProblem, aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(f"the demo cannot play: {error}") from None


async def _play(url: str, given: Crew | None, file: Path | None, rng: random.Random) -> None:
    async with open_session() as session:
        crew = given or await crew_account(url, session, programme.read(file))
        theatre = Theatre(url, session, crew, file, random.Random(rng.getrandbits(64)))
        earlier = asyncio.create_task(_earlier_night(theatre, url, session, crew, file, rng))
        try:
            await theatre.run()
        finally:
            earlier.cancel()
            await asyncio.gather(earlier, return_exceptions=True)


async def _earlier_night(
    theatre: Theatre,
    url: str,
    session: aiohttp.ClientSession,
    crew: Crew,
    file: Path | None,
    rng: random.Random,
) -> None:
    """The night to look back at, beside the live one. If it fails, the next start tries again."""
    await theatre.opened.wait()
    if file is None:
        return  # Nobody would remember that it was played.
    try:
        await EarlierNight(url, session, crew, file, rng).run()
    except* EXPECTED as group:
        logger.warning("demo_earlier_night_broken", error=str(group.exceptions[0]))


async def _until_stopped(work: object) -> None:
    """Runs ``work`` until it ends or SIGTERM or SIGINT comes, and lets it clean up."""
    assert asyncio.iscoroutine(work)
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    main()
