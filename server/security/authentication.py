"""Who is calling: bearer token, or the pages' cookie with a CSRF check.

The middleware never refuses: public calls work with a stale token, and must (a refresh sends
one). Those that need to know who calls ask `identity_of` or `viewer_of`.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.params import SkipValidation
from litestar.types import ASGIApp, Receive, Scope, Send

from rooms.accounts.ports import SessionStore
from rooms.ports import Clock
from server.problems import ApiError, not_authenticated
from server.security.identity import Identity, Via
from server.security.tokens import SessionClaims, TokenInvalid, Tokens

COOKIE: Final = "setroom_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]


class Authenticator:
    """Establishes identities against live sessions."""

    def __init__(
        self, tokens: Tokens, sessions: SessionStore, clock: Clock, origins: frozenset[str]
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._clock = clock
        self._origins = origins

    async def authenticate(self, connection: Connection) -> Identity | ApiError | None:
        """Who calls; ``None``: nobody says so; an error: what was shown is no good."""
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer":
                return not_authenticated("invalid_token", "Only bearer tokens are known.")
            try:
                claims = self._tokens.read_access(token.strip(), self._clock.now())
            except TokenInvalid as error:
                return _refusal(error)
            return await self._identity(claims, Via.BEARER)
        cookie = connection.cookies.get(COOKIE)
        if not cookie:
            return None
        try:
            claims = self._tokens.read_cookie(cookie, self._clock.now())
        except TokenInvalid:
            return None
        if connection.scope.get("method") not in _SAFE and not self._is_same_site(connection):
            return ApiError(403, "csrf_failed", "This call did not come from our own pages.")
        found = await self._identity(claims, Via.COOKIE)
        return found if isinstance(found, Identity) else None

    async def _identity(self, claims: SessionClaims, via: Via) -> Identity | ApiError:
        session = await self._sessions.live(claims.session_id, claims.account_id, self._clock.now())
        if session is None:
            return not_authenticated("session_revoked", "This session has ended. Sign in again.")
        return Identity(
            account_id=session.account_id,
            session_id=session.session_id,
            role=session.role,
            display_name=session.display_name,
            guest=session.guest,
            via=via,
            device_id=session.device_id,
            shows_name=session.shows_name,
            shows_presence=session.shows_presence,
        )

    def _is_same_site(self, connection: Connection) -> bool:
        """Whether our own pages made this call (Fetch Metadata, else Origin)."""
        site = connection.headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = connection.headers.get("origin")
        if origin is None:
            return False
        own = origin.lower() in self._origins
        return own or urlsplit(origin).netloc == connection.headers.get("host")


class AuthenticationMiddleware(ASGIMiddleware):
    """Sets ``scope["user"]`` to the `Identity` and ``scope["auth"]`` to what was wrong."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Establishes who calls."""
        connection: Connection = ASGIConnection(scope)
        scope["user"] = scope["auth"] = None
        headers = connection.headers
        if "authorization" in headers or COOKIE in connection.cookies:
            authenticator: Authenticator = connection.app.state.services.authenticator
            found = await authenticator.authenticate(connection)
            scope["auth" if isinstance(found, ApiError) else "user"] = found
        await next_app(scope, receive, send)


def viewer_of(request: Request[Any, Any, Any]) -> Identity | None:
    """Who calls, if anybody says so.

    Raises:
        ApiError: a token was shown that is no good: better said than taken for nobody.
    """
    problem = request.scope.get("auth")
    if isinstance(problem, ApiError):
        raise problem
    user = request.scope.get("user")
    return user if isinstance(user, Identity) else None


def identity_of(request: Request[Any, Any, Any]) -> Identity:
    """Who calls.

    Raises:
        ApiError: ``not_authenticated``, ``token_expired``, ``invalid_token``,
            ``session_revoked``, ``csrf_failed``.
    """
    identity = viewer_of(request)
    if identity is None:
        raise not_authenticated()
    return identity


CallerIdentity: TypeAlias = NamedDependency[SkipValidation[Identity]]
"""A handler's ``identity``: it needs to know who calls."""

Viewer: TypeAlias = NamedDependency[SkipValidation[Identity | None]]
"""A handler's ``viewer``: it answers everybody, and some more."""


def _refusal(error: TokenInvalid) -> ApiError:
    if error.expired:
        return not_authenticated("token_expired", "The access token has expired. Refresh it.")
    return not_authenticated("invalid_token", "This access token is not valid.")
