"""Joining, confirming, stopping: each with its text's claim in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rooms.accounts.naming import FAN_NAME
from rooms.participants import Participant, Role
from rooms.ports import NewId
from rooms.show import ShowStatus
from rooms.sms.records import Attending, Claim, ConsentKind, ConsentSource, InboundText, PhoneState
from storage.shows.catalogue import Connection
from storage.sms import statements as sql
from storage.sms.rows import attending_of


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
        self.suppressed = False
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
        made = await self._connection.fetchval(
            sql.BEGIN,
            text.message_sid,
            phone.sender,
            phone.channel,
            text.received_at,
            text.opt_out_type,
            lock_key(phone.number_hash),
        )
        if made is None:
            row = await self._connection.fetchrow(sql.CLAIMED, text.message_sid)
            self.claim = Claim(row["route"].encode(), row["twiml"], row["received_at"])
        row = await self._connection.fetchrow(
            sql.STANDING, phone.channel, phone.number, phone.sender, phone.number_hash
        )
        self.suppressed = row["suppressed"]
        if row["id"] is not None:
            self._phone_id, self._account_id = str(row["id"]), str(row["account_id"])

    async def join(
        self, show_id: str, *, language: str, wording: str
    ) -> tuple[Attending, bool] | None:
        """Makes the phone an attendee, in state ``pending`` at first."""
        if self._phone_id is None:
            return await self._come(show_id, language, wording), False
        phone_id = self._phone_id
        row = await self._connection.fetchrow(
            sql.JOIN, self._new_id(), show_id, self._account_id, self._at, FAN_NAME
        )
        if row["removed_at"] is not None:
            return None
        was_in = await self._connection.fetchval(
            sql.ATTEND, str(row["id"]), phone_id, show_id, self._at
        )
        if not was_in:
            await self._consent(ConsentKind.JOIN, show_id, language, wording, ConsentSource.TEXT)
        found = attending_of(await self._connection.fetchrow(sql.ATTENDING, phone_id, show_id))
        assert found is not None, "it was made just now"
        return None if found.removed else (found, bool(was_in))

    async def confirm(self, attending: Attending, *, language: str, wording: str) -> bool:
        """``pending`` → ``active``; false: it is active already."""
        if attending.state is PhoneState.ACTIVE:
            return False
        await self._connection.execute(
            sql.CONFIRM_ALL,
            self._phone_id,
            attending.show_id,
            self._at,
            attending.participant.participant_id,
            self._new_id(),
            wording,
            language,
        )
        return True

    async def stop(self, *, language: str, wording: str, source: ConsentSource) -> bool:
        """Suppresses the phone for the sender; false: it was before."""
        phone = self._text.phone
        made = await self._connection.fetchval(
            sql.SUPPRESS, phone.sender, phone.channel, phone.number_hash, self._at, source
        )
        if self._phone_id is not None:
            await self._connection.execute(sql.SILENCE, self._phone_id)
            await self._consent(ConsentKind.STOP, None, language, wording, source)
        return made is not None

    async def start(self, *, language: str, wording: str, source: ConsentSource) -> bool:
        """Lifts the suppression; false: there was none."""
        phone = self._text.phone
        lifted = await self._connection.fetchval(
            sql.LIFT, phone.sender, phone.channel, phone.number_hash, self._at
        )
        if self._phone_id is not None:
            await self._connection.execute(sql.FORGET_STATES, self._phone_id)
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
            sql.ADD_LINK,
            token_hash,
            self._phone_id,
            attending.attendee_id,
            attending.show_id,
            self._at,
            expires_at,
        )

    async def take_code(self, code_hash: bytes) -> bool:
        """Uses up a code; false: somebody else was first, or it has expired."""
        return await self._connection.fetchval(sql.TAKE_CODE, code_hash, self._at) is not None

    async def answer(
        self, route: bytes, twiml: str | None, attending: Attending | None = None
    ) -> None:
        """Keeps the route and the answer, with which the work ends."""
        await self._connection.execute(
            sql.ANSWER,
            self._text.message_sid,
            route.decode(),
            twiml,
            self._phone_id,
            attending.show_id if attending else None,
            attending.participant.participant_id if attending else None,
            self._text.body if self._phone_id else None,
        )
        self.answered = True

    async def _come(self, show_id: str, language: str, wording: str) -> Attending:
        """Somebody whose first text this is."""
        phone = self._text.phone
        self._phone_id, self._account_id, attendee_id = (self._new_id() for _ in range(3))
        name = f"{FAN_NAME} {attendee_id[-4:]}"
        row = await self._connection.fetchrow(
            sql.COME,
            self._account_id,
            FAN_NAME,
            language,
            self._at,
            self._phone_id,
            phone.channel,
            phone.number,
            phone.number_hash,
            attendee_id,
            show_id,
            name,
            self._new_id(),
            wording,
        )
        return Attending(
            show_id=show_id,
            title=row["title"],
            status=ShowStatus(row["status"]),
            state=PhoneState.PENDING,
            attendee_id=attendee_id,
            participant=Participant(
                participant_id=attendee_id,
                account_id=self._account_id,
                role=Role.FAN,
                display_name=name,
                guest=True,
            ),
        )

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
            sql.ADD_CONSENT, self._new_id(), self._phone_id, show_id, *values
        )
