"""Health, metrics and the OpenAPI document."""

import re
from typing import Any

import pytest
from litestar import Litestar

from server.secret import Secret
from tests.server.conftest import StartNode, client_of
from tests.server.http import Person, ok

CALLS = """
POST /api/auth/signup · POST /api/auth/login · POST /api/auth/refresh · POST /api/auth/logout
POST /api/auth/guest · GET /api/auth/profile · POST /api/shows · GET /api/shows
GET /api/shows/{show_id} · PUT /api/shows/{show_id} · POST /api/shows/{show_id}/publish
POST /api/shows/{show_id}/open · POST /api/shows/{show_id}/close · POST /api/shows/{show_id}/archive
POST /api/shows/{show_id}/cancel · POST /api/shows/{show_id}/artists
GET /api/shows/{show_id}/artists · POST /api/invitations/{token}/accept
POST /api/invitations/{token}/decline · POST /api/artists/{artist_id}/claim
GET /api/shows/{show_id}/crew · PUT /api/shows/{show_id}/crew · GET /api/shows/{show_id}/qr
POST /api/shows/{show_id}/rounds · GET /api/shows/{show_id}/rounds · GET /api/rounds/{round_id}
PUT /api/rounds/{round_id} · POST /api/rounds/{round_id}/open · POST /api/rounds/{round_id}/extend
POST /api/rounds/{round_id}/close · POST /api/rounds/{round_id}/reveal
POST /api/rounds/{round_id}/vote · GET /api/shows/{show_id}/setlist
GET /api/shows/{show_id}/setlist/history · GET /api/shows/{show_id}/suggestions
GET /api/shows/{show_id}/setlist/document · POST /api/shows/{show_id}/setlist/updates
POST /api/shows/{show_id}/commands · POST /api/shows/{show_id}/ticket
GET /health/live · GET /health/ready
"""


async def test_the_openapi_document_names_every_call(nobody: Person) -> None:
    document = ok(await nobody.get("/schema"))
    assert document == ok(await nobody.get("/schema/openapi.json"))
    assert document["openapi"].startswith("3.1")
    calls = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    wanted = {call.strip() for call in re.split(r"[·\n]", CALLS) if call.strip()}
    assert wanted <= calls
    operations = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    assert len(operations) == len(set(operations))
    assert all(re.fullmatch("[a-z][A-Za-z]+", operation) for operation in operations)


async def test_ready_says_what_it_depends_on(nobody: Person) -> None:
    assert ok(await nobody.get("/health/live")) == {"status": "ok"}
    assert ok(await nobody.get("/health/ready")) == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "redis": "ok",
        "node": "ok",
    }


async def test_without_redis_a_node_is_ready_and_says_so(
    start_node: StartNode, unused_tcp_port: int, artist: Person, guest: Person
) -> None:
    node = await start_node(redis_url=Secret(f"redis://127.0.0.1:{unused_tcp_port}"))
    async with client_of(node) as client:
        ready = ok(await client.get("/health/ready"))
        assert (ready["status"], ready["redis"]) == ("degraded", "unreachable")
        show = await artist.at(client).live_show()
        opened = await artist.at(client).open_round(show["id"])
        vote = {"command_id": "v1", "picks": [{"option_id": "o1"}]}
        ok(await guest.at(client).post(f"/api/rounds/{opened['id']}/vote", vote))


async def test_a_node_that_is_behind_or_leaving_is_not_ready(
    start_node: StartNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await start_node()
    async with client_of(node) as client:
        with monkeypatch.context() as patch:
            patch.setattr("server.health.known_migrations", lambda: frozenset({"2099"}))
            behind = ok(await client.get("/health/ready"), 503)
            assert behind["migrations"] == "1 pending"
        await node.state.drain()
        leaving = ok(await client.get("/health/ready"), 503)
        assert (leaving["status"], leaving["node"]) == ("unavailable", "draining")
        ok(await client.get("/health/live"))


async def test_metrics_count_by_route_and_not_by_address(
    nobody: Person, artist: Person, app: Litestar
) -> None:
    show = await artist.live_show()
    ok(await nobody.get(f"/api/shows/{show['id']}"))
    answer = await nobody.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert show["id"] not in answer.text
    counted: dict[str, Any] = dict(
        line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")
    )
    read = 'setroom_http_requests_total{method="GET",route="/api/shows/{show_id}",status="200"}'
    assert float(counted[read]) >= 1
    assert float(counted["setroom_rooms_loaded"]) >= 1
    for door in ("socket", "stream", "poll"):
        assert float(counted[f'setroom_connections{{door="{door}"}}']) == 0
    assert float(counted["setroom_room_turn_seconds_count"]) >= 1
    assert float(counted["setroom_room_turn_commands_total"]) >= 1
    assert float(counted['setroom_commit_seconds_bucket{le="+Inf"}']) >= 1
    assert float(counted["setroom_process_resident_memory_bytes"]) > 10_000_000
    for name in ("draining", "room_lag_events", "rooms_behind", "room_inbox_commands"):
        assert float(counted[f"setroom_{name}"]) == 0
    assert float(counted["setroom_loop_lag_seconds"]) >= 0
    assert float(counted["setroom_bus_up"]) == 1


async def test_metrics_tell_of_effects_that_wait_and_of_dead_ones(
    nobody: Person, app: Litestar
) -> None:
    pool, kind = app.state.services.pool, "test_of_metrics"
    for key, dead in (("one", False), ("two", False), ("three", True)):
        await pool.execute(
            "INSERT INTO outbox (kind, dedupe_key, payload, dead_at)"
            " VALUES ($1, $2, '{}', CASE WHEN $3 THEN now() END)",
            kind,
            f"{kind}:{key}",
            dead,
        )
    said = (await nobody.get("/metrics")).text
    assert f'setroom_outbox_effects{{kind="{kind}",state="waiting"}} 2.0' in said
    assert f'setroom_outbox_effects{{kind="{kind}",state="dead"}} 1.0' in said
    assert f'setroom_outbox_oldest_seconds{{kind="{kind}"}}' in said
    await pool.execute("DELETE FROM outbox WHERE kind = $1", kind)
    assert kind not in (await nobody.get("/metrics")).text
