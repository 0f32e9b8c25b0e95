"""What the sandbox carrier asks of its store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from rooms.sandbox.records import PhoneChannel, SandboxMessage, SandboxPhone


class TooManyPhones(Exception):
    """An account has as many simulated phones as it may, or no number is left."""


class NewPhone(Struct, frozen=True, kw_only=True):
    """A phone to be; its number is the first that is free."""

    phone_id: str
    account_id: str
    channel: PhoneChannel
    country: str
    name: str
    crowd: bool = False


class PhoneChange(Struct, frozen=True, kw_only=True):
    """What becomes of a phone; ``None`` stays."""

    name: str | None = None
    switched_off: bool | None = None
    carrier_opt_out: bool | None = None


class MessageFilter(Struct, frozen=True, kw_only=True):
    """Which messages Twilio's list is asked for. Times include their ends."""

    recipient: str | None = None
    sender: str | None = None
    sent_from: datetime | None = None
    sent_until: datetime | None = None


class PhoneStore(Protocol):
    """Keeps simulated phones."""

    async def add(
        self, phones: Sequence[NewPhone], numbers: Sequence[str], now: datetime
    ) -> list[SandboxPhone]:
        """Adds phones of one account, each with the first of ``numbers`` that is nobody's.

        Raises:
            TooManyPhones: none was added.
        """
        ...

    async def of_account(self, account_id: str) -> list[SandboxPhone]:
        """An account's phones, those looked at first, in order of their making."""
        ...

    async def one(self, phone_id: str, account_id: str) -> SandboxPhone | None:
        """One phone of an account."""
        ...

    async def by_number(self, channel: PhoneChannel, number: str) -> SandboxPhone | None:
        """The phone that has a number."""
        ...

    async def change(
        self, phone_id: str, account_id: str, change: PhoneChange
    ) -> SandboxPhone | None:
        """Changes a phone; when the carrier answers for it no more, it forgets its STOP."""
        ...

    async def opt_out(self, phone_id: str, at: datetime | None) -> None:
        """Notes since when the carrier sends nothing to a phone; ``None``: it sends again."""
        ...

    async def remove(self, phone_id: str, account_id: str) -> bool:
        """Removes a phone with its messages; whether there was one."""
        ...

    async def remove_crowd(self, account_id: str) -> int:
        """Removes an account's crowd; how many there were."""
        ...

    async def drives_shows(self, account_id: str) -> bool:
        """Whether somebody owns a show or is in the crew of one."""
        ...


class MessageStore(Protocol):
    """Keeps what the sandbox carried."""

    async def add(self, message: SandboxMessage) -> None:
        """Keeps a message; the oldest of its phone go where there are too many."""
        ...

    async def failed(self, sid: str, error_code: int, now: datetime) -> None:
        """Notes that nobody took a phone's text."""
        ...

    async def one(self, sid: str) -> SandboxMessage | None:
        """One message."""
        ...

    async def listed(
        self, wanted: MessageFilter, after: tuple[datetime, str] | None, limit: int
    ) -> list[SandboxMessage]:
        """The newest first, after a place in the list."""
        ...

    async def of_phone(
        self, phone_id: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[SandboxMessage]:
        """A phone's messages, the newest first."""
        ...

    async def changed(
        self, account_id: str, after: int, limit: int
    ) -> tuple[list[SandboxMessage], int]:
        """Messages of an account's phones that changed after a version, in order of their change,
        and the version to go on from."""
        ...

    async def head(self) -> int:
        """The last version."""
        ...

    async def advance(self, now: datetime, limit: int) -> list[SandboxMessage]:
        """Takes the next step of messages that are due; as they are then."""
        ...
