"""What mail asks of stores and of the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from rooms.catalogue.distances import Near
from rooms.mail.bounces import Report
from rooms.mail.decisions import Mailbox, Suppression
from rooms.mail.facts import Night, Reader, ShowFacts
from rooms.mail.kinds import Frequency, MailType
from rooms.messaging.ports import NewMessage


class Person(Struct, frozen=True):
    """Somebody with an account, as mail knows them.

    Attributes:
        home: around where they live, if they said so.
        zone: their time zone's IANA name, by their home city.
    """

    account_id: str
    reader: Reader
    mailbox: Mailbox
    home: Near | None = None
    zone: str | None = None


class People(Protocol):
    """Who gets mail, and what they chose."""

    async def person(self, account_id: str) -> Person | None:
        """One; ``None``: gone."""
        ...

    async def suppressed(self, address: str) -> Suppression | None:
        """Whether nothing may go to an address that is nobody's any more."""
        ...

    async def choose(
        self,
        account_id: str,
        frequencies: Mapping[MailType, Frequency],
        source: str,
        now: datetime,
    ) -> None:
        """Changes what is named, and leaves the rest."""
        ...

    async def speak(self, account_id: str, language: str) -> None:
        """The language that mails are written in."""
        ...

    async def verify(self, account_id: str, address: str, now: datetime) -> bool:
        """The address is proven, and what suppressed it is over; false: the account has another
        one, or is gone."""
        ...


class Bounces(Protocol):
    """What was reported of addresses."""

    async def is_of_ours(self, report: Report) -> bool:
        """Whether a report names a mail of ours that went to the address it speaks of."""
        ...

    async def hear(self, report: Report, source: str, now: datetime) -> bool:
        """Keeps a report, moves its message, suppresses the address if that follows; false: it
        was heard before."""
        ...

    async def suppress(self, address: str, reason: Suppression, source: str, now: datetime) -> None:
        """Nothing goes to an address any more."""
        ...


class Handed(Protocol):
    """Which mails may be with the server though nobody heard it say so."""

    async def about_to(self, message_id: str, now: datetime) -> None:
        """Written before the last byte is sent."""
        ...

    async def not_after_all(self, message_id: str) -> None:
        """The server said no."""
        ...

    async def may_be_there(self, message_id: str) -> bool:
        """Whether it came that far."""
        ...

    async def forget_address(self, message_id: str) -> None:
        """The last mail to somebody who is gone was taken: nobody needs the address any more."""
        ...


class Shows(Protocol):
    """Shows as mails tell of them."""

    async def facts(self, show_ids: Sequence[str]) -> Mapping[str, ShowFacts]:
        """Those that there are."""
        ...

    async def joined(
        self, account_id: str, since: datetime, until: datetime, limit: int
    ) -> Sequence[ShowFacts]:
        """Announced shows that somebody joined and that begin between these, the next first."""
        ...

    async def coming(
        self, home: Near | None, since: datetime, until: datetime, limit: int
    ) -> Sequence[ShowFacts]:
        """Public announced shows that begin between these, around a home or anywhere, the next
        first."""
        ...


class Nights(Protocol):
    """What came of shows."""

    async def night(self, show: ShowFacts) -> Night:
        """One show's results and setlist, as everybody may see them."""
        ...


class Collected(Struct, frozen=True):
    """A mail that waited for a digest."""

    kind: MailType
    show_id: str
    payload: Mapping[str, Any]


class DueDigest(Struct, frozen=True):
    """A digest whose time has come. ``zone``: of who gets it."""

    account_id: str
    frequency: Frequency
    due_at: datetime
    language: str
    zone: str | None


class Digests(Protocol):
    """What waits for a digest."""

    async def collect(self, message_id: str, account_id: str, waits: Waits, now: datetime) -> None:
        """Keeps a mail for the digest; the same message again is kept once."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[DueDigest]:
        """Digests whose time has come, the one that is late longest first."""
        ...

    async def put(self, message: NewMessage, digest: DueDigest, next_at: datetime | None) -> bool:
        """Queues a digest, ties what waits for it to it, and sets the next one's time: all or
        nothing; false: somebody else did."""
        ...

    async def collected(self, message_id: str) -> Sequence[Collected]:
        """What is tied to a digest, the oldest first; bounded."""
        ...


class Waits(Struct, frozen=True):
    """What is kept for a digest."""

    frequency: Frequency
    kind: MailType
    show_id: str
    payload: Mapping[str, Any]


class Expired(Protocol):
    """What nobody needs any more."""

    async def delete(self, now: datetime) -> int:
        """Deletes it, in portions; how many rows."""
        ...


class MailLinks(Protocol):
    """Addresses of the site that prove who follows them."""

    def verify(self, account_id: str, address: str, now: datetime) -> str:
        """Proves that an address is somebody's."""
        ...

    def unsubscribe(self, account_id: str, kind: MailType, now: datetime) -> str:
        """GET: a page to choose on; POST: one click (RFC 8058)."""
        ...
