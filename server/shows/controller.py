"""``/api/shows``: create, list, read, change, and the steps of a show's life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from rooms.catalogue.distances import RADIUS_KM_DEFAULT, RADIUS_KM_MAX, Near
from rooms.participants import Role
from rooms.show import Access, ShowStatus
from rooms.shows.records import ShowFilter, ShowRecord
from server.catalogue.finding import LISTED_NEARBY, read_near
from server.paths import PathId
from server.security.authentication import CallerIdentity, Viewer
from server.security.identity import Identity
from server.services import AppServices, Services
from server.shows.attendance import is_crew, role_in
from server.shows.schemas import ChangeShowBody, NewShowBody, ShowPage, ShowView
from server.shows.shows import read_place
from server.shows.views import show_view

PAGE_MAX = 100
Text = Annotated[str | None, QueryParameter(max_length=200)]


class ShowsController(Controller):
    """Shows."""

    path = "/api/shows"
    tags = ("shows",)

    @post("/", operation_id="createShow", summary="Make a draft show")
    async def create(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[NewShowBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[ShowView]:
        """201 with the show and its join code."""

        async def produce(creation_id: str) -> ShowView:
            show = await services.shows.create(creation_id, identity, data)
            return show_view(show, crew=True)

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/", operation_id="listShows", summary="Find shows")
    async def find(
        self,
        viewer: Viewer,
        services: AppServices,
        status: FromQuery[list[ShowStatus] | None] = None,
        q: Text = None,
        artist: Text = None,
        city: Text = None,
        starts_from: Annotated[datetime | None, QueryParameter(name="from")] = None,
        starts_to: Annotated[datetime | None, QueryParameter(name="to")] = None,
        mine: FromQuery[bool] = False,
        order: Annotated[str, QueryParameter(pattern="^(newest|oldest)$")] = "newest",
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
        near: Annotated[str | None, QueryParameter(max_length=40)] = None,
        radius_km: Annotated[float, QueryParameter(gt=0, le=RADIUS_KM_MAX)] = RADIUS_KM_DEFAULT,
    ) -> ShowPage:
        """A page of shows, in order of their start; or, ``near`` a place (``lat,lon``), of their
        distance: live and coming ones first."""
        wanted = ShowFilter(
            statuses=tuple(status or ()),
            q=q,
            artist=artist,
            city=city,
            starts_from=starts_from,
            starts_to=starts_to,
            viewer_id=viewer.account_id if viewer else None,
            sees_all=viewer is not None and viewer.is_admin,
            mine=mine,
            ascending=order == "oldest",
            after=read_place(cursor) if cursor and near is None else None,
            limit=limit,
        )
        if near is not None:
            return await _near(services, read_near(near, radius_km), wanted, cursor)
        page, next_cursor = await services.shows.find(wanted)
        items = await _as_listed(services, page, viewer)
        return ShowPage(items=items, next_cursor=next_cursor)

    @get("/{show_id:str}", operation_id="readShow", summary="One show, by id or slug")
    async def read(
        self,
        show_id: FromPath[str],
        viewer: Viewer,
        services: AppServices,
        join_code: Annotated[str | None, QueryParameter(max_length=32)] = None,
    ) -> ShowView:
        """The show."""
        found = await services.shows.by_id_or_slug(show_id)
        return await _as_seen(services, found, viewer, join_code)

    @put("/{show_id:str}", operation_id="changeShow", summary="Change a show")
    async def change(
        self,
        show_id: PathId,
        data: JSONBody[ChangeShowBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> ShowView:
        """The show as it is now."""
        show = await services.shows.change(str(show_id), identity, data)
        return show_view(show, crew=True)

    @post("/{show_id:str}/publish", operation_id="publishShow", status_code=200)
    async def publish(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ShowView:
        """``draft → published``: the show is listed."""
        return await _move(services, show_id, identity, ShowStatus.PUBLISHED)

    @post("/{show_id:str}/open", operation_id="openShow", status_code=200)
    async def open(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ShowView:
        """``published → live``: the room opens."""
        return await _move(services, show_id, identity, ShowStatus.LIVE)

    @post("/{show_id:str}/close", operation_id="closeShow", status_code=200)
    async def close(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ShowView:
        """``live → closed``: open rounds close and the setlist is locked."""
        return await _move(services, show_id, identity, ShowStatus.CLOSED)

    @post("/{show_id:str}/archive", operation_id="archiveShow", status_code=200)
    async def archive(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ShowView:
        """``closed → archived``."""
        return await _move(services, show_id, identity, ShowStatus.ARCHIVED)

    @post("/{show_id:str}/cancel", operation_id="cancelShow", status_code=200)
    async def cancel(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ShowView:
        """``draft, published or live → cancelled``."""
        return await _move(services, show_id, identity, ShowStatus.CANCELLED)


async def _near(services: Services, near: Near, wanted: ShowFilter, cursor: str | None) -> ShowPage:
    one_more = msgspec.structs.replace(
        wanted, statuses=wanted.statuses or LISTED_NEARBY, limit=wanted.limit + 1
    )
    page, next_cursor = await services.finding.near(near, one_more, cursor)
    return ShowPage(
        items=[
            show_view(
                show,
                crew=wanted.viewer_id is not None and show.owner_id == wanted.viewer_id,
                distance_km=distance_km,
            )
            for show, distance_km in page
        ],
        next_cursor=next_cursor,
    )


async def _move(services: Services, show_id: UUID, identity: Identity, to: ShowStatus) -> ShowView:
    return show_view(await services.shows.move(str(show_id), identity, to), crew=True)


async def _as_listed(
    services: Services, shows: Sequence[ShowRecord], viewer: Identity | None
) -> list[ShowView]:
    if viewer is None:
        return [show_view(show, crew=False) for show in shows]
    roles = await services.crew.roles_of(viewer.account_id, [show.show_id for show in shows])
    roles |= {show.show_id: Role.ARTIST for show in shows if show.owner_id == viewer.account_id}
    return [
        show_view(
            show,
            crew=roles.get(show.show_id, Role.BRAND) is not Role.BRAND,
            role=roles.get(show.show_id),
        )
        for show in shows
    ]


async def _as_seen(
    services: Services, show: ShowRecord, viewer: Identity | None, join_code: str | None
) -> ShowView:
    if show.access is Access.PRIVATE or show.status is ShowStatus.DRAFT or viewer is not None:
        standing = await services.attendance.standing(show.show_id, viewer)
        role = role_in(standing, viewer)
        if role is not Role.BRAND:  # which needs no code for the facts of what it was named for
            standing = await services.attendance.read(show.show_id, viewer, join_code)
        crew = is_crew(standing, viewer)
        return show_view(show, crew=crew, role=role if crew or role is Role.BRAND else None)
    return show_view(show, crew=False)
