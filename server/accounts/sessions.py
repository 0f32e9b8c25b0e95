"""Sessions: opened, kept alive by refreshing, and ended."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from msgspec import Struct

from rooms.accounts.ports import AccountRecord, NewSession, Reused, SessionRecord, SessionStore
from rooms.ports import Clock, NewId
from server.accounts.revocation import Revocation
from server.problems import ApiError, not_authenticated
from server.security.identity import Identity
from server.security.refresh_tokens import LASTS_S, RefreshTokens
from server.security.tokens import ACCESS_S, DeviceClaims, TokenInvalid, Tokens

_log = structlog.get_logger(__name__)


class Caller(Struct, frozen=True):
    """What is known of who makes an unauthenticated call: rate limits go by this.

    Attributes:
        device: what a device token says that the caller showed.
        device_label: what the device calls itself, for its owner's list of sessions.
        cookie_device_id: the device by its cookie. Browsers send that by themselves, so it says
            which device this is, but brings nobody's guest account back.
        language: what the browser asks for, of the languages that mails are written in.
    """

    address: str
    device: DeviceClaims | None = None
    cookie_device_id: str | None = None
    device_label: str | None = None
    language: str | None = None

    @property
    def device_id(self) -> str | None:
        """The device, however it is known."""
        return self.device.device_id if self.device else self.cookie_device_id


class Credentials(Struct, frozen=True):
    """What a signed-in client gets. ``expires_in``: seconds the access token lasts."""

    account: AccountRecord
    session_id: str
    access_token: str
    refresh_token: str
    device_token: str
    expires_in: int = ACCESS_S


class RefreshedCredentials(Struct, frozen=True):
    """What a refresh gives."""

    session: SessionRecord
    access_token: str
    refresh_token: str | None
    expires_in: int = ACCESS_S


class Sessions:
    """Sessions and their tokens."""

    def __init__(
        self,
        store: SessionStore,
        tokens: Tokens,
        refresh_tokens: RefreshTokens,
        revocation: Revocation,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._refresh_tokens = refresh_tokens
        self._revocation = revocation
        self._clock = clock
        self._new_id = new_id

    async def open(
        self, account: AccountRecord, caller: Caller, *, signed_in: bool = False
    ) -> Credentials:
        """A new session of an account, with its tokens.

        Args:
            signed_in: by a password: the account hears of it where it does not know the device.
        """
        now = self._clock.now()
        refresh = self._refresh_tokens.mint(self._new_id())
        device_id = caller.device_id or self._new_id()
        await self._store.open(
            NewSession(
                session_id=refresh.session_id,
                account_id=account.account_id,
                refresh_hash=refresh.hash,
                expires_at=_session_end(now),
                device_id=device_id,
                device_label=caller.device_label,
                signed_in=signed_in,
            ),
            now,
        )
        return Credentials(
            account=account,
            session_id=refresh.session_id,
            access_token=self._tokens.access(
                account.account_id, refresh.session_id, account.role.value, now
            ),
            refresh_token=refresh.text,
            device_token=self._tokens.device(account.account_id, device_id, now),
        )

    async def refresh(self, text: str) -> RefreshedCredentials:
        """Trades a refresh token for a new pair.

        Raises:
            ApiError: ``invalid_refresh_token``; ``refresh_token_reused``, and the session is over.
        """
        try:
            token = self._refresh_tokens.read(text)
        except TokenInvalid:
            raise _refresh_refused() from None
        now = self._clock.now()
        successor = self._refresh_tokens.mint(token.session_id)
        outcome = await self._store.rotate(
            token.session_id,
            token.hash,
            successor.hash,
            now=now,
            expires_at=_session_end(now),
        )
        if outcome is None:
            raise _refresh_refused()
        if isinstance(outcome, Reused):
            _log.warning("refresh_token_reused", account_id=outcome.account_id)
            self._revocation.announce(token.session_id)
            raise not_authenticated(
                "refresh_token_reused", "This token was used before; the session has ended."
            )
        return self._refreshed(outcome.session, successor.text, now)

    async def refresh_by_cookie(self, identity: Identity) -> RefreshedCredentials:
        """A new access token for a page whose cookie holds the session."""
        now = self._clock.now()
        session = await self._store.live(identity.session_id, identity.account_id, now)
        if session is None:
            raise _refresh_refused()
        await self._store.extend(session.session_id, _session_end(now))
        return self._refreshed(session, None, now)

    async def log_out(self, session_id: str) -> None:
        """Ends a session, here and on every node, sockets included."""
        await self._revocation.revoke(session_id, "logout")

    def announce_end(self, session_id: str) -> None:
        """Closes the sockets of a session whose account is over."""
        self._revocation.announce(session_id)

    async def log_out_by_refresh_token(self, text: str) -> None:
        """Ends the session of a refresh token, whose access token may have expired."""
        try:
            token = self._refresh_tokens.read(text)
        except TokenInvalid:
            raise _refresh_refused() from None
        await self._revocation.revoke(token.session_id, "logout")

    def _refreshed(
        self, session: SessionRecord, refresh_token: str | None, now: datetime
    ) -> RefreshedCredentials:
        return RefreshedCredentials(
            session=session,
            access_token=self._tokens.access(
                session.account_id, session.session_id, session.role.value, now
            ),
            refresh_token=refresh_token,
        )


def _session_end(now: datetime) -> datetime:
    return now + timedelta(seconds=LASTS_S)


def _refresh_refused() -> ApiError:
    return not_authenticated("invalid_refresh_token", "Sign in again.")
