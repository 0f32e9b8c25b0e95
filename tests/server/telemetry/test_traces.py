"""One trace from a frame on one node to the fan-out on another, and nothing that is anybody's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from server.app import create_app
from storage.embedded import StoreUrls
from tests.server.conftest import node_settings
from tests.server.http import Person, made, ok
from tests.server.serving import served_app
from tests.server.telemetry.collector import Collector, Seen, collector

PROTOCOLS: Any = ["setroom.v1"]
SAID = "nobody else's business"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@asynccontextmanager
async def traced(
    stores: StoreUrls, found: Collector, name: str, sample: float
) -> AsyncIterator[str]:
    settings = node_settings(stores, otlp_url=found.url, trace_sample=sample, node_name=name)
    async with served_app(settings) as address:
        yield address


@asynccontextmanager
async def inside(address: str, show: Any, person: Person) -> AsyncIterator[ClientConnection]:
    ticket = made(await person.post(f"/api/shows/{show['id']}/ticket"))["ticket"]
    url = f"ws://{address}/rooms/{show['id']}?ticket={ticket}"
    async with connect(url, subprotocols=PROTOCOLS, proxy=None) as opened:
        assert '"welcome"' in str(await opened.recv())
        yield opened


async def until(opened: ClientConnection, word: str) -> None:
    while word not in str(await opened.recv()):
        pass


def tree(spans: list[Seen]) -> dict[str, Any]:
    """(node, name) → the parent's (node, name)."""
    by_id = {span.span_id: span for span in spans}
    return {
        f"{span.node}:{span.name}": (
            f"{by_id[span.parent_id].node}:{by_id[span.parent_id].name}"
            if span.parent_id in by_id
            else None
        )
        for span in spans
    }


async def test_a_frame_is_followed_to_the_fan_out_of_another_node(
    shared_stores: StoreUrls, artist: Person, fan: Person
) -> None:
    show = await artist.live_show()
    async with (
        collector() as found,
        traced(shared_stores, found, "here", 1.0) as here,
        traced(shared_stores, found, "there", 0.0) as there,
        inside(here, show, fan) as talks,
        inside(there, show, artist) as listens,
    ):
        said = {"type": "command", "command_id": "c1", "name": "post_chat", "args": {"text": SAID}}
        await talks.send(json.dumps(said))
        await until(talks, '"ack"')
        await until(listens, SAID)
        (frame,) = [
            span
            for span in await found.until(lambda seen: _names(seen) >= EXPECTED)
            if span.name == "frame"
        ]
        spans = [span for span in found.spans if span.trace_id == frame.trace_id]
    assert tree(spans) == {
        "here:frame": None,
        "here:inbox": "here:frame",
        "here:turn": "here:frame",
        "here:commit": "here:turn",
        "here:fan-out": "here:turn",
        "here:publish": "here:turn",
        "there:hear": "here:publish",
        "there:fan-out": "there:hear",
    }
    by_name = {f"{span.node}:{span.name}": span for span in spans}
    assert by_name["here:turn"].attributes["setroom.show_id"] == show["id"]
    assert by_name["here:inbox"].attributes == {"setroom.command": "PostChat"}
    assert by_name["here:commit"].attributes["setroom.events"] == 1
    assert by_name["here:commit"].lasted_ns <= by_name["here:turn"].lasted_ns
    for secret in (SAID, fan.id, fan.token, fan.email):
        assert secret.encode() not in found.raw


EXPECTED = {
    "here:frame", "here:inbox", "here:turn", "here:commit", "here:fan-out", "here:publish",
    "there:hear", "there:fan-out",
}  # fmt: skip


def _names(spans: list[Seen]) -> set[str]:
    traces = {span.trace_id for span in spans if span.name == "frame"}
    return {f"{span.node}:{span.name}" for span in spans if span.trace_id in traces}


async def test_a_call_goes_on_its_callers_trace_if_that_is_sampled(
    shared_stores: StoreUrls, artist: Person
) -> None:
    show = await artist.live_show()
    async with (
        collector() as found,
        traced(shared_stores, found, "http", 0.0) as address,
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        caller = artist.at(client)

        async def ask(traceparent: str) -> None:
            body = {"command_id": traceparent, "name": "post_chat", "args": {"text": SAID}}
            headers = {"traceparent": traceparent}
            ok(await caller.post(f"/api/shows/{show['id']}/commands", body, headers=headers))

        await ask(f"00-{TRACE}-{SPAN}-00")
        await ask("00-nonsense")
        await ask(f"00-{'0' * 32}-{SPAN}-01")
        await ask(f"00-{TRACE}-{SPAN}-01")
        route = "POST /api/shows/{show_id}/commands"
        spans = await found.until(lambda seen: {route, "turn", "commit"} <= {s.name for s in seen})
    assert {span.trace_id for span in spans} == {TRACE}
    (call,) = [span for span in spans if span.name.startswith("POST")]
    assert (call.parent_id, call.attributes["http.response.status_code"]) == (SPAN, 200)
    assert [span.parent_id for span in spans if span.name == "turn"] == [call.span_id]
    assert show["id"] not in call.name


async def test_strangers_cannot_have_everything_traced(
    shared_stores: StoreUrls, nobody: Person
) -> None:
    settings = node_settings(shared_stores, otlp_url="http://127.0.0.1:9", trace_sample=0)
    node = create_app(settings)
    from server.telemetry.doors import REMOTE_AT_ONCE, TracingMiddleware

    (middleware,) = [one for one in node.middleware if isinstance(one, TracingMiddleware)]
    asked = 400
    headers = [(b"traceparent", f"00-{TRACE}-{SPAN}-01".encode())]
    scope: Any = {"path": "/api/shows", "headers": headers}
    taken = sum(middleware._calls.chosen(scope) is not None for _ in range(asked))
    assert REMOTE_AT_ONCE <= taken < asked / 2


async def test_without_a_collector_nothing_of_it_is_there(
    shared_stores: StoreUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = create_app(node_settings(shared_stores))
    assert not any("Tracing" in type(one).__name__ for one in node.middleware)


async def test_a_collector_that_is_away_delays_nobody(
    shared_stores: StoreUrls, unused_tcp_port: int, artist: Person
) -> None:
    away = f"http://127.0.0.1:{unused_tcp_port}"
    settings = node_settings(shared_stores, otlp_url=away, trace_sample=1.0)
    async with (
        served_app(settings) as address,
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        show = await artist.at(client).live_show()
        ok(await artist.at(client).get(f"/api/shows/{show['id']}"))
