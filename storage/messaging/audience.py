"""People of a show who are reached by phone (`rooms.messaging.audience.AudienceSource`)."""

from __future__ import annotations

from typing import Any

import asyncpg

from rooms.messaging.audience import CREW_KINDS, Recipient
from rooms.messaging.kinds import Channel, MessageKind

# A phone's attendee may have turned out to be somebody who is there by the app as well, and that
# guest may have signed in: then that one is the person, and it is whom the room knows. What it had
# before it was known to be that person counts for what it was promised.
_PAGE = """
SELECT pa.attendee_id AS place, coalesce(account.id, app.id, a.id) AS person_id, p.id AS phone_id,
       p.number, p.language, pa.state, s.since IS NOT NULL AS suppressed,
       (SELECT count(*) FROM messages m
         WHERE m.attendee_id = ANY (ARRAY[a.id, app.id, account.id]) AND m.show_id = pa.show_id
           AND m.kind = ANY ($6) AND m.channel IN ('sms', 'whatsapp')
           AND m.state NOT IN ('cancelled', 'suppressed'))::int AS crew_messages,
       $7::uuid IS NOT NULL AND EXISTS (
           SELECT FROM ballots b
            WHERE b.round_id = $7 AND b.participant_id = coalesce(account.id, app.id, a.id)
              AND b.pattern <> '') AS voted
  FROM phone_attendances pa
  JOIN phones p ON p.id = pa.phone_id
  JOIN attendees a ON a.id = pa.attendee_id
  LEFT JOIN attendees app ON app.id = a.merged_into
  LEFT JOIN attendees account ON account.id = app.merged_into
  LEFT JOIN suppressions s ON s.sender = $3 AND s.channel = p.channel
                          AND s.number_hash = p.number_hash AND s.lifted_at IS NULL
 WHERE pa.show_id = $1 AND p.channel = $2
   AND a.removed_at IS NULL AND app.removed_at IS NULL AND account.removed_at IS NULL
   AND (pa.state = 'active' OR pa.state = 'suppressed' AND pa.confirmed_at IS NOT NULL)
   AND ($4::uuid IS NULL OR pa.attendee_id > $4)
 ORDER BY pa.attendee_id LIMIT $5
"""


class PhoneAudience:
    """The active phones of shows on one channel.

    Args:
        sender: the address they are written to from: STOP is said to it.
    """

    def __init__(self, pool: asyncpg.Pool[Any], channel: Channel, sender: str) -> None:
        self._pool = pool
        self._channel = channel
        self._sender = sender

    async def page(
        self,
        show_id: str,
        kind: MessageKind,
        *,
        round_id: str | None,
        after: str | None,
        limit: int,
    ) -> list[Recipient]:
        """Up to ``limit`` people after a place, in its order, the suppressed included."""
        del kind
        rows = await self._pool.fetch(
            _PAGE,
            show_id,
            self._channel.value,
            self._sender,
            after,
            limit,
            [one.value for one in CREW_KINDS],
            round_id,
        )
        return [
            Recipient(
                place=str(row["place"]),
                person_id=str(row["person_id"]),
                channel=self._channel,
                language=row["language"],
                phone_id=str(row["phone_id"]),
                number=row["number"],
                suppressed=row["suppressed"] or row["state"] == "suppressed",
                crew_messages=row["crew_messages"],
                voted=row["voted"],
            )
            for row in rows
        ]
