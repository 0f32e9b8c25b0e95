"""Who is calling, established once per request and trusted from there on."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from rooms.participants import Role


class Via(StrEnum):
    """How the caller showed who they are."""

    BEARER = "bearer"
    COOKIE = "cookie"


class Identity(Struct, frozen=True):
    """A caller with a live session, and the device that it was opened on."""

    account_id: str
    session_id: str
    role: Role
    display_name: str
    guest: bool
    via: Via
    device_id: str | None = None
    shows_name: bool = True
    shows_presence: bool = True

    @property
    def is_admin(self) -> bool:
        """Whether this account may do everything everywhere."""
        return self.role is Role.ADMIN
