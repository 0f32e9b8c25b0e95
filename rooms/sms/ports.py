"""What phones ask of a store, as Protocols, with the records that cross the border.

``storage.sms`` implements these. A phone is a number on one channel.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

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


class PhoneWork(Protocol):
    """One text's doings, kept together or not at all.

    Attributes:
        claim: the text came before; then nothing may be done here.
        suppressed: the phone has said STOP to the sender, perhaps since it was looked up.
    """

    claim: Claim | None
    suppressed: bool

    async def join(
        self, show_id: str, *, language: str, wording: str
    ) -> tuple[Attending, bool] | None:
        """Makes the phone an attendee, in state ``pending`` at first.

        Returns:
            Where it stands, and whether it was in already; ``None``: crew removed it.
        """
        ...

    async def confirm(self, attending: Attending, *, language: str, wording: str) -> bool:
        """``pending`` → ``active``; false: it is active already."""
        ...

    async def stop(self, *, language: str, wording: str, source: ConsentSource) -> bool:
        """Suppresses the phone for the sender; false: it was before."""
        ...

    async def start(self, *, language: str, wording: str, source: ConsentSource) -> bool:
        """Lifts the suppression; false: there was none."""
        ...

    async def speak(self, language: str) -> None:
        """Answers the phone in this language from now on."""
        ...

    async def add_link(self, token_hash: bytes, attending: Attending, expires_at: datetime) -> None:
        """Keeps the link that the answer will hold."""
        ...

    async def take_code(self, code_hash: bytes) -> bool:
        """Uses up a code; false: somebody else was first, or it has expired."""
        ...

    async def answer(
        self, route: bytes, twiml: str | None, attending: Attending | None = None
    ) -> None:
        """Keeps the route and the answer, with which the work ends."""
        ...


class Phones(Protocol):
    """Keeps phones, and what they text."""

    async def look_up(self, text: InboundText) -> Caller:
        """What is known of who texts."""
        ...

    async def claim(self, claim: NewClaim) -> Claim | None:
        """Keeps a text and its route; a text that came before is left as it was, and told."""
        ...

    async def answered(self, message_sid: str, twiml: str) -> None:
        """Keeps what a text was answered."""
        ...

    def answered_soon(self, message_sid: str, twiml: str) -> None:
        """Keeps, in a moment, what could be made again from what is kept. Never fails."""
        ...

    def work(self, text: InboundText) -> AbstractAsyncContextManager[PhoneWork]:
        """One transaction, alone with this phone. What was not answered is undone."""
        ...

    async def participant(self, show_id: str, attendee_id: str) -> Participant | None:
        """Who an attendee is by now."""
        ...

    async def show_by_code(self, join_code: str) -> JoinableShow | None:
        """The show with this code, announced or not."""
        ...


class Proofs(Protocol):
    """Keeps codes and links that prove whose phone it is."""

    async def add_code(
        self, code_hash: bytes, attendee_id: str, show_id: str, now: datetime, expires_at: datetime
    ) -> bool:
        """A new code of an attendee, its only one; false: somebody else's is the same now."""
        ...

    async def code(self, code_hash: bytes) -> CodeRecord | None:
        """A code, used or not."""
        ...

    async def app_phone(self, show_id: str, account_id: str, now: datetime) -> AppPhone:
        """What an account has proven of its phone in one show."""
        ...

    async def link(self, token_hash: bytes) -> LinkRecord | None:
        """A link, used or not."""
        ...

    async def confirm_by_link(self, link: LinkRecord, wording: str, now: datetime) -> None:
        """A tap on the link: ``pending`` → ``active``, unless it has said STOP since."""
        ...

    async def shared_shows(
        self, account_id: str, other_account_id: str
    ) -> list[tuple[str, str, str]]:
        """Shows that both attend and that are not over: (show, attendee of one, of the other)."""
        ...

    async def give_phone(
        self,
        phone: PhoneKey | str,
        attendee_id: str,
        show_id: str,
        *,
        language: str,
        wording: str,
        source: ConsentSource,
        now: datetime,
    ) -> None:
        """The phone is that attendee's account's from now on, and ``active`` in its show.

        Args:
            phone: one that texts, perhaps for the first time; or the id of one.
        """
        ...
