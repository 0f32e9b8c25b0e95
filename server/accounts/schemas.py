"""Bodies of the calls under ``/api/auth``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from rooms import limits
from rooms.accounts.profile import Privacy

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


Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Place = Annotated[str, Meta(min_length=1, max_length=100)]


class HomeCityView(Struct, frozen=True):
    """Where somebody lives, as ``GET /api/places`` tells of it. Degrees, WGS 84."""

    name: Place
    lat: Latitude
    lon: Longitude
    country: Place | None = None
    admin: Place | None = None


class PrivacyBody(Struct, frozen=True):
    """Choices; what is left out stays as it is. See `rooms.accounts.profile.Privacy`."""

    show_name: bool | UnsetType = UNSET
    show_presence: bool | UnsetType = UNSET
    remember_rooms: bool | UnsetType = UNSET


class ProfileBody(Struct, frozen=True):
    """``PUT /api/auth/profile``. What is left out stays as it is; null takes it away."""

    display_name: DisplayName | UnsetType = UNSET
    language: Literal["en", "es"] | UnsetType | None = UNSET
    home_city: HomeCityView | UnsetType | None = UNSET
    privacy: PrivacyBody | UnsetType = UNSET


class PasswordBody(Struct, frozen=True):
    """``POST /api/auth/password``."""

    current_password: Password
    new_password: Password


class DeleteAccountBody(Struct, frozen=True):
    """``DELETE /api/auth/account``. A guest has no password to give."""

    password: Password | None = None


class SessionItem(Struct, frozen=True):
    """A session of one's own. ``device_label``: such as "Firefox on Android"; ``last_used_at`` to
    five minutes; ``current``: the one that asks."""

    id: str
    device_label: str | None
    created_at: datetime
    last_used_at: datetime
    current: bool


class SessionPage(Struct, frozen=True):
    """One's live sessions, the one used last first; the hundred newest."""

    items: list[SessionItem]


class Ended(Struct, frozen=True):
    """How many other sessions ended."""

    revoked: int


class RoomVisit(Struct, frozen=True):
    """A room that one was in. ``role``: what one is there."""

    show_id: str
    slug: str
    title: str
    status: str
    starts_at: datetime
    joined_at: datetime
    role: str


class RoomVisitPage(Struct, frozen=True):
    """``GET /api/me/rooms``, the newest first; empty for who would not have them remembered."""

    items: list[RoomVisit]
    next_cursor: str | None = None


class UserView(Struct, frozen=True):
    """An account as its owner sees it. A guest has no ``email``."""

    id: str
    email: str | None
    display_name: str
    role: str
    guest: bool
    created_at: datetime
    language: str | None = None
    home_city: HomeCityView | None = None
    privacy: Privacy = Privacy()


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
