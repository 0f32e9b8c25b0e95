"""Joining, confirming, stopping: each with its text's claim in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rooms.accounts.naming import FAN_NAME
from rooms.ports import NewId
from rooms.sms.ports import (
    Attending,
    Claim,
    ConsentKind,
    ConsentSource,
    InboundText,
    PhoneState,
)
from storage.shows.catalogue import Connection
from storage.sms.rows import WHO, WHO_FROM, attending_of

# Two texts of one phone at once must not make two accounts of it.
_BEGIN = """
SELECT pg_advisory_xact_lock($1)
"""

_CLAIM = """
INSERT INTO sms_inbound (message_sid, sender, channel, received_at, opt_out_type, route)
VALUES ($1, $2, $3, $4, $5, '{}') ON CONFLICT (message_sid) DO NOTHING RETURNING message_sid
"""

_CLAIMED = "SELECT route, twiml, received_at FROM sms_inbound WHERE message_sid = $1"

_PHONE = "SELECT id, account_id FROM phones WHERE channel = $1 AND number = $2"

_ADD_ACCOUNT = """
INSERT INTO accounts (id, kind, role, display_name, language, show_name, created_at, updated_at)
VALUES ($1, 'guest', 'fan', $2, $3, false, $4, $4)
"""

_ADD_PHONE = """
INSERT INTO phones (id, channel, number, number_hash, account_id, language, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_JOIN = """
INSERT INTO attendees AS a (id, show_id, account_id, role, display_name, admitted, joined_at)
SELECT $1, $2, $3, 'fan',
       CASE WHEN accounts.show_name THEN accounts.display_name
            ELSE $5 || ' ' || right($1::uuid::text, 4) END, true, $4
  FROM accounts WHERE accounts.id = $3
ON CONFLICT (show_id, account_id) DO UPDATE SET admitted = true
RETURNING id, removed_at
"""

# A phone that was linked at this show stays the attendee that it came as.
_ATTEND = """
INSERT INTO phone_attendances AS p (attendee_id, phone_id, show_id, state, joined_at)
VALUES ($1, $2, $3, 'pending', $4)
ON CONFLICT (phone_id, show_id) DO UPDATE
   SET state = CASE WHEN p.state IN ('pending', 'active') THEN p.state ELSE 'pending' END,
       joined_at = excluded.joined_at
RETURNING old.state IN ('pending', 'active') AS was_in
"""

ATTENDING = f"""
SELECT here.attendee_id, here.show_id, here.state, shows.title, shows.status, {WHO}
  FROM phone_attendances here JOIN shows ON shows.id = here.show_id {WHO_FROM}
 WHERE here.phone_id = $1 AND here.show_id = $2
"""

CONFIRM = """
UPDATE phone_attendances SET state = 'active', confirmed_at = coalesce(confirmed_at, $3)
 WHERE phone_id = $1 AND show_id = $2 AND state IN ('pending', 'none')
"""

KNOWN_BY_PHONE = """
UPDATE attendees SET phone_confirmed_at = coalesce(phone_confirmed_at, $2) WHERE id = $1
"""

ADD_CONSENT = """
INSERT INTO consents (id, phone_id, show_id, kind, wording_version, language, source, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

SUPPRESS = """
INSERT INTO suppressions AS s (sender, channel, number_hash, since, source)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (sender, channel, number_hash) DO UPDATE
   SET since = excluded.since, source = excluded.source, lifted_at = NULL
 WHERE s.lifted_at IS NOT NULL
RETURNING sender
"""

SILENCE = "UPDATE phone_attendances SET state = 'suppressed' WHERE phone_id = $1"

_LIFT = """
UPDATE suppressions SET lifted_at = $4
 WHERE sender = $1 AND channel = $2 AND number_hash = $3 AND lifted_at IS NULL
RETURNING sender
"""

_FORGET_STATES = """
UPDATE phone_attendances SET state = 'none' WHERE phone_id = $1 AND state = 'suppressed'
"""

_ADD_LINK = """
INSERT INTO confirm_links (token_hash, phone_id, attendee_id, show_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""

_TAKE_CODE = """
UPDATE confirm_codes SET used_at = $2
 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING attendee_id
"""

_ANSWER = """
UPDATE sms_inbound SET route = $2::json, twiml = $3, phone_id = $4, show_id = $5,
       participant_id = $6, body = $7
 WHERE message_sid = $1
"""


def lock_key(number_hash: bytes) -> int:
    """The advisory lock of a phone."""
    return int.from_bytes(number_hash[:8], "big", signed=True)


class PostgresPhoneWork:
    """`rooms.sms.ports.PhoneWork`.

    Attributes:
        answered: the work ended well; otherwise it is undone.
    """

    def __init__(self, connection: Connection, text: InboundText, new_id: NewId) -> None:
        self.claim: Claim | None = None
        self.answered = False
        self._connection = connection
        self._text = text
        self._new_id = new_id
        self._phone_id: str | None = None
        self._account_id: str | None = None

    @property
    def _at(self) -> datetime:
        return self._text.received_at

    async def begin(self) -> None:
        """Takes the phone's lock, and the text if it is new."""
        text, phone = self._text, self._text.phone
        await self._connection.execute(_BEGIN, lock_key(phone.number_hash))
        made = await self._connection.fetchval(
            _CLAIM,
            text.message_sid,
            phone.sender,
            phone.channel,
            text.received_at,
            text.opt_out_type,
        )
        if made is None:
            row = await self._connection.fetchrow(_CLAIMED, text.message_sid)
            self.claim = Claim(row["route"].encode(), row["twiml"], row["received_at"])
        row = await self._connection.fetchrow(_PHONE, phone.channel, phone.number)
        if row is not None:
            self._phone_id, self._account_id = str(row["id"]), str(row["account_id"])

    async def join(
        self, show_id: str, *, language: str, wording: str
    ) -> tuple[Attending, bool] | None:
        """Makes the phone an attendee, in state ``pending`` at first."""
        phone_id, account_id = await self._known(language)
        row = await self._connection.fetchrow(
            _JOIN, self._new_id(), show_id, account_id, self._at, FAN_NAME
        )
        if row["removed_at"] is not None:
            return None
        was_in = await self._connection.fetchval(
            _ATTEND, str(row["id"]), phone_id, show_id, self._at
        )
        if not was_in:
            await self._consent(ConsentKind.JOIN, show_id, language, wording, ConsentSource.TEXT)
        found = attending_of(await self._connection.fetchrow(ATTENDING, phone_id, show_id))
        assert found is not None, "it was made just now"
        return None if found.removed else (found, bool(was_in))

    async def confirm(self, attending: Attending, *, language: str, wording: str) -> bool:
        """``pending`` → ``active``; false: it is active already."""
        if attending.state is PhoneState.ACTIVE:
            return False
        await self._connection.execute(CONFIRM, self._phone_id, attending.show_id, self._at)
        await self._connection.execute(
            KNOWN_BY_PHONE, attending.participant.participant_id, self._at
        )
        await self._consent(
            ConsentKind.CONFIRM, attending.show_id, language, wording, ConsentSource.TEXT
        )
        return True

    async def stop(self, *, language: str, wording: str, source: ConsentSource) -> bool:
        """Suppresses the phone for the sender; false: it was before."""
        phone = self._text.phone
        made = await self._connection.fetchval(
            SUPPRESS, phone.sender, phone.channel, phone.number_hash, self._at, source
        )
        if self._phone_id is not None:
            await self._connection.execute(SILENCE, self._phone_id)
            await self._consent(ConsentKind.STOP, None, language, wording, source)
        return made is not None

    async def start(self, *, language: str, wording: str, source: ConsentSource) -> bool:
        """Lifts the suppression; false: there was none."""
        phone = self._text.phone
        lifted = await self._connection.fetchval(
            _LIFT, phone.sender, phone.channel, phone.number_hash, self._at
        )
        if self._phone_id is not None:
            await self._connection.execute(_FORGET_STATES, self._phone_id)
            await self._consent(ConsentKind.START, None, language, wording, source)
        return lifted is not None

    async def speak(self, language: str) -> None:
        """Answers the phone in this language from now on."""
        await self._connection.execute(
            "UPDATE phones SET language = $2 WHERE id = $1", self._phone_id, language
        )

    async def add_link(self, token_hash: bytes, attending: Attending, expires_at: datetime) -> None:
        """Keeps the link that the answer will hold."""
        await self._connection.execute(
            _ADD_LINK,
            token_hash,
            self._phone_id,
            attending.attendee_id,
            attending.show_id,
            self._at,
            expires_at,
        )

    async def take_code(self, code_hash: bytes) -> bool:
        """Uses up a code; false: somebody else was first, or it has expired."""
        return await self._connection.fetchval(_TAKE_CODE, code_hash, self._at) is not None

    async def answer(
        self, route: bytes, twiml: str | None, attending: Attending | None = None
    ) -> None:
        """Keeps the route and the answer, with which the work ends."""
        await self._connection.execute(
            _ANSWER,
            self._text.message_sid,
            route.decode(),
            twiml,
            self._phone_id,
            attending.show_id if attending else None,
            attending.participant.participant_id if attending else None,
            self._text.body if self._phone_id else None,
        )
        self.answered = True

    async def _known(self, language: str) -> tuple[str, str]:
        """(phone, account), made at the first time."""
        if self._phone_id is None or self._account_id is None:
            phone = self._text.phone
            self._phone_id, self._account_id = self._new_id(), self._new_id()
            await self._connection.execute(
                _ADD_ACCOUNT, self._account_id, FAN_NAME, language, self._at
            )
            await self._connection.execute(
                _ADD_PHONE,
                self._phone_id,
                phone.channel,
                phone.number,
                phone.number_hash,
                self._account_id,
                language,
                self._at,
            )
        return self._phone_id, self._account_id

    async def _consent(
        self,
        kind: ConsentKind,
        show_id: str | None,
        language: str,
        wording: str,
        source: ConsentSource,
    ) -> None:
        values: tuple[Any, ...] = (kind, wording, language, source, self._at)
        await self._connection.execute(
            ADD_CONSENT, self._new_id(), self._phone_id, show_id, *values
        )
