"""A number that a carrier says will never take a text is left alone from then on, as by STOP."""

from __future__ import annotations

from rooms.sms.records import ConsentSource
from storage.shows.catalogue import Connection
from storage.sms.statements import SILENCE, SUPPRESS

_TO = """
SELECT m.sender, m.channel, p.id AS phone_id, p.number_hash, now() AS at
  FROM messages m JOIN phones p ON p.id = m.phone_id WHERE m.id = $1
"""


async def suppress(connection: Connection, message_id: str) -> None:
    """Leaves the number of a message alone, in the caller's transaction."""
    to = await connection.fetchrow(_TO, message_id)
    if to is None:
        return
    await connection.fetchval(
        SUPPRESS,
        to["sender"],
        to["channel"],
        to["number_hash"],
        to["at"],
        ConsentSource.CARRIER_ERROR,
    )
    await connection.execute(SILENCE, to["phone_id"])
