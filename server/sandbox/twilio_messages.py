"""The Message resource of Twilio's API 2010-04-01, with the names of its recorded bodies.

Source: the OpenAPI description of ``/2010-04-01/Accounts/{AccountSid}/Messages.json``; what is
held to it is in ``tests/server/sandbox``.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import Final

from msgspec import Struct, field

from rooms.sandbox.records import SandboxMessage, TextDirection, TextStatus

API_VERSION: Final = "2010-04-01"
PRICE_PER_SEGMENT: Final = "0.00830"
"""In dollars, as Twilio lists a text within the United States."""

_PRICED: Final = frozenset(
    {TextStatus.SENT, TextStatus.DELIVERED, TextStatus.UNDELIVERED, TextStatus.RECEIVED}
)

ERROR_MESSAGES: Final = {
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
}


class Subresources(Struct, frozen=True):
    """Where what belongs to a message is."""

    media: str


class MessageResource(Struct, frozen=True, kw_only=True):
    """One message. Times are RFC 2822, numbers are texts, as Twilio has them."""

    account_sid: str
    api_version: str = API_VERSION
    body: str
    date_created: str
    date_sent: str | None
    date_updated: str
    direction: str
    error_code: int | None
    error_message: str | None
    from_: str = field(name="from")
    messaging_service_sid: str | None = None
    num_media: str = "0"
    num_segments: str
    price: str | None
    price_unit: str = "USD"
    sid: str
    status: str
    subresource_uris: Subresources
    to: str
    uri: str


class MessageList(Struct, frozen=True, kw_only=True):
    """One page of messages, the newest first. Addresses are relative to the API's own."""

    end: int
    first_page_uri: str
    messages: list[MessageResource]
    next_page_uri: str | None
    page: int
    page_size: int
    previous_page_uri: str | None
    start: int
    uri: str


def resource_of(message: SandboxMessage, account_sid: str) -> MessageResource:
    """A message as Twilio says it. What has no price yet has none here."""
    address = f"{messages_path(account_sid)}/{message.sid}"
    priced = message.status in _PRICED and message.direction is not TextDirection.INBOUND
    error = message.error_code if message.direction is not TextDirection.INBOUND else None
    sent_at = message.created_at if message.direction is TextDirection.INBOUND else message.sent_at
    return MessageResource(
        account_sid=account_sid,
        body=message.body,
        date_created=rfc2822(message.created_at),
        date_sent=rfc2822(sent_at) if sent_at else None,
        date_updated=rfc2822(message.updated_at),
        direction=message.direction.value,
        error_code=error,
        error_message=ERROR_MESSAGES.get(error) if error else None,
        from_=message.sender,
        num_segments=str(message.segments),
        price=_price(message.segments) if priced else None,
        sid=message.sid,
        status=message.status.value,
        subresource_uris=Subresources(media=f"{address}/Media.json"),
        to=message.recipient,
        uri=f"{address}.json",
    )


def messages_path(account_sid: str) -> str:
    """The path of an account's messages, without the ending."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Messages"


def rfc2822(moment: datetime) -> str:
    """A time as Twilio writes it: ``Wed, 26 Oct 2016 18:12:20 +0000``."""
    return format_datetime(moment)


def _price(segments: int) -> str:
    whole = int(PRICE_PER_SEGMENT.replace(".", "")) * segments
    return f"-{whole // 100_000}.{whole % 100_000:05d}"
