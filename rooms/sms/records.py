"""What is known of phones, of their consents, and of the ways to prove whose they are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from rooms.participants import Participant
from rooms.show import ShowStatus


class PhoneChannel(StrEnum):
    """What a phone is texted by. One number on two channels is two phones."""

    SMS = "sms"
    WHATSAPP = "whatsapp"


class PhoneState(StrEnum):
    """Where a phone stands at one show: DOMAIN "SMS"."""

    NONE = "none"
    PENDING = "pending"
    ACTIVE = "active"
    SUPPRESSED = "suppressed"


class ConsentSource(StrEnum):
    """How somebody said what is kept of their consent."""

    TEXT = "text"
    CARRIER = "carrier"
    """The carrier handled a STOP or START itself and told us."""
    CARRIER_ERROR = "carrier_error"
    """The carrier refuses to send to this number (21610 and the like)."""
    WEB_LINK = "web_link"
    APP_CODE = "app_code"


class ConsentKind(StrEnum):
    """What somebody agreed to, or no longer does."""

    JOIN = "join"
    CONFIRM = "confirm"
    STOP = "stop"
    START = "start"


class PhoneKey(Struct, frozen=True):
    """A phone that texts, and the sender that it texts to.

    Attributes:
        number: E.164.
        number_hash: 32 bytes, keyed; what suppressions know the number by.
        sender: our address as the carrier writes it (`rooms.messaging.senders.Sender.address`).
    """

    channel: PhoneChannel
    number: str
    number_hash: bytes
    sender: str


class InboundText(Struct, frozen=True):
    """A text that came in. ``opt_out_type``: what the carrier has answered already."""

    message_sid: str
    phone: PhoneKey
    body: str
    received_at: datetime
    opt_out_type: str | None = None
    media: int = 0
    location: bool = False


class Attending(Struct, frozen=True):
    """A phone at one show.

    Attributes:
        attendee_id: as which it came.
        participant: who it is by now: the same, or the app that it was linked with.
        removed: crew removed that participant.
    """

    show_id: str
    title: str
    status: ShowStatus
    state: PhoneState
    attendee_id: str
    participant: Participant
    removed: bool = False

    @property
    def is_linked(self) -> bool:
        """Whether somebody's app and this phone are one."""
        return self.participant.participant_id != self.attendee_id or not self.participant.guest


class Claim(Struct, frozen=True):
    """What became of a text when it came for the first time.

    Attributes:
        route: encoded `server.sms.routes.Route`.
        twiml: the answer, once there is one.
    """

    route: bytes
    twiml: str | None
    received_at: datetime


class Caller(Struct, frozen=True):
    """What is known of who texts.

    Attributes:
        is_guest: its account is nobody's who signs in.
        suppressed: said STOP to this sender, and no START since.
        attending: the show that its texts are about: the last one joined that is live, else the
            last one joined.
        claim: of a text that came before.
    """

    phone_id: str | None = None
    account_id: str | None = None
    is_guest: bool = True
    language: str | None = None
    suppressed: bool = False
    attending: Attending | None = None
    claim: Claim | None = None


class NewClaim(Struct, frozen=True):
    """A text with the route that it takes."""

    text: InboundText
    route: bytes
    twiml: str | None = None
    phone_id: str | None = None
    show_id: str | None = None
    participant_id: str | None = None


class JoinableShow(Struct, frozen=True):
    """A show as somebody finds it by its code."""

    show_id: str
    title: str
    status: ShowStatus
    takes_sms: bool


class CodeRecord(Struct, frozen=True):
    """A code that the app shows, to be texted by the phone of who it is shown to."""

    attendee_id: str
    show_id: str
    title: str
    account_id: str
    guest: bool
    expires_at: datetime
    used_at: datetime | None


class LinkRecord(Struct, frozen=True):
    """The link that was sent to a phone. ``merged_into``: who it was found to be."""

    phone_id: str
    attendee_id: str
    show_id: str
    show_slug: str
    title: str
    status: ShowStatus
    channel: PhoneChannel
    number: str
    language: str
    state: PhoneState
    account_id: str
    guest: bool
    merged_into: str | None
    expires_at: datetime
    used_at: datetime | None


class AppPhone(Struct, frozen=True):
    """What an app user has proven of a phone in one show. ``number``: as last known."""

    confirmed: bool
    pending: bool
    number: str | None = None
