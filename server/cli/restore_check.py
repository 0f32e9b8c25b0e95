"""The check of ``setroom doctor`` that is about a restore."""

import asyncpg

from server.cli.checks import CONNECT_S, Finding, Verdict
from server.settings import Settings


async def restore(settings: Settings) -> list[Finding]:
    """Whether the database was brought back and nobody has released its messages; nothing where
    that cannot be read, or is not so."""
    from storage.backup.adopting import quarantine

    try:
        connection = await asyncpg.connect(settings.database_url.reveal(), timeout=CONNECT_S)
        try:
            held = await quarantine(connection)
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError):
        return []  # said already, by the check of the database
    if held is None:
        return []
    said = (
        f"shows {held.backup_at:%Y-%m-%d %H:%M} UTC: texts are looked up before they go, "
        f"{held.mails} mails are held; end it by `setroom release-messages`"
    )
    return [Finding("restored", Verdict.NOTE, said)]
