"""``/api/auth`` and ``/api/me``: one's profile, sessions, password, data, and the account's end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import JSONBody, QueryParameter
from litestar.response import Stream

from server.accounts.controller import forget_cookie
from server.accounts.schemas import (
    DeleteAccountBody,
    Ended,
    PasswordBody,
    ProfileBody,
    RoomVisit,
    RoomVisitPage,
    SessionItem,
    SessionPage,
    UserView,
)
from server.accounts.views import user_view
from server.paths import PathId
from server.rate_limits import EXPORT_BY_ACCOUNT
from server.security.authentication import CallerIdentity
from server.services import AppServices
from server.shows.shows import cursor_at, read_place

PAGE_MAX = 100
AnyRequest = Request[Any, Any, Any]


class OwnAccountController(Controller):
    """One's own account."""

    path = "/api/auth"
    tags = ("accounts",)

    @get("/profile", operation_id="profile", summary="Who am I")
    async def profile(self, identity: CallerIdentity, services: AppServices) -> UserView:
        """The caller's account."""
        return user_view(await services.people.profile(identity.account_id))

    @put("/profile", operation_id="changeProfile", summary="Say who one is, and what is shown")
    async def change(
        self, data: JSONBody[ProfileBody], identity: CallerIdentity, services: AppServices
    ) -> UserView:
        """The account as it is now. Rooms that one is in learn of it at once."""
        return user_view(await services.own_account.change(identity, data))

    @get("/sessions", operation_id="sessions", summary="Where one is signed in")
    async def sessions(self, identity: CallerIdentity, services: AppServices) -> SessionPage:
        """The one used last first."""
        return SessionPage(
            items=[
                SessionItem(
                    id=session.session_id,
                    device_label=session.device_label,
                    created_at=session.created_at,
                    last_used_at=session.last_used_at,
                    current=session.session_id == identity.session_id,
                )
                for session in await services.own_account.sessions(identity)
            ]
        )

    @delete("/sessions/{session_id:str}", operation_id="endSession", status_code=204)
    async def end_session(
        self,
        request: AnyRequest,
        session_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[None]:
        """Signs one device out; its sockets close on every node."""
        await services.own_account.end_session(identity, str(session_id))
        response: Response[None] = Response(None, status_code=204)
        if str(session_id) == identity.session_id:
            forget_cookie(request, response, services)
        return response

    @post("/sessions/revoke_others", operation_id="endOtherSessions", status_code=200)
    async def end_others(self, identity: CallerIdentity, services: AppServices) -> Ended:
        """Signs all other devices out."""
        return Ended(revoked=await services.own_account.end_others(identity))

    @post("/password", operation_id="changePassword", status_code=200)
    async def password(
        self, data: JSONBody[PasswordBody], identity: CallerIdentity, services: AppServices
    ) -> Ended:
        """A new password; all other sessions end."""
        ended = await services.own_account.change_password(
            identity, data.current_password, data.new_password
        )
        return Ended(revoked=ended)

    @get("/export", operation_id="exportData", summary="Everything that is kept of oneself")
    async def export(self, identity: CallerIdentity, services: AppServices) -> Stream:
        """One JSON document, written as it is read."""
        await services.limits.hit(EXPORT_BY_ACCOUNT, identity.account_id)
        return Stream(
            services.own_data.of(identity.account_id, services.clock.now()),
            media_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="setroom-export.json"'},
        )

    @delete("/account", operation_id="deleteAccount", status_code=204)
    async def delete_account(
        self,
        request: AnyRequest,
        identity: CallerIdentity,
        services: AppServices,
        data: JSONBody[DeleteAccountBody | None] = None,
    ) -> Response[None]:
        """204: nobody can sign in to it any more, and its name is taken out of every room."""
        await services.own_account.delete(identity, data.password if data else None)
        response: Response[None] = Response(None, status_code=204)
        forget_cookie(request, response, services)
        return response


class MeController(Controller):
    """What is remembered for oneself."""

    path = "/api/me"
    tags = ("accounts",)

    @get("/rooms", operation_id="myRooms", summary="Rooms that one was in lately")
    async def rooms(
        self,
        identity: CallerIdentity,
        services: AppServices,
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
    ) -> RoomVisitPage:
        """The newest first."""
        before: tuple[datetime, str] | None = read_place(cursor) if cursor else None
        found = await services.profiles.visits(identity.account_id, before, limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return RoomVisitPage(
            items=[
                RoomVisit(
                    show_id=visit.show_id,
                    slug=visit.slug,
                    title=visit.title,
                    status=visit.status,
                    starts_at=visit.starts_at,
                    joined_at=visit.joined_at,
                    role=visit.role,
                )
                for visit in page
            ],
            next_cursor=cursor_at(page[-1].joined_at, page[-1].show_id) if more else None,
        )
