"""Which nodes there are and what lives where: for admins, also without Redis, and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from litestar import Litestar

from rooms.operations.nodes import Kind, NodeReport, NodeState, RoomReport
from server.operations.reporting import NodeReporting, WorkerReporting
from server.secret import Secret
from storage.ids import uuid7
from storage.operations.nodes import PostgresNodes
from tests.patience import PATIENT_S
from tests.server.conftest import StartNode, client_of
from tests.server.http import Person, ok, refused

Json = dict[str, Any]
STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def report(name: str, **more: Any) -> NodeReport:
    values: Json = {
        "node_id": str(uuid7()),
        "name": name,
        "kind": Kind.WEB,
        "version": "9.9",
        "started_at": STARTED,
    }
    return NodeReport(**(values | more))


def room(connections: int, show_id: str | None = None) -> RoomReport:
    return RoomReport(show_id or str(uuid7()), connections, 7, 0, 0, None)


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:
    """What it finds at last."""
    async with asyncio.timeout(PATIENT_S):
        while not (found := await look()):
            await asyncio.sleep(0.02)
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def nodes(app: Litestar) -> PostgresNodes:
    return PostgresNodes(app.state.services.pool)


async def listed(admin: Person, name: str) -> list[Json]:
    items: list[Json] = ok(await admin.get("/api/operations/nodes"))["items"]
    return [one for one in items if one["node"] == name]


async def test_a_node_says_what_it_holds(
    start_node: StartNode, artist: Person, admin: Person
) -> None:
    node = await start_node(node_name="says-what-it-holds")
    async with client_of(node) as client:
        show = await artist.at(client).live_show(title="Barton Hall")
        await artist.at(client).open_round(show["id"])

    async def found() -> Json | None:
        node.state.services.report_soon()
        found = await listed(admin, "says-what-it-holds")
        return found[0] if found and found[0]["rooms"] else None

    one = await eventually(found)
    assert one["kind"] == "web" and one["state"] == "ready" and one["bus"] == "ok"
    assert one["rss_bytes"] > 10_000_000 and one["loop_lag_ms"] >= 0
    assert one["turn_ms_p99"] >= one["turn_ms_p50"] > 0
    rooms = ok(await admin.get("/api/operations/rooms?node=says-what-it-holds"))
    (held,) = rooms["items"]
    assert (held["show_id"], held["slug"], held["title"], held["node"]) == (
        show["id"],
        show["slug"],
        "Barton Hall",
        "says-what-it-holds",
    )
    assert held["seq"] > 0 and held["lag_events"] == 0 and held["turn_ms_p99"] > 0


async def test_a_node_that_leaves_says_so_and_then_is_gone(
    start_node: StartNode, nodes: PostgresNodes, admin: Person
) -> None:
    node = await start_node(node_name="leaving")

    async def state() -> Json | None:
        found = await listed(admin, "leaving")
        return found[0] if found else None

    await eventually(state)
    await node.state.drain()

    async def draining() -> bool:
        found = await state()
        return found is not None and found["state"] == "draining"

    await eventually(draining)


async def test_a_row_goes_with_its_process(nodes: PostgresNodes, admin: Person) -> None:
    said = report("ends-properly")

    async def own() -> NodeReport:
        return said

    task = asyncio.create_task(NodeReporting(nodes, said.node_id, own).run())

    async def there() -> list[Json]:
        return await listed(admin, "ends-properly")

    await eventually(there)
    task.cancel()
    await asyncio.wait([task])
    assert await listed(admin, "ends-properly") == []


async def test_who_says_nothing_is_silent_and_its_successor_takes_its_place(
    nodes: PostgresNodes, app: Litestar, admin: Person
) -> None:
    first, second = report("killed"), report("killed")
    await nodes.say(first)
    await app.state.services.pool.execute(
        "UPDATE nodes SET seen_at = seen_at - interval '20 s' WHERE node_id = $1", first.node_id
    )
    (one,) = await listed(admin, "killed")
    assert one["state"] == "silent"
    assert (await nodes.counts())[Kind.WEB, NodeState.SILENT] >= 1
    await nodes.say(second)
    (one,) = await listed(admin, "killed")
    assert (one["id"], one["state"]) == (second.node_id, "ready")
    await nodes.leave(second.node_id)


async def test_rooms_come_in_pages_the_fullest_first(nodes: PostgresNodes, admin: Person) -> None:
    rooms = tuple(room(size) for size in (3, 900, 3, 12, 3))
    said = report("pages", busiest=rooms)
    await nodes.say(said)
    address = "/api/operations/rooms?node=pages&limit=2"
    seen, cursor = [], ""
    while True:
        page = ok(await admin.get(address + cursor))
        seen += page["items"]
        assert len(page["items"]) <= 2
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [one["connections"] for one in seen] == [900, 12, 3, 3, 3]
    assert {one["show_id"] for one in seen} == {one.show_id for one in rooms}
    # A show that is gone has no title, and a room that was let go is not listed any longer.
    assert seen[0]["title"] == ""
    await nodes.say(msgspec.structs.replace(said, busiest=rooms[:1]))
    assert len(ok(await admin.get(address))["items"]) == 1
    await nodes.leave(said.node_id)
    assert ok(await admin.get(address))["items"] == []
    for wrong in ("nonsense", "WzEsMiwzXQ"):
        refused(await admin.get(f"{address}&cursor={wrong}"), 422, "validation_failed")


@pytest.mark.parametrize("path", ["nodes", "rooms"])
async def test_nodes_are_for_admins(
    path: str, nobody: Person, guest: Person, artist: Person
) -> None:
    refused(await nobody.get(f"/api/operations/{path}"), 401, "not_authenticated")
    for person in (guest, artist):
        refused(await person.get(f"/api/operations/{path}"), 403, "not_allowed")


async def test_a_worker_is_listed_with_its_jobs(app: Litestar, admin: Person) -> None:
    services = app.state.services
    worker = WorkerReporting("a-worker", services.pool, services.clock, lambda: 3)
    task = asyncio.create_task(worker.run())

    async def there() -> list[Json]:
        return await listed(admin, "a-worker")

    ((one),) = await eventually(there)
    assert (one["kind"], one["jobs"], one["rooms"]) == ("worker", 3, 0)
    assert one["rss_bytes"] > 0
    task.cancel()
    await asyncio.wait([task])


async def test_nodes_are_listed_while_redis_is_away(
    start_node: StartNode, unused_tcp_port: int, admin: Person
) -> None:
    node = await start_node(
        redis_url=Secret(f"redis://127.0.0.1:{unused_tcp_port}"), node_name="alone"
    )
    async with client_of(node) as client:
        there = admin.at(client)

        async def away() -> bool:
            node.state.services.report_soon()
            found = await listed(there, "alone")
            return bool(found) and found[0]["bus"] == "away"

        await eventually(away)
