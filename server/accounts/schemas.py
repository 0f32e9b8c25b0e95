"""Bodies of the calls under ``/api/auth``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rooms import limits

Email = Annotated[str, Meta(min_length=3, max_length=254)]
Password = Annotated[str, Meta(max_length=1_000, description="8 to 200 characters")]
DisplayName = Annotated[str, Meta(min_length=1, max_length=limits.DISPLAY_NAME_CHARACTERS_MAX)]
OpaqueToken = Annotated[str, Meta(max_length=2_048)]


class SignupBody(Struct, frozen=True):
    """``POST /api/auth/signup``. With a guest's bearer token: the guest becomes the account.

    ``session_cookie``: also set the pages' same-site cookie.
    """

    email: Email
    password: Password
    display_name: DisplayName
    role: Literal["fan", "artist"] = "fan"
    device_token: OpaqueToken | None = None
    session_cookie: bool = False


class LoginBody(Struct, frozen=True):
    """``POST /api/auth/login``. With a guest's bearer token or cookie: what the guest did becomes
    the account's, unless ``claim_guest`` is false."""

    email: Annotated[str, Meta(max_length=254)]
    password: Password
    device_token: OpaqueToken | None = None
    session_cookie: bool = False
    claim_guest: bool = True


class RefreshBody(Struct, frozen=True):
    """``POST /api/auth/refresh``. Without a token: by the session cookie."""

    refresh_token: OpaqueToken | None = None


class GuestBody(Struct, frozen=True):
    """``POST /api/auth/guest``. With its device token a guest comes back as the same guest."""

    display_name: DisplayName | None = None
    device_token: OpaqueToken | None = None
    session_cookie: bool = False


class LogoutBody(Struct, frozen=True):
    """``POST /api/auth/logout``. Without a bearer token, the refresh token says which session."""

    refresh_token: OpaqueToken | None = None


class UserView(Struct, frozen=True):
    """An account as its owner sees it. A guest has no ``email``."""

    id: str
    email: str | None
    display_name: str
    role: str
    guest: bool
    created_at: datetime


class SignedIn(Struct, frozen=True):
    """The answer to signup and login. ``expires_in``: seconds that the access token lasts."""

    user: UserView
    access_token: str
    refresh_token: str
    expires_in: int
    device_token: str
    token_type: str = "Bearer"


class GuestSignedIn(Struct, frozen=True):
    """The answer to guest."""

    guest_id: str
    user: UserView
    access_token: str
    refresh_token: str
    expires_in: int
    device_token: str
    token_type: str = "Bearer"


class Refreshed(Struct, frozen=True, omit_defaults=True):
    """The answer to refresh. ``refresh_token`` is absent when the cookie was used."""

    access_token: str
    expires_in: int
    refresh_token: str | None = None
