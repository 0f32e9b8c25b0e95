"""What phones ask of a store, as Protocols; `rooms.sms.records` crosses the border.

``storage.sms`` implements these. A phone is a number on one channel.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from rooms.participants import Participant
from rooms.sms.records import (
    AppPhone,
    Attending,
    Caller,
    Claim,
    CodeRecord,
    ConsentSource,
    InboundText,
    JoinableShow,
    LinkRecord,
    NewClaim,
    PhoneKey,
)


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
