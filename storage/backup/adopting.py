"""What a database that was brought back has to be told, by whatever means it came.

Between the backup and now things were acknowledged, sent and ended of which it knows nothing:

- **Rooms.** Every head moves far ahead in ``state_version``: a node that still holds the log of
  before cannot append to this one by chance. (That it is another log is what its epoch says.)
- **Messages that were due** may have gone. Texts become ``unknown``: they are looked up at their
  carrier, and go only if it does not have them. Mails cannot be looked up: they are held until
  somebody says what becomes of them, except those of an account's safety.
- **Messages that are made anew** (a show that ends a second time) are treated the same by
  `storage.messaging.queue`, for as long as the restore is not released.
- **Sessions.** Who was signed out meanwhile, or whose device was stolen, is signed in again here:
  accounts' sessions end, and their owners sign in. Guests have nothing to sign in with: the first
  authentic token of a session is taken, because its current one was lost.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
from msgspec import Struct

from rooms.restores import VERSION_LEAP

_ROOMS = "UPDATE rooms SET state_version = state_version + $1"

_RESTORE = "INSERT INTO restores (backup_at, restored_at) VALUES ($1, greatest($1, now()))"

_TEXTS = """
UPDATE messages
   SET state = 'unknown', reason = 'restored', handed_at = coalesce(handed_at, $1), due_at = now()
 WHERE state IN ('scheduled', 'queued', 'sending', 'unknown') AND due_at <= now()
   AND channel <> 'mail'
"""

# A mail whose hand-over had begun is settled by what was written down about it.
_MAILS = """
UPDATE messages SET held = true, reason = 'restored'
 WHERE state IN ('scheduled', 'queued', 'sending') AND due_at <= now() AND handed_at IS NULL
   AND channel = 'mail' AND kind <> 'SECURITY' AND NOT held
"""

_END_SESSIONS = """
UPDATE sessions s SET revoked_at = now(), revoked_reason = 'restored'
  FROM accounts a
 WHERE a.id = s.account_id AND a.kind = 'user' AND s.revoked_at IS NULL AND NOT $1::boolean
"""

# As `storage.accounts.sessions` reads it: no token has sixteen bytes of hash.
_ADOPT_SESSIONS = """
UPDATE sessions SET token_hash = uuid_send(id), previous_hash = NULL WHERE revoked_at IS NULL
"""

_HELD = """
SELECT count(*) FROM messages
 WHERE held AND reason = 'restored' AND state IN ('scheduled', 'queued', 'sending')
"""

_OPEN = "SELECT min(backup_at) FROM restores WHERE released_at IS NULL"

_SEND = """
UPDATE messages SET held = false, due_at = greatest(due_at, now())
 WHERE held AND reason = 'restored' AND state IN ('scheduled', 'queued', 'sending')
"""

_DROP = """
UPDATE messages SET held = false, state = 'cancelled', reason = 'restored', ended_at = now()
 WHERE held AND reason = 'restored' AND state IN ('scheduled', 'queued', 'sending')
"""

_RELEASE = "UPDATE restores SET released_at = now() WHERE released_at IS NULL"


class Adopted(Struct, frozen=True):
    """What was found: texts to be looked up, mails held, sessions of accounts ended."""

    texts: int
    mails: int
    sessions: int


class Quarantine(Struct, frozen=True):
    """A restore that nobody has released. ``mails``: held."""

    backup_at: datetime
    mails: int


async def adopt(
    connection: asyncpg.Connection[Any], backup_at: datetime, *, keep_sessions: bool
) -> Adopted:
    """Tells a database that it was brought back, in the caller's transaction.

    Args:
        backup_at: the moment that it shows.
        keep_sessions: nobody was signed out since then.
    """
    await connection.execute(_ROOMS, VERSION_LEAP)
    await connection.execute(_RESTORE, backup_at)
    texts = await connection.execute(_TEXTS, backup_at)
    mails = await connection.execute(_MAILS)
    ended = await connection.execute(_END_SESSIONS, keep_sessions)
    await connection.execute(_ADOPT_SESSIONS)
    return Adopted(_count(texts), _count(mails), _count(ended))


async def quarantine(connection: asyncpg.Connection[Any]) -> Quarantine | None:
    """The restore that is not released, if there is one."""
    backup_at = await connection.fetchval(_OPEN)
    if backup_at is None:
        return None
    return Quarantine(backup_at, await connection.fetchval(_HELD))


async def release(connection: asyncpg.Connection[Any], *, send_mail: bool) -> int:
    """Ends the quarantine: what is held goes out, or never does. How many mails there were."""
    async with connection.transaction():
        await connection.execute(_RELEASE)
        return _count(await connection.execute(_SEND if send_mail else _DROP))


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
