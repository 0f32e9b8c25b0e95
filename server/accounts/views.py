"""Accounts as answers."""

from __future__ import annotations

from rooms.accounts.ports import AccountRecord
from server.accounts.schemas import GuestSignedIn, SignedIn, UserView
from server.accounts.sessions import Credentials


def user_view(account: AccountRecord) -> UserView:
    """An account as its owner sees it."""
    return UserView(
        id=account.account_id,
        email=account.email,
        display_name=account.display_name,
        role=account.role.value,
        guest=account.guest,
        created_at=account.created_at,
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
