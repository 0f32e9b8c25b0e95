"""``/api/auth``: sign up, in and out, be a guest, refresh."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from rooms.participants import Role
from server.accounts.caller import DEVICE_COOKIE, caller_of
from server.accounts.schemas import (
    GuestBody,
    GuestSignedIn,
    LoginBody,
    LogoutBody,
    RefreshBody,
    Refreshed,
    SignedIn,
    SignupBody,
)
from server.accounts.sessions import Credentials
from server.accounts.views import guest_signed_in, signed_in
from server.problems import ApiError, not_authenticated
from server.rate_limits import REFRESH_BY_ADDRESS
from server.security.authentication import COOKIE, viewer_of
from server.security.identity import Identity, Via
from server.security.tokens import COOKIE_S, DEVICE_COOKIE_S
from server.services import AppServices, Services

AnyRequest = Request[Any, Any, Any]


class AuthController(Controller):
    """Accounts and their sessions."""

    path = "/api/auth"
    tags = ("accounts",)

    @post("/signup", operation_id="signUp", summary="Make an account, or turn a guest into one")
    async def sign_up(
        self, request: AnyRequest, data: JSONBody[SignupBody], services: AppServices
    ) -> Response[SignedIn]:
        """201 with the account and its tokens."""
        guest = viewer_of(request)
        opened: list[Credentials] = []

        async def produce(creation_id: str) -> SignedIn:
            credentials = await services.people.sign_up(
                account_id=creation_id,
                email=data.email,
                password=data.password,
                display_name=data.display_name,
                role=Role(data.role),
                caller=caller_of(request, services, data.device_token),
                guest=guest,
            )
            opened.append(credentials)
            return signed_in(credentials)

        response = await services.idempotency.once(
            request, guest.account_id if guest else None, produce, keeps_answer=False
        )
        if data.session_cookie:
            _set_cookie(response, services, opened[0])
        return response

    @post("/login", operation_id="logIn", status_code=200, summary="Open a session")
    async def log_in(
        self, request: AnyRequest, data: JSONBody[LoginBody], services: AppServices
    ) -> Response[SignedIn]:
        """200 with the account and its tokens."""
        credentials = await services.people.log_in(
            email=data.email,
            password=data.password,
            caller=caller_of(request, services, data.device_token),
            guest=_guest_of(request) if data.claim_guest else None,
        )
        response = Response(signed_in(credentials), status_code=200)
        if data.session_cookie:
            _set_cookie(response, services, credentials)
        return response

    @post("/guest", operation_id="beGuest", summary="Take part with one tap")
    async def be_guest(
        self,
        request: AnyRequest,
        services: AppServices,
        data: JSONBody[GuestBody | None] = None,
    ) -> Response[GuestSignedIn]:
        """201 with a guest and its tokens."""
        body = data or GuestBody()
        opened: list[Credentials] = []

        async def produce(creation_id: str) -> GuestSignedIn:
            credentials = await services.people.be_guest(
                account_id=creation_id,
                display_name=body.display_name,
                caller=caller_of(request, services, body.device_token),
            )
            opened.append(credentials)
            return guest_signed_in(credentials)

        response = await services.idempotency.once(request, None, produce, keeps_answer=False)
        if body.session_cookie:
            _set_cookie(response, services, opened[0])
        return response

    @post("/refresh", operation_id="refresh", status_code=200, summary="Renew the access token")
    async def refresh(
        self,
        request: AnyRequest,
        services: AppServices,
        data: JSONBody[RefreshBody | None] = None,
    ) -> Response[Refreshed]:
        """200 with a new pair; the old refresh token is used up."""
        await services.limits.hit(REFRESH_BY_ADDRESS, caller_of(request, services).address)
        if data is not None and data.refresh_token is not None:
            found = await services.signed_in.refresh(data.refresh_token)
        else:
            found = await services.signed_in.refresh_by_cookie(_cookie_identity(request))
        response = Response(
            Refreshed(
                access_token=found.access_token,
                refresh_token=found.refresh_token,
                expires_in=found.expires_in,
            ),
            status_code=200,
        )
        if found.refresh_token is None:
            session = found.session
            now = services.clock.now()
            token = services.tokens.cookie(
                session.account_id, session.session_id, session.role.value, now
            )
            response.set_cookie(_cookie(services, token, COOKIE_S))
        return response

    @post("/logout", operation_id="logOut", status_code=204, summary="End the session everywhere")
    async def log_out(
        self,
        request: AnyRequest,
        services: AppServices,
        data: JSONBody[LogoutBody | None] = None,
    ) -> Response[None]:
        """204; the session's tokens and sockets end on every node."""
        if data is not None and data.refresh_token is not None:
            await services.signed_in.log_out_by_refresh_token(data.refresh_token)
        else:
            identity = viewer_of(request)
            if identity is None:
                raise not_authenticated()
            await services.signed_in.log_out(identity.session_id)
        response: Response[None] = Response(None, status_code=204)
        forget_cookie(request, response, services)
        return response


def forget_cookie(request: AnyRequest, response: Response[Any], services: Services) -> None:
    """Takes the pages' cookie back, where there is one."""
    if COOKIE in request.cookies:
        response.set_cookie(_cookie(services, "", 0))


def _cookie_identity(request: AnyRequest) -> Identity:
    problem = request.scope.get("auth")
    if isinstance(problem, ApiError) and problem.code == "csrf_failed":
        raise problem
    user = request.scope.get("user")
    if not isinstance(user, Identity) or user.via is not Via.COOKIE:
        raise not_authenticated("invalid_refresh_token", "Send a refresh token.")
    return user


def _guest_of(request: AnyRequest) -> Identity | None:
    """The guest who signs in. Credentials that are no good are no reason not to."""
    user = request.scope.get("user")
    if request.scope.get("auth") is not None or not isinstance(user, Identity):
        return None
    return user if user.guest else None


def _set_cookie(response: Response[Any], services: Services, credentials: Credentials) -> None:
    token = services.tokens.cookie(
        credentials.account.account_id,
        credentials.session_id,
        credentials.account.role.value,
        services.clock.now(),
    )
    response.set_cookie(_cookie(services, token, COOKIE_S))
    device = _cookie(services, credentials.device_token, DEVICE_COOKIE_S, key=DEVICE_COOKIE)
    response.set_cookie(device)


def _cookie(services: Services, value: str, max_age_s: int, *, key: str = COOKIE) -> Cookie:
    return Cookie(
        key=key,
        value=value,
        max_age=max_age_s,
        path="/",
        httponly=True,
        samesite="lax",
        secure=services.settings.public_url.startswith("https:"),
    )
