"""A number that a carrier says will never take a text is left alone from then on."""

from __future__ import annotations

from storage.shows.catalogue import Connection

# As STOP does it, for the sender as a whole; START lifts it.
_SUPPRESS = """
INSERT INTO suppressions AS s (sender, channel, number_hash, since, source)
SELECT m.sender, m.channel, p.number_hash, now(), $2
  FROM messages m JOIN phones p ON p.id = m.phone_id WHERE m.id = $1
ON CONFLICT (sender, channel, number_hash)
DO UPDATE SET since = excluded.since, source = excluded.source, lifted_at = NULL
 WHERE s.lifted_at IS NOT NULL
"""

_STATES = """
UPDATE phone_attendances pa SET state = 'suppressed'
  FROM messages m WHERE m.id = $1 AND pa.phone_id = m.phone_id AND pa.state <> 'suppressed'
"""


async def suppress(connection: Connection, message_id: str, reason: str) -> None:
    """Leaves the number of a message alone, in the caller's transaction."""
    await connection.execute(_SUPPRESS, message_id, f"carrier:{reason}"[:40])
    await connection.execute(_STATES, message_id)
