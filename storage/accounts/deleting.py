"""Taking a person out of what is kept.

What only tells of the person goes. What others rely on stays, and no longer says whose it was:
ballots and ratings (counts would not add up any more), chat lines, edits and wishes (others
answered them). ``docs/decisions/accounts.md`` says what remains.
"""

from __future__ import annotations

from datetime import datetime

from rooms.accounts.naming import GONE_NAME
from rooms.accounts.ports import OwnsShows
from rooms.mail import notices
from storage.outbox.entries import put_effects
from storage.shows.audit import write_audit
from storage.shows.catalogue import Connection

_OWNED = """
SELECT count(*) FROM shows WHERE owner_id = $1 AND status IN ('draft', 'published', 'live')
"""

_EMPTY = """
UPDATE accounts
   SET kind = 'guest', role = 'fan', email = NULL, password_hash = NULL, display_name = $2,
       language = NULL, home_city = NULL, show_name = true, show_presence = false,
       remember_rooms = false, disabled_at = coalesce(disabled_at, $3), deleted_at = $3,
       updated_at = $3
 WHERE id = ANY ($1::uuid[])
"""

# A guest who turned out to be this account is the same person, and has a name of its own.
_GUESTS = """
SELECT DISTINCT g.account_id
  FROM attendees g JOIN attendees a ON a.id = g.merged_into
 WHERE a.account_id = $1
"""

_ATTENDEES = """
UPDATE attendees
   SET display_name = $2, role = 'fan', device_id = NULL, phone_confirmed_at = NULL
 WHERE account_id = ANY ($1::uuid[])
"""

_GONE = (
    'UPDATE sms_inbound SET body = NULL, twiml = NULL, route = \'{"route":"answered"}\','
    " phone_id = NULL WHERE phone_id IN"
    " (SELECT id FROM phones WHERE account_id = ANY ($1::uuid[]))",
    "DELETE FROM confirm_codes WHERE attendee_id IN"
    " (SELECT id FROM attendees WHERE account_id = ANY ($1::uuid[]))",
    # A STOP stays: it knows the number by a keyed hash alone.
    "DELETE FROM phones WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM crew WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM claims WHERE account_id = ANY ($1::uuid[])",
    "UPDATE artists SET claimed_by = NULL WHERE claimed_by = ANY ($1::uuid[])",
    "DELETE FROM reputations WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM settlements WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM account_clusters WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM idempotency_keys WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM mail_preferences WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM mail_sequence WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM mail_collected WHERE account_id = ANY ($1::uuid[])",
    "DELETE FROM mail_recipients WHERE account_id = ANY ($1::uuid[])",
    # A trigger takes out of a message what told of its recipient.
    "UPDATE messages SET account_id = NULL WHERE account_id = ANY ($1::uuid[])",
)
"""What tells of the person alone."""


async def delete_account(
    connection: Connection, account_id: str, now: datetime
) -> tuple[str, ...] | None:
    """Deletes an account and its guests, inside the caller's transaction.

    Returns:
        The sessions that ended; ``None``: there is no such account (any more).

    Raises:
        OwnsShows: its shows are announced or under way.
    """
    account = await connection.fetchrow(
        "SELECT email, display_name, coalesce((SELECT r.language FROM mail_recipients r "
        "WHERE r.account_id = accounts.id), language) AS language "
        "FROM accounts WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",
        account_id,
    )
    if account is None:
        return None
    owned = await connection.fetchval(_OWNED, account_id)
    if owned:
        raise OwnsShows(owned)
    guests = await connection.fetch(_GUESTS, account_id)
    everybody = [account_id, *(str(row["account_id"]) for row in guests)]
    await connection.execute(_ATTENDEES, everybody, GONE_NAME)
    for statement in _GONE:
        await connection.execute(statement, everybody)
    if account["email"] is not None:
        await connection.execute(
            "UPDATE invitations SET email = NULL WHERE lower(email) = lower($1)", account["email"]
        )
        told = notices.account_deleted(
            account_id, account["email"], account["display_name"], account["language"]
        )
        await put_effects(connection, [(None, told)])
    sessions = await connection.fetch(
        "DELETE FROM sessions WHERE account_id = ANY ($1::uuid[]) RETURNING id", everybody
    )
    await connection.execute(_EMPTY, everybody, GONE_NAME, now)
    await write_audit(
        connection,
        at=now,
        show_id=None,
        account_id=account_id,
        action="delete_account",
        subject=f"account:{account_id}",
    )
    return tuple(str(row["id"]) for row in sessions)
