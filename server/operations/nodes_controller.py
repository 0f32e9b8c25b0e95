"""``/api/operations/nodes`` and ``/rooms``: which processes there are, and what lives where."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from litestar import Controller, get
from litestar.params import QueryParameter

from rooms.operations.nodes import ListedNode, ListedRoom, RoomPlace
from server.cursors import no_cursor, read_cursor, write_cursor
from server.operations.access import check_admin
from server.operations.node_schemas import NodesBody, NodeView, RoomPage, RoomView
from server.security.authentication import CallerIdentity
from server.services import AppServices
from storage.operations.nodes import PostgresNodes

PAGE_MAX: Final = 200


class NodesController(Controller):
    """Processes, and where rooms live."""

    path = "/api/operations"
    tags = ("operations",)

    @get("/nodes", operation_id="nodes", summary="Web nodes and workers")
    async def nodes(self, identity: CallerIdentity, services: AppServices) -> NodesBody:
        """As each reported itself last; one that ended properly is not listed."""
        check_admin(identity)
        listed = await PostgresNodes(services.pool).nodes()
        return NodesBody(items=[_node_view(one) for one in listed], asked_at=services.clock.now())

    @get("/rooms", operation_id="operatedRooms", summary="Rooms and the nodes that hold them")
    async def rooms(
        self,
        identity: CallerIdentity,
        services: AppServices,
        node: Annotated[str | None, QueryParameter(max_length=300)] = None,
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> RoomPage:
        """Those with most connections first; a room that several nodes hold is there as often.
        Each node reports its 500 busiest."""
        check_admin(identity)
        after = _place(cursor) if cursor else None
        found = await PostgresNodes(services.pool).rooms(node, after, limit + 1)
        page = found[:limit]
        further = write_cursor(page[-1].place) if len(found) > limit else None
        return RoomPage(items=[_room_view(one) for one in page], next_cursor=further)


def _place(cursor: str) -> RoomPlace:
    connections, show_id, node_id = read_cursor(cursor, tuple[int, UUID, UUID])
    if not 0 <= connections < 2**31:
        raise no_cursor()
    return RoomPlace(connections, str(show_id), str(node_id))


def _node_view(listed: ListedNode) -> NodeView:
    said = listed.report
    return NodeView(
        id=said.node_id,
        node=said.name,
        kind=said.kind,
        started_at=said.started_at,
        seen_at=listed.seen_at,
        state=listed.state,
        version=said.version,
        connections=said.connections,
        rooms=said.rooms,
        jobs=said.jobs,
        rss_bytes=said.rss_bytes,
        loop_lag_ms=said.loop_lag_ms,
        queue_bytes=said.queue_bytes,
        turn_ms_p50=said.turn_ms_p50,
        turn_ms_p99=said.turn_ms_p99,
        bus=said.bus,
        lag_events=said.lag_events,
    )


def _room_view(listed: ListedRoom) -> RoomView:
    room = listed.room
    return RoomView(
        show_id=room.show_id,
        slug=listed.slug,
        title=listed.title,
        node=listed.node,
        connections=room.connections,
        seq=room.seq,
        lag_events=room.lag_events,
        queue_bytes=room.queue_bytes,
        turn_ms_p99=room.turn_ms_p99,
    )
