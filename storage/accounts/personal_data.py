"""Everything that is kept of one person, kind by kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
import msgspec

ROWS_MAX: Final = 100_000
"""Of each kind; beyond, ``cut_off`` says so. Ten years of concerts are a tenth of it."""

_BATCH: Final = 500

_OWN_ATTENDEES = """
WITH own AS (
    SELECT id, show_id FROM attendees WHERE account_id = $1
    UNION
    SELECT g.id, g.show_id FROM attendees g JOIN attendees a ON a.id = g.merged_into
     WHERE a.account_id = $1
)
"""

# Of what somebody did to another's line only what they gave: the line, its author's name and how
# many others reported it are not theirs, and what a line was held for is the crew's. A held line
# that is released is posted by crew in its author's name; the author has it as ``chat_held``.
_PARTS: Final = {
    "account": """
        SELECT id, kind, role, email, display_name, language, home_city, show_name, show_presence,
               remember_rooms, created_at, updated_at, upgraded_at,
               password_hash IS NOT NULL AS has_password
          FROM accounts WHERE id = $1""",
    "sessions": """
        SELECT id, device_label, device_id, created_at, last_used_at, expires_at, revoked_at,
               revoked_reason
          FROM sessions WHERE account_id = $1 ORDER BY id""",
    "rooms": """
        SELECT a.id AS participant_id, a.show_id, s.title, a.role, a.display_name, a.admitted,
               a.joined_at, a.removed_at, a.device_id, a.checked_in_at, a.phone_confirmed_at,
               a.merged_into
          FROM attendees a JOIN shows s ON s.id = a.show_id
         WHERE a.account_id = $1 ORDER BY a.joined_at, a.id""",
    "ballots": _OWN_ATTENDEES
    + """
        SELECT r.show_id, b.round_id, r.config ->> 'title' AS title, b.picks, b.cast_at
          FROM own JOIN ballots b ON b.participant_id = own.id
          JOIN rounds r ON r.id = b.round_id AND r.show_id = own.show_id
         ORDER BY b.cast_at, b.round_id""",
    "upvotes_and_ratings": _OWN_ATTENDEES
    + """
        SELECT s.show_id, s.kind, s.subject, s.value, s.cast_at
          FROM own JOIN stances s ON s.show_id = own.show_id AND s.participant_id = own.id
         ORDER BY s.cast_at, s.subject""",
    "said_and_done": _OWN_ATTENDEES
    + """
        SELECT e.show_id, e.seq, e.name, e.at,
               CASE e.name
               WHEN 'chat_held' THEN json_build_object(
                   'chat_message_id', e.data -> 'chat_message_id', 'text', e.data -> 'text')
               WHEN 'chat_reported' THEN json_build_object(
                   'chat_message_id', e.data -> 'chat_message_id', 'reason', e.data -> 'reason')
               ELSE e.data END AS data
          FROM own JOIN room_events e ON e.show_id = own.show_id AND e.participant_id = own.id
         WHERE e.name <> 'chat_posted' OR e.data ->> 'participant_id' = own.id::text
         ORDER BY e.show_id, e.seq""",
    "reputation": """
        SELECT agreements, disagreements, as_of, rule_version FROM reputations
         WHERE account_id = $1""",
    "settled_ratings": """
        SELECT show_id, entry_id, title, value, agreed, rated_at, settled_at, source
          FROM settlements WHERE account_id = $1 ORDER BY settled_at, show_id, entry_id""",
    "rater_cluster": """
        SELECT cluster, found_in, found_at FROM account_clusters WHERE account_id = $1""",
    "verdicts": """
        SELECT show_id, entry_id, title, played, source, at FROM entry_verdicts
         WHERE account_id = $1 ORDER BY at, entry_id""",
    "shows": """
        SELECT id, slug, title, status, access, starts_at, created_at FROM shows
         WHERE owner_id = $1 ORDER BY id""",
    "crew": """
        SELECT c.show_id, s.title, c.role, c.created_at FROM crew c JOIN shows s ON s.id = c.show_id
         WHERE c.account_id = $1 ORDER BY c.id""",
    "invitations": """
        SELECT id, show_id, kind, role, email, status, created_at, expires_at, answered_at
          FROM invitations
         WHERE answered_by = $1 OR lower(email) = (SELECT lower(email) FROM accounts WHERE id = $1)
         ORDER BY id""",
    "claims": """
        SELECT c.id, a.name AS artist, c.status, c.evidence, c.created_at, c.decided_at
          FROM claims c JOIN artists a ON a.id = c.artist_id WHERE c.account_id = $1
         ORDER BY c.id""",
    "phones": """
        SELECT id, channel, number, language, created_at FROM phones
         WHERE account_id = $1 ORDER BY id""",
    "phones_at_shows": """
        SELECT a.phone_id, a.show_id, s.title, a.state, a.joined_at, a.confirmed_at
          FROM phones p JOIN phone_attendances a ON a.phone_id = p.id
          JOIN shows s ON s.id = a.show_id
         WHERE p.account_id = $1 ORDER BY a.joined_at, a.show_id""",
    "consents": """
        SELECT c.phone_id, c.show_id, c.kind, c.wording_version, c.language, c.source, c.at
          FROM phones p JOIN consents c ON c.phone_id = p.id
         WHERE p.account_id = $1 ORDER BY c.at, c.id""",
    "texts": """
        SELECT i.phone_id, i.show_id, i.received_at, i.body
          FROM phones p JOIN sms_inbound i ON i.phone_id = p.id
         WHERE p.account_id = $1 ORDER BY i.received_at, i.message_sid""",
    "messages": """
        SELECT m.id, m.phone_id, m.show_id, m.kind, m.channel, m.language, m.body, m.state,
               m.reason, m.created_at, m.sent_at, m.delivered_at
          FROM phones p JOIN messages m ON m.phone_id = p.id
         WHERE p.account_id = $1 ORDER BY m.id""",
    "displays": """
        SELECT id, show_id, kind, name, created_at, last_seen_at, revoked_at FROM displays
         WHERE made_by = $1 ORDER BY id""",
    "mail": """
        SELECT language, verified_address, verified_at FROM mail_recipients
         WHERE account_id = $1""",
    "mail_preferences": """
        SELECT kind, frequency, source, changed_at FROM mail_preferences
         WHERE account_id = $1 ORDER BY kind""",
    "mail_collected": """
        SELECT kind, show_id, frequency, payload, created_at FROM mail_collected
         WHERE account_id = $1 ORDER BY id""",
    "mails": """
        SELECT id, show_id, kind, language, payload, state, reason, created_at, sent_at,
               delivered_at
          FROM messages WHERE account_id = $1 AND channel = 'mail' ORDER BY id""",
    "audit_log": """
        SELECT at, show_id, action, subject, before, after FROM audit_log
         WHERE account_id = $1 ORDER BY id""",
}
"""Name in the export → its query. Tokens and their hashes are secrets, not data."""

_JSON = frozenset({"home_city", "picks", "data", "before", "after", "payload"})


class PersonalData:
    """`server.accounts.own_data.PersonalData`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def parts(
        self, account_id: str
    ) -> AsyncIterator[tuple[str, AsyncIterator[dict[str, Any]]]]:
        """All of one moment, read batch by batch from one connection."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            for name, query in _PARTS.items():
                yield name, _rows(connection, query, account_id)


async def _rows(connection: Any, query: str, account_id: str) -> AsyncIterator[dict[str, Any]]:
    count = 0
    async for row in connection.cursor(query, account_id, prefetch=_BATCH):
        if count == ROWS_MAX:
            yield {"cut_off": True, "rows": count}
            return
        count += 1
        yield {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if name in _JSON and isinstance(value, str):
        return msgspec.Raw(value.encode())
    return value
