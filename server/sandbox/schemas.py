"""Bodies of the calls about the sandbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from rooms import limits
from rooms.sandbox.records import PhoneChannel, SandboxMessage, TextDirection, TextStatus
from rooms.sandbox.records import SandboxPhone as Phone
from server.sandbox.printed import printed

PhoneName = Annotated[str, Meta(max_length=limits.SANDBOX_PHONE_NAME_CHARACTERS_MAX)]


class NewPhonesBody(Struct, frozen=True, kw_only=True):
    """``POST /api/sandbox/phones``. ``count`` phones of one kind; ``crowd``: not looked at one by
    one, and sent home together."""

    name: PhoneName
    channel: PhoneChannel = PhoneChannel.SMS
    country: Annotated[str, Meta(min_length=2, max_length=2)] = "US"
    count: Annotated[int, Meta(ge=1, le=limits.SANDBOX_CROWD_PER_ACCOUNT)] = 1
    crowd: bool = False


class PhoneChangeBody(Struct, frozen=True, kw_only=True):
    """``PUT /api/sandbox/phones/{id}``. What is left out stays."""

    name: PhoneName | UnsetType = UNSET
    switched_off: bool | UnsetType = UNSET
    carrier_opt_out: bool | UnsetType = UNSET


class PhoneTextBody(Struct, frozen=True):
    """``POST /api/sandbox/phones/{id}/texts``."""

    body: Annotated[str, Meta(max_length=limits.TEXT_CHARACTERS_MAX)]


class PhoneView(Struct, frozen=True, kw_only=True):
    """A simulated phone. ``printed``: the number for people. ``opted_out``: the carrier refuses
    to send to it, because it said STOP to the carrier (``carrier_opt_out``)."""

    id: str
    channel: PhoneChannel
    number: str
    printed: str
    country: str
    name: str
    crowd: bool
    switched_off: bool
    carrier_opt_out: bool
    opted_out: bool
    created_at: datetime


class PhoneNumberView(Struct, frozen=True):
    """A number that phones write to."""

    channel: PhoneChannel
    number: str
    printed: str


class PhonesView(Struct, frozen=True, kw_only=True):
    """``GET /api/sandbox/phones``. ``version``: changes are followed from it; ``countries``: that
    have numbers for fiction."""

    items: list[PhoneView]
    numbers: list[PhoneNumberView]
    countries: list[str]
    phones_max: int
    crowd_max: int
    version: int


class PhoneMessageView(Struct, frozen=True, kw_only=True):
    """A text of a simulated phone. ``inbound``: the phone wrote it; ``answers``: the id of the
    phone's text that it answers. ``error_code`` is Twilio's."""

    id: str
    phone_id: str
    direction: TextDirection
    body: str
    segments: int
    status: TextStatus
    error_code: int | None
    answers: str | None
    created_at: datetime


class PhoneMessagePage(Struct, frozen=True):
    """A phone's texts, the newest first."""

    items: list[PhoneMessageView]
    next_cursor: str | None


class PhoneChanges(Struct, frozen=True):
    """``GET /api/sandbox/messages``: what has changed, in order; ``next``: to be asked after."""

    items: list[PhoneMessageView]
    next: int


class SaidView(Struct, frozen=True):
    """A text that was sent, and what came back to it at once."""

    text: PhoneMessageView
    replies: list[PhoneMessageView]


class SandboxMailItem(Struct, frozen=True, kw_only=True):
    """A mail that was kept instead of being sent."""

    id: str
    from_: str = field(name="from")
    to: str
    subject: str
    show_id: str | None
    created_at: datetime


class SandboxMailPage(Struct, frozen=True):
    """The newest first."""

    items: list[SandboxMailItem]
    next_cursor: str | None


class MailHeader(Struct, frozen=True):
    """One header, unfolded and decoded."""

    name: str
    value: str


class SandboxMailView(SandboxMailItem, frozen=True, kw_only=True):
    """A mail with its content. A part that it has not is null."""

    text: str | None
    html: str | None
    headers: list[MailHeader]


def phone_view(phone: Phone) -> PhoneView:
    """A phone for its page."""
    return PhoneView(
        id=phone.phone_id,
        channel=phone.channel,
        number=phone.number,
        printed=printed(phone.number),
        country=phone.country,
        name=phone.name,
        crowd=phone.crowd,
        switched_off=phone.switched_off,
        carrier_opt_out=phone.carrier_opt_out,
        opted_out=phone.opted_out_at is not None,
        created_at=phone.created_at,
    )


def message_view(message: SandboxMessage) -> PhoneMessageView:
    """A text for its phone."""
    return PhoneMessageView(
        id=message.sid,
        phone_id=message.phone_id or "",
        direction=message.direction,
        body=message.body,
        segments=message.segments,
        status=message.status,
        error_code=message.error_code,
        answers=message.answers,
        created_at=message.created_at,
    )
