"""People of a show who are reached by mail (`rooms.messaging.audience.AudienceSource`)."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec

from rooms.accounts.profile import HomeCity
from rooms.mail.kinds import language_of
from rooms.messaging.audience import Recipient
from rooms.messaging.kinds import Channel, MessageKind
from storage.catalogue.zones import zone_of
from storage.mail.hashing import AddressHash

_PAGE = """
SELECT a.id, a.account_id, acc.email, acc.home_city::text AS home_city,
       coalesce(r.language, acc.language) AS language,
       r.verified_address IS NOT DISTINCT FROM lower(acc.email) AS verified,
       coalesce(p.frequency, 'immediate') = 'never' AS refused
  FROM attendees a
  JOIN accounts acc ON acc.id = a.account_id AND acc.kind = 'user' AND acc.disabled_at IS NULL
  LEFT JOIN mail_recipients r ON r.account_id = acc.id
  LEFT JOIN mail_preferences p ON p.account_id = acc.id AND p.kind = $4
 WHERE a.show_id = $1 AND a.role = 'fan' AND a.admitted AND a.removed_at IS NULL
   AND a.merged_into IS NULL AND acc.email IS NOT NULL
   AND ($2::uuid IS NULL OR a.id > $2)
 ORDER BY a.id LIMIT $3
"""

_SUPPRESSED = """
SELECT address_hash FROM mail_suppressions
 WHERE address_hash = ANY ($1::bytea[]) AND lifted_at IS NULL
"""


class MailAudience:
    """The people of shows who have an account with an address."""

    def __init__(self, pool: asyncpg.Pool[Any], hashed: AddressHash) -> None:
        self._pool = pool
        self._hash = hashed

    async def page(
        self,
        show_id: str,
        kind: MessageKind,
        *,
        round_id: str | None,
        after: str | None,
        limit: int,
    ) -> list[Recipient]:
        """Up to ``limit`` people after a place, in its order, the suppressed included.

        Nobody is nudged by mail: a round is over before it is read.
        """
        del round_id
        if kind is MessageKind.NUDGE:
            return []
        rows = await self._pool.fetch(_PAGE, show_id, after, limit, kind.value)
        hashes = [self._hash(row["email"]) for row in rows]
        dead = {row["address_hash"] for row in await self._pool.fetch(_SUPPRESSED, hashes)}
        return [
            Recipient(
                place=str(row["id"]),
                person_id=str(row["id"]),
                channel=Channel.MAIL,
                language=language_of(row["language"]),
                account_id=str(row["account_id"]),
                zone=await _zone(row["home_city"]),
                suppressed=not row["verified"] or row["refused"] or hashed in dead,
            )
            for row, hashed in zip(rows, hashes, strict=True)
        ]


async def _zone(home_city: str | None) -> str | None:
    if home_city is None:
        return None
    home = msgspec.json.decode(home_city, type=HomeCity)
    return await zone_of(home.name, home.admin, home.country)
