"""Texts by Twilio's API (`rooms.messaging.ports.MessageSender`), or by what speaks like it.

https://www.twilio.com/docs/messaging/api/message-resource. There is no idempotency key: whoever
repeats a call whose answer was lost sends twice. So each call names our message in the address of
its callbacks, and what broke on the way is looked up in the carrier's list before it is repeated.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import structlog
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client

from jobs.messaging.twilio_http import AnswerTooLarge, CarrierHttp, retry_after_s
from rooms import limits
from rooms.messaging.carrier_codes import SERVER_ERROR, refused
from rooms.messaging.carrier_statuses import heard
from rooms.messaging.kinds import Channel
from rooms.messaging.ports import (
    Accepted,
    Known,
    LeasedMessage,
    Listed,
    Lookup,
    NotFound,
    Outcome,
    Temporary,
    Unknown,
)
from rooms.messaging.states import MessageState

TAG: Final = "message"
"""The parameter in a callback's address that names our message."""

OURS: Final = "outbound-api"
"""``direction`` of what was sent by the API; replies to texts go another way."""

CLOCK_SKEW: Final = timedelta(minutes=2)
"""Between the carrier's clock and the database's, at most."""

PAGE_SIZE: Final = 1_000
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError, AnswerTooLarge)
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

log = structlog.get_logger(__name__)


class TwilioSender:
    """Sends by one account.

    Args:
        http: calls of the account's carrier.
        callback_url: where it tells what became of a message; ``None``: nowhere it could reach.
    """

    def __init__(
        self, account_sid: str, auth_token: str, http: CarrierHttp, callback_url: str | None
    ) -> None:
        # An environment of its own: the SDK would read regions and edges from the process's.
        self._client = Client(
            account_sid, auth_token, http_client=http, environment={"SETROOM": "1"}
        )
        self._callback_url = callback_url

    async def send(self, message: LeasedMessage) -> Outcome:
        """Hands one message over, once."""
        retry_after_s.set(None)
        more: dict[str, Any] = {}
        if self._callback_url is not None:
            more["status_callback"] = f"{self._callback_url}?{urlencode({TAG: message.message_id})}"
        try:
            made = await self._client.messages.create_async(
                to=_recipient(message), from_=message.sender, body=message.body or "", **more
            )
        except (TwilioRestException, TwilioServiceException) as error:
            if error.status >= SERVER_ERROR:
                # A gateway's error says nothing of what lies behind it.
                return Unknown("carrier_unavailable")
            code = error.code if error.code != error.status else None
            return refused(error.status, code, retry_after_s.get())
        except _NOT_SENT:
            return Temporary("carrier_unreachable", sender_wide=True)
        except (*_BROKEN, TwilioException, ValueError, KeyError, TypeError) as error:
            log.warning("carrier_call_broke", error=type(error).__name__)
            return Unknown("carrier_unreachable")
        if not made.sid:
            return Unknown("carrier_answer_unreadable")
        return _accepted(made.sid, made.status, made.error_code)

    async def look_up(self, message: LeasedMessage, known: Known) -> Lookup:
        """Whether the carrier has a message whose hand-over broke.

        It has, if it lists one to the same number with the same text since then which is no other
        message of ours.
        """
        if message.address is None or message.handed_at is None:
            return Temporary("recipient_gone")
        since = message.handed_at - CLOCK_SKEW
        try:
            listed = await self._client.messages.list_async(
                to=_recipient(message),
                from_=message.sender,
                limit=limits.LOOKUP_MESSAGES,
                page_size=limits.LOOKUP_MESSAGES,
            )
        except (*_BROKEN, TwilioException, ValueError, KeyError, TypeError) as error:
            log.warning("carrier_lookup_broke", error=type(error).__name__)
            return Temporary("carrier_unreachable")
        if not all(one.sid for one in listed):
            return Temporary("carrier_answer_unreadable")
        alike = [
            one
            for one in listed
            if one.body == message.body
            and one.date_created is not None
            and one.date_created >= since
        ]
        taken = await known.of([str(one.sid) for one in alike])
        free = [one for one in alike if one.sid not in taken]
        if not free:
            return NotFound()
        first = min(free, key=lambda one: one.date_created)
        return _accepted(str(first.sid), first.status, first.error_code)

    async def sent_on(self, sender: str, day: datetime) -> AsyncIterator[Sequence[Listed]]:
        """What the carrier sent from a number on a day (UTC), page by page.

        Raises:
            TwilioException, aiohttp.ClientError, TimeoutError, OSError: it could not be read.
        """
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        page = await self._client.messages.page_async(
            from_=sender,
            date_sent_after=begin,
            date_sent_before=begin + timedelta(days=1),
            page_size=PAGE_SIZE,
        )
        while page is not None:
            records: list[Any] = list(page)
            yield [
                Listed(
                    carrier_id=str(one.sid),
                    status=str(one.status),
                    error_code=_code(one.error_code),
                    sent_at=one.date_sent or one.date_created,
                )
                for one in records
                if one.sid and one.direction == OURS
            ]
            page = await page.next_page_async()


def _recipient(message: LeasedMessage) -> str:
    address = message.address or ""
    return f"whatsapp:{address}" if message.channel is Channel.WHATSAPP else address


def _accepted(sid: str, status: str | None, error_code: object) -> Accepted:
    said = heard(sid, str(status or ""), _code(error_code), None)
    return Accepted(
        sid,
        said.state or MessageState.SENT,
        reason=said.reason,
        error_code=said.error_code,
        suppress=said.suppress,
    )


def _code(value: object) -> int | None:
    try:
        return int(str(value)) if value is not None else None
    except ValueError:
        return None
