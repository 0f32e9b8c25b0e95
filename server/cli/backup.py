"""``setroom backup``, ``setroom restore``, and what follows a restore."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import asyncpg
import click

from server.cli.environment import load_settings, stores_for
from server.cli.errors import CommandError
from server.settings import Settings

Answer = TypeVar("Answer")

ROWS_WORTH_TELLING = 10_000
"""Smaller tables are not told one by one."""

RELEASE = "`setroom release-messages` sends the mails that are held, or drops them"


def key_check(settings: Settings) -> str:
    """Tells whether a secret key is the same, and nothing else about it."""
    from server.security.tokens import derive_key

    return hmac.digest(derive_key(settings.secret_key, "backup"), b"check", "sha256")[:8].hex()


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything in the database to FILE, as of one moment, while it is used.

    Secrets are not in it: keep SETROOM_SECRET_KEY elsewhere.
    """
    click.echo(f"{asyncio.run(_backup(file))}, {file.stat().st_size / 1024**2:.1f} MiB")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what is in the database now.")
@click.option("--other-key", is_flag=True, help="SETROOM_SECRET_KEY is another one than then.")
@click.option(
    "--keep-sessions",
    is_flag=True,
    help="Accounts stay signed in: nobody has signed out, or lost a device, since the backup.",
)
def restore(file: Path, replace: bool, other_key: bool, keep_sessions: bool) -> None:
    """Bring back what `setroom backup` wrote to FILE.

    The database is as before until everything is read and checked. Nodes may run meanwhile.
    """
    asyncio.run(_restore(file, replace, other_key, keep_sessions))


@click.command()
@click.option(
    "--as-of",
    required=True,
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S"]),
    help="The moment that the database shows; without a zone it is UTC.",
)
@click.option("--keep-sessions", is_flag=True, help="See `setroom restore`.")
def restored(as_of: datetime, keep_sessions: bool) -> None:
    """Tell a database that it was brought back by other means.

    For a point-in-time recovery or a snapshot of your provider, before any node is started on it:
    it does what `setroom restore` does at its end.
    """
    asyncio.run(_restored(as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC), keep_sessions))


@click.command("release-messages")
@click.option("--send-mail/--drop-mail", default=None, help="What becomes of mails that are held.")
def release_messages(send_mail: bool | None) -> None:
    """End the caution after a restore: texts go without a look-up, mails are held no longer."""
    asyncio.run(_release(send_mail))


async def _backup(file: Path) -> str:
    from importlib.metadata import version

    from storage.backup.dumping import dump

    began = time.monotonic()
    async with stores_for(load_settings(), click.echo) as settings:
        manifest = await _or_say_why(
            dump(
                settings.database_url.reveal(),
                file,
                version=version("setroom"),
                key_check=key_check(settings),
                progress=_tell("written"),
            )
        )
    return (
        f"{manifest.rows} rows of {len(manifest.tables)} tables as of "
        f"{manifest.backup_at:%Y-%m-%d %H:%M:%S} UTC, {time.monotonic() - began:.1f} s"
    )


async def _restore(file: Path, replace: bool, other_key: bool, keep_sessions: bool) -> None:
    from storage.backup.restoring import restore as read_back

    began = time.monotonic()
    async with stores_for(load_settings(), click.echo) as settings:
        done = await _or_say_why(
            read_back(
                settings.database_url.reveal(),
                file,
                key_check=None if other_key else key_check(settings),
                replace=replace,
                keep_sessions=keep_sessions,
                progress=_tell("read"),
            )
        )
        forgotten = await _forget_jobs(settings)
    click.echo(
        f"{done.manifest.rows} rows are back as of {done.manifest.backup_at:%Y-%m-%d %H:%M:%S} "
        f"UTC, {time.monotonic() - began:.1f} s"
    )
    for thing in done.gone:
        click.echo(f"gone with the tables that it was built upon: {thing}")
    _say_adopted(done.adopted.texts, done.adopted.mails, done.adopted.sessions)
    if not forgotten:
        click.echo("Redis could not be reached: empty it, or jobs of before are done once more")


async def _restored(as_of: datetime, keep_sessions: bool) -> None:
    from storage.backup.adopting import adopt

    async with stores_for(load_settings(), click.echo) as settings:
        connection = await _connected(settings)
        try:
            now = await connection.fetchval("SELECT now()")
            if as_of > now:
                raise CommandError(f"{as_of:%Y-%m-%d %H:%M:%S} UTC has not been yet")
            async with connection.transaction():
                done = await _or_say_why(adopt(connection, as_of, keep_sessions=keep_sessions))
        finally:
            await connection.close()
        await _forget_jobs(settings)
    _say_adopted(done.texts, done.mails, done.sessions)


async def _release(send_mail: bool | None) -> None:
    from storage.backup.adopting import quarantine, release

    async with stores_for(load_settings(), click.echo) as settings:
        connection = await _connected(settings)
        try:
            held = await quarantine(connection)
            if held is None:
                click.echo("nothing is held: there was no restore, or it has been released")
                return
            if held.mails and send_mail is None:
                raise CommandError(
                    f"{held.mails} mails that were due after {held.backup_at:%Y-%m-%d %H:%M} UTC "
                    "are held: they may have gone. Say --send-mail or --drop-mail"
                )
            count = await release(connection, send_mail=bool(send_mail))
        finally:
            await connection.close()
    click.echo(f"released; {count} mails {'go out' if send_mail else 'were dropped'}")


def _say_adopted(texts: int, mails: int, sessions: int) -> None:
    click.echo(
        f"{texts} texts are looked up before they go, {mails} mails are held, "
        f"{sessions} sessions of accounts have ended"
    )
    click.echo(RELEASE)


def _tell(done: str) -> Callable[[str, int], None]:
    def tell(table: str, rows: int) -> None:
        if rows >= ROWS_WORTH_TELLING:
            click.echo(f"  {table}: {rows} rows {done}")

    return tell


async def _connected(settings: Settings) -> "asyncpg.Connection[asyncpg.Record]":
    return await _or_say_why(asyncpg.connect(settings.database_url.reveal(), timeout=10))


async def _or_say_why(work: Awaitable[Answer]) -> Answer:
    from storage.backup.errors import BackupError

    try:
        return await work
    except BackupError as error:
        raise CommandError(str(error)) from None
    except asyncpg.UndefinedTableError:
        raise CommandError("not_migrated: run `setroom migrate` first") from None
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise CommandError(f"database_unreachable: {error}") from None


async def _forget_jobs(settings: Settings) -> bool:
    """Jobs of before speak of things that may not be; false: Redis could not be reached."""
    from redis.exceptions import RedisError

    from rooms.operations.priorities import STREAKS_KEY, Priority, later_of, stream_of
    from storage.redis.clients import connect

    keys = [STREAKS_KEY]
    for priority in Priority:
        keys += [stream_of(priority), later_of(priority)]
    try:
        async with asyncio.timeout(10):
            redis = connect(
                settings.redis_url.reveal(), timeout_s=2.0, connect_s=2.0, connections_max=2
            )
            async with redis:
                for key in keys:
                    await redis.delete(key)
    except (RedisError, OSError, TimeoutError, ValueError):
        return False
    return True
