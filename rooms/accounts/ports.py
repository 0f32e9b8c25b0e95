"""What keeping people asks of a store, with the records that cross the border."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from rooms.accounts.profile import HomeCity, Privacy
from rooms.participants import Role


class AccountRecord(Struct, frozen=True):
    """A user. A guest is an account without an e-mail address."""

    account_id: str
    email: str | None
    display_name: str
    role: Role
    created_at: datetime
    password_hash: str | None = None
    disabled: bool = False
    language: str | None = None
    home_city: HomeCity | None = None
    privacy: Privacy = Privacy()

    @property
    def guest(self) -> bool:
        """Whether nobody can sign in to this account by a password."""
        return self.email is None


class SessionRecord(Struct, frozen=True):
    """A live session together with its account, as the check of every call reads them."""

    session_id: str
    account_id: str
    display_name: str
    role: Role
    guest: bool
    expires_at: datetime
    device_id: str | None = None
    shows_name: bool = True
    shows_presence: bool = True


class SessionView(Struct, frozen=True):
    """A live session as its account lists it. ``device_label``: such as "Firefox on Android"."""

    session_id: str
    device_label: str | None
    created_at: datetime
    last_used_at: datetime


class NewAccount(Struct, frozen=True):
    """An account to be. ``email`` and ``password_hash`` are absent for a guest; ``language``: of
    the browser, for mails."""

    account_id: str
    display_name: str
    role: Role = Role.FAN
    email: str | None = None
    password_hash: str | None = None
    language: str | None = None


class NewSession(Struct, frozen=True):
    """A session to be, with its first refresh token's hash, on a device.

    ``signed_in``: by a password, so that its account hears of a device that it does not know.
    """

    session_id: str
    account_id: str
    refresh_hash: bytes
    expires_at: datetime
    device_id: str | None = None
    device_label: str | None = None
    signed_in: bool = False


class EmailTaken(Exception):
    """Another account has this address."""


class Rotated(Struct, frozen=True):
    """The refresh token was the current one; its successor counts from now on."""

    session: SessionRecord


class Reused(Struct, frozen=True):
    """A token that had been used before: somebody has a copy. The session is revoked now."""

    account_id: str


Rotation = Rotated | Reused | None
"""``None``: the session is unknown or over."""


class AccountStore(Protocol):
    """Keeps accounts. Addresses are compared without regard to case."""

    async def create(self, account: NewAccount, now: datetime) -> AccountRecord:
        """Inserts; the same ``account_id`` again returns what is there.

        Raises:
            EmailTaken: by another account.
        """
        ...

    async def upgrade_guest(self, account: NewAccount, now: datetime) -> AccountRecord | None:
        """Gives a guest an address and a password; ``None`` if it is no guest (any more).

        Raises:
            EmailTaken: by another account.
        """
        ...

    async def by_id(self, account_id: str) -> AccountRecord | None:
        """One account."""
        ...

    async def by_email(self, email: str) -> AccountRecord | None:
        """One account."""
        ...

    async def set_password_hash(
        self, account_id: str, password_hash: str, instead_of: str, changed_at: datetime | None
    ) -> bool:
        """Replaces the hash, if it is still the one that was looked at; whether it was.

        Args:
            changed_at: of another password, which its account hears of; ``None``: the same one,
                hashed anew.
        """
        ...


class ProfileChange(Struct, frozen=True):
    """New values of a profile; every field is the value to be."""

    display_name: str
    language: str | None
    home_city: HomeCity | None
    privacy: Privacy


class Renamed(Struct, frozen=True):
    """A participant whom its room calls by another name now, or who is shown in another way."""

    show_id: str
    participant_id: str
    display_name: str


class Visit(Struct, frozen=True):
    """A room that somebody was in. ``role``: what they are there."""

    show_id: str
    slug: str
    title: str
    status: str
    starts_at: datetime
    joined_at: datetime
    role: str


class OwnsShows(Exception):
    """Shows of this account are under way or announced. ``count``: how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class Deleted(Struct, frozen=True):
    """What ended with an account: its sessions, and its name in these open rooms."""

    session_ids: tuple[str, ...]
    renamed: tuple[Renamed, ...]


class ProfileStore(Protocol):
    """Keeps what people say about themselves."""

    async def change(
        self, account_id: str, change: ProfileChange, now: datetime
    ) -> tuple[AccountRecord, list[Renamed]] | None:
        """Replaces a profile, and what open rooms know of it; ``None``: no such account."""
        ...

    async def visits(
        self, account_id: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Visit]:
        """Rooms that somebody was in, in order of (joined_at, show_id), the newest first."""
        ...

    async def delete(self, account_id: str, now: datetime) -> Deleted:
        """Takes a person out of what is kept; what others rely on stays without a name.

        Raises:
            OwnsShows: nothing was done.
        """
        ...


class GuestStore(Protocol):
    """Makes a guest and an account one person."""

    async def claim(
        self, guest_id: str, account_id: str, display_name: str, now: datetime
    ) -> int | None:
        """Hands what a guest did to an account, all or nothing; the guest can do nothing more.

        In a room where the account is not yet, the guest's attendee becomes the account's:
        its votes, chat, edits and Yjs client ids with it. Where the account is an attendee
        already, the guest's attendee stays and says whose it is (``merged_into``): what was
        voted cannot be one person's ballot any more, what was written is attributed.

        Returns:
            how many attendees; ``None`` if there is no such guest (any more).
        """
        ...


class SessionStore(Protocol):
    """Keeps sessions and their refresh tokens (hashes only)."""

    async def open(self, session: NewSession, now: datetime) -> None:
        """Inserts a session with its first refresh token."""
        ...

    async def live(self, session_id: str, account_id: str, now: datetime) -> SessionRecord | None:
        """The session if it is neither revoked nor over and its account may sign in."""
        ...

    async def rotate(
        self,
        session_id: str,
        refresh_hash: bytes,
        successor: bytes,
        *,
        now: datetime,
        expires_at: datetime,
    ) -> Rotation:
        """Uses a refresh token once.

        Whoever calls has checked that the token is one that this session was given: one that
        is not its current one has been used before, and revokes it.
        """
        ...

    async def extend(self, session_id: str, expires_at: datetime) -> None:
        """Moves the session's end; never earlier."""
        ...

    async def revoke(self, session_id: str, reason: str, now: datetime) -> bool:
        """Ends a session; whether it had been live."""
        ...

    async def of_account(self, account_id: str, now: datetime) -> list[SessionView]:
        """An account's live sessions, the one used last first; bounded."""
        ...

    async def revoke_others(
        self, account_id: str, keep: str, reason: str, now: datetime
    ) -> list[str]:
        """Ends all sessions of an account but one; those that had been live."""
        ...

    async def revoke_own(self, account_id: str, session_id: str, now: datetime) -> bool:
        """Ends a session of this account; whether there was such a live one."""
        ...

    async def revoked_among(self, session_ids: Collection[str], now: datetime) -> set[str]:
        """Those of ``session_ids`` that are revoked, over or unknown; one query."""
        ...
