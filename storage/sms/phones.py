"""Phones and their texts in PostgreSQL.

What each text needs is asked for in batches (`storage.batching`); joining, stopping and the
like are transactions of their own (`storage.sms.work`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from rooms.participants import Participant
from rooms.ports import NewId
from rooms.show import ShowStatus
from rooms.sms.records import Caller, Claim, InboundText, JoinableShow, NewClaim
from storage.batching import Batched
from storage.sms.rows import WHO, WHO_FROM, attending_of, participant_of
from storage.sms.work import PostgresPhoneWork

ANSWERS_LINGER_S = 0.05
"""Nobody waits for an answer to be kept that could be made again."""

log = structlog.get_logger(__name__)

# By whole keys, whatever the statistics say: `m0003` tells why LATERAL … OFFSET 0.
_LOOK_UP = f"""
SELECT p.id AS phone_id, p.account_id, owner.kind AS owner_kind, p.language,
       s.since IS NOT NULL AS suppressed,
       i.message_sid IS NOT NULL AS claimed, i.route, i.twiml, i.received_at,
       here.attendee_id, here.show_id, here.state, here.title, here.status, {WHO}
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[]) WITH ORDINALITY
       AS said (sid, channel, number, number_hash, sender, place)
  LEFT JOIN LATERAL (
        SELECT * FROM sms_inbound k WHERE k.message_sid = said.sid OFFSET 0) AS i ON true
  LEFT JOIN LATERAL (
        SELECT * FROM phones k
         WHERE k.channel = said.channel AND k.number = said.number OFFSET 0) AS p ON true
  LEFT JOIN LATERAL (
        SELECT * FROM suppressions k
         WHERE k.sender = said.sender AND k.channel = said.channel
           AND k.number_hash = said.number_hash AND k.lifted_at IS NULL OFFSET 0) AS s ON true
  LEFT JOIN LATERAL (
        SELECT a.attendee_id, a.show_id, a.state, shows.title, shows.status
          FROM phone_attendances a
         CROSS JOIN LATERAL (SELECT * FROM shows k WHERE k.id = a.show_id OFFSET 0) AS shows
         WHERE a.phone_id = p.id AND a.state IN ('pending', 'active')
         ORDER BY (shows.status = 'live') DESC, a.joined_at DESC LIMIT 1) AS here ON true
{WHO_FROM}
  LEFT JOIN accounts AS owner ON owner.id = p.account_id
 ORDER BY said.place
"""

# Neither waits for the disk. A vote's own commit comes after its claim's in the same log, so who is
# told that it counts can rely on both; an answer that was lost is made again of what was not.
_CLAIM = """
WITH soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO sms_inbound (message_sid, sender, channel, phone_id, show_id, participant_id,
                         received_at, body, opt_out_type, route, twiml)
SELECT u.sid, u.sender, u.channel, u.phone, u.show, u.participant, u.received, u.body, u.opt_out,
       u.route::json, u.twiml
  FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[],
              $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[])
       AS u (sid, sender, channel, phone, show, participant, received, body, opt_out, route, twiml)
 CROSS JOIN soon
    ON CONFLICT (message_sid) DO NOTHING
RETURNING message_sid
"""

CLAIMED = """
SELECT message_sid, route, twiml, received_at FROM sms_inbound
 WHERE message_sid = ANY ($1::text[])
"""

_ANSWERED = """
WITH soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE sms_inbound AS i SET twiml = found.twiml
  FROM soon CROSS JOIN unnest($1::text[], $2::text[]) AS said (sid, twiml)
 CROSS JOIN LATERAL (
       SELECT k.ctid AS place, said.twiml FROM sms_inbound k
        WHERE k.message_sid = said.sid AND k.twiml IS NULL OFFSET 0) AS found
 WHERE i.ctid = found.place AND i.twiml IS NULL
"""

_PARTICIPANT = f"""
SELECT {WHO} FROM (SELECT $2::uuid AS attendee_id) AS here {WHO_FROM}
 WHERE w.show_id = $1
"""

_SHOW_BY_CODE = "SELECT id, title, status, takes_sms FROM shows WHERE join_code = $1"


class PostgresPhones:
    """`rooms.sms.ports.Phones`."""

    def __init__(self, pool: asyncpg.Pool[Any], new_id: NewId) -> None:
        self._pool = pool
        self._new_id = new_id
        self._look_ups = Batched(self._look_up_all)
        self._claims = Batched(self._claim_all)
        self._answers = Batched(self._answer_all, ANSWERS_LINGER_S)

    async def look_up(self, text: InboundText) -> Caller:
        """What is known of who texts."""
        return await self._look_ups.ask(text)

    async def claim(self, claim: NewClaim) -> Claim | None:
        """Keeps a text and its route; a text that came before is left as it was, and told."""
        return await self._claims.ask(claim)

    async def answered(self, message_sid: str, twiml: str) -> None:
        """Keeps what a text was answered."""
        await self._answer_all([(message_sid, twiml)])

    def answered_soon(self, message_sid: str, twiml: str) -> None:
        """Keeps, in a moment, what could be made again. Never fails."""
        self._answers.begin((message_sid, twiml)).add_done_callback(_seen)

    @asynccontextmanager
    async def work(self, text: InboundText) -> AsyncIterator[PostgresPhoneWork]:
        """One transaction, alone with this phone. What was not answered is undone."""
        async with self._pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            work = PostgresPhoneWork(connection, text, self._new_id)
            try:
                await work.begin()
                yield work
            except BaseException:
                await transaction.rollback()
                raise
            if work.answered:
                await transaction.commit()
            else:
                await transaction.rollback()

    async def participant(self, show_id: str, attendee_id: str) -> Participant | None:
        """Who an attendee is by now."""
        row = await self._pool.fetchrow(_PARTICIPANT, show_id, attendee_id)
        return None if row is None else participant_of(row)

    async def show_by_code(self, join_code: str) -> JoinableShow | None:
        """The show with this code, announced or not."""
        row = await self._pool.fetchrow(_SHOW_BY_CODE, join_code)
        if row is None:
            return None
        return JoinableShow(
            str(row["id"]), row["title"], ShowStatus(row["status"]), row["takes_sms"]
        )

    async def _look_up_all(self, texts: Sequence[InboundText]) -> list[Caller]:
        rows = await self._pool.fetch(
            _LOOK_UP,
            [text.message_sid for text in texts],
            [text.phone.channel for text in texts],
            [text.phone.number for text in texts],
            [text.phone.number_hash for text in texts],
            [text.phone.sender for text in texts],
        )
        return [_caller(row) for row in rows]

    async def _claim_all(self, claims: Sequence[NewClaim]) -> list[Claim | None]:
        fresh: dict[str, NewClaim] = {}
        for claim in claims:
            fresh.setdefault(claim.text.message_sid, claim)
        made = await self._insert(list(fresh.values()))
        before = [
            claim.text.message_sid
            for claim in claims
            if claim.text.message_sid not in made or fresh[claim.text.message_sid] is not claim
        ]
        known: dict[str, Claim] = {}
        if before:
            rows = await self._pool.fetch(CLAIMED, before)
            known = {row["message_sid"]: claim_of(row) for row in rows}
        first = {id(fresh[sid]) for sid in made}
        return [
            None if id(claim) in first else known.get(claim.text.message_sid) for claim in claims
        ]

    async def _insert(self, claims: Sequence[NewClaim]) -> set[str]:
        rows = await self._pool.fetch(
            _CLAIM,
            [claim.text.message_sid for claim in claims],
            [claim.text.phone.sender for claim in claims],
            [claim.text.phone.channel for claim in claims],
            [claim.phone_id for claim in claims],
            [claim.show_id for claim in claims],
            [claim.participant_id for claim in claims],
            [claim.text.received_at for claim in claims],
            # Of somebody whom we do not know nothing is kept but that there was a text.
            [claim.text.body if claim.phone_id else None for claim in claims],
            [claim.text.opt_out_type for claim in claims],
            [claim.route.decode() for claim in claims],
            [claim.twiml for claim in claims],
        )
        return {row["message_sid"] for row in rows}

    async def _answer_all(self, answers: Sequence[tuple[str, str]]) -> list[None]:
        by_sid = dict(answers)
        await self._pool.execute(_ANSWERED, list(by_sid), list(by_sid.values()))
        return [None] * len(answers)


def _seen(kept: asyncio.Future[None]) -> None:
    """An answer that was not kept is made again when it is asked for."""
    if not kept.cancelled() and kept.exception() is not None:
        log.warning("answers_not_kept", error=type(kept.exception()).__name__)


def claim_of(row: Any) -> Claim:
    """A row of ``sms_inbound``."""
    return Claim(row["route"].encode(), row["twiml"], row["received_at"])


def _caller(row: Any) -> Caller:
    return Caller(
        phone_id=str(row["phone_id"]) if row["phone_id"] else None,
        account_id=str(row["account_id"]) if row["account_id"] else None,
        is_guest=row["owner_kind"] != "user",
        language=row["language"],
        suppressed=row["suppressed"],
        attending=attending_of(row),
        claim=claim_of(row) if row["claimed"] else None,
    )
