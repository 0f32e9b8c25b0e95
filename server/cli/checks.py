"""The single checks of ``setroom doctor``."""

import platform
import shutil
import sys
import time
from enum import Enum
from pathlib import Path

import asyncpg
import msgspec

from server.cli.unreachable import why
from server.mail.configuration import mode_of, relay_address, sender_of
from server.settings import Settings

POSTGRES_VERSION_MIN = 180_000
DISK_BYTES_MIN = 1024**3
CLOCK_OFFSET_S_MAX = 1.0
"""Votes are judged by a node's clock corrected to the database's; a larger gap is a fault."""

CONNECT_S = 5.0
CLIENTS = Path(__file__).parents[2] / "clients" / "fan" / "dist"


class Verdict(Enum):
    """How a check went: fine, worth knowing, or not fit to run."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's report."""

    what: str
    verdict: Verdict
    said: str


def python_version() -> Finding:
    """Python 3.11 or later."""
    verdict = Verdict.GOOD if sys.version_info >= (3, 11) else Verdict.BAD
    return Finding("Python", verdict, platform.python_version())


def configured(settings: Settings) -> Finding:
    """Which stores the settings speak of."""
    if settings.is_embedded:
        return Finding("stores", Verdict.GOOD, f"embedded, below {settings.data_dir.absolute()}")
    return Finding("stores", Verdict.GOOD, "configured by SETROOM_DATABASE_URL and …_REDIS_URL")


def carriers(settings: Settings) -> list[Finding]:
    """What goes out to the world, and whether it is the sandbox."""
    https = settings.public_url.startswith("https://")
    verdict = Verdict.GOOD if https or settings.is_embedded else Verdict.NOTE
    said = settings.public_url + ("" if verdict is Verdict.GOOD else " (no https)")
    return [Finding("public URL", verdict, said)]


def clients_built() -> Finding:
    """Whether the pages' scripts and styles have been built."""
    if any(CLIENTS.rglob("*.js")):
        return Finding("clients", Verdict.GOOD, str(CLIENTS))
    return Finding("clients", Verdict.BAD, "not built: run `make build`")


def disk_space(settings: Settings) -> Finding:
    """Room for the embedded stores' data."""
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free / 1024**3:.1f} GiB free at {folder}"
    if free >= DISK_BYTES_MIN:
        return Finding("disk", Verdict.GOOD, said)
    return Finding("disk", Verdict.BAD if settings.is_embedded else Verdict.NOTE, said)


async def database(settings: Settings, *, embedded: bool) -> list[Finding]:
    """PostgreSQL: reachable, new enough, up to date, its clock near ours."""
    from storage.migrate import MigrationError, pending

    url = settings.database_url.reveal()
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        said = f"not reachable: {why(error, authority_option='sslrootcert')}"
        return [Finding("PostgreSQL", Verdict.BAD, said)]
    try:
        number = int(await connection.fetchval("SHOW server_version_num"))
        version = await connection.fetchval("SHOW server_version")
        before = time.time()
        theirs = float(
            await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        )
        offset = theirs - (before + time.time()) / 2
    finally:
        await connection.close()
    good = number >= POSTGRES_VERSION_MIN
    findings = [
        Finding(
            "PostgreSQL",
            Verdict.GOOD if good else Verdict.BAD,
            version if good else f"{version}, but 18 or later is needed",
        ),
        Finding(
            "clock",
            Verdict.GOOD if abs(offset) <= CLOCK_OFFSET_S_MAX else Verdict.BAD,
            f"{offset * 1000:+.0f} ms between the database's and ours",
        ),
    ]
    if good:
        try:
            missing = await pending(url)
        except MigrationError as error:
            return [*findings, Finding("migrations", Verdict.BAD, str(error))]
        said = f"pending: {', '.join(missing)}; run `setroom migrate`" if missing else "all applied"
        # `up` migrates its own embedded stores: nothing to be done by hand there.
        serious = Verdict.NOTE if embedded else Verdict.BAD
        findings.append(Finding("migrations", serious if missing else Verdict.GOOD, said))
    return findings


async def outbox(settings: Settings) -> list[Finding]:
    """Effects that wait for a worker, and dead ones; nothing where the outbox cannot be read."""
    from storage.outbox.outbox import PostgresOutbox

    url = settings.database_url.reveal()
    try:
        async with asyncpg.create_pool(url, min_size=1, max_size=1, timeout=CONNECT_S) as pool:
            counts = await PostgresOutbox(pool).counts()
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError):
        return []  # said already, by the check of the database
    said = []
    for count in counts:
        waiting = f"{count.waiting} {count.kind} waiting for {count.oldest_s:.0f} s"
        said += [waiting] if count.waiting else []
        said += [f"{count.dead} {count.kind} dead"] if count.dead else []
    dead = any(count.dead for count in counts)
    verdict = Verdict.NOTE if dead else Verdict.GOOD
    return [Finding("outbox", verdict, ", ".join(said) or "nothing waits")]


async def mail(settings: Settings) -> Finding:
    """Where mails go; a configured server: reachable, and it takes our password."""
    from jobs.mail.relay import probe

    match mode_of(settings):
        case "off":
            said = "off: SETROOM_MAIL_URL names no server, so nobody gets any"
            return Finding("mail", Verdict.NOTE, said)
        case "sandbox":
            return Finding("mail", Verdict.GOOD, "sandbox: kept for the panel, sent to nobody")
    address = relay_address(settings.mail_url.reveal())
    where = f"{address.host}:{address.port}"
    wrong = await probe(address)
    if wrong is not None:
        return Finding("mail", Verdict.BAD, f"{where}: {wrong}")
    signed = "signed with DKIM" if settings.mail_dkim_key else "not signed here"
    said = f"{where}, from {sender_of(settings).addr_spec}, {signed}"
    if not settings.mail_webhook_secret:
        said += "; bounces are not heard without SETROOM_MAIL_WEBHOOK_SECRET"
    return Finding("mail", Verdict.GOOD, said)
