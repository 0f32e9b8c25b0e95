"""Accounts as answers."""

from __future__ import annotations

import msgspec

from rooms.accounts.ports import AccountRecord
from server.accounts.schemas import GuestSignedIn, HomeCityView, SignedIn, UserView
from server.accounts.sessions import Credentials


def user_view(account: AccountRecord) -> UserView:
    """An account as its owner sees it."""
    city = account.home_city
    return UserView(
        id=account.account_id,
        email=account.email,
        display_name=account.display_name,
        role=account.role.value,
        guest=account.guest,
        created_at=account.created_at,
        language=account.language,
        home_city=None
        if city is None
        else msgspec.convert(msgspec.to_builtins(city), HomeCityView),
        privacy=account.privacy,
    )


def signed_in(credentials: Credentials) -> SignedIn:
    """The answer to signup and login."""
    return SignedIn(
        user=user_view(credentials.account),
        access_token=credentials.access_token,
        refresh_token=credentials.refresh_token,
        expires_in=credentials.expires_in,
        device_token=credentials.device_token,
    )


def guest_signed_in(credentials: Credentials) -> GuestSignedIn:
    """The answer to guest."""
    return GuestSignedIn(
        guest_id=credentials.account.account_id,
        user=user_view(credentials.account),
        access_token=credentials.access_token,
        refresh_token=credentials.refresh_token,
        expires_in=credentials.expires_in,
        device_token=credentials.device_token,
    )
