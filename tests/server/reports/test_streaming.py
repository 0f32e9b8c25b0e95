"""Figures as they become, over a real connection."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from server.app import create_app
from server.cli.web import web_node
from server.reports import analytics, streaming
from storage.embedded import StoreUrls
from tests.server.conftest import node_settings
from tests.server.http import Person, ok, refused
from tests.server.reports.nights import crowd, named, vote

Json = dict[str, Any]


class Following:
    """One stream, event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()
        self.heartbeats = 0

    async def event(self) -> tuple[str, Json] | None:
        """The next event; ``None``: the stream has ended."""
        kind = "message"
        async with asyncio.timeout(60):
            async for line in self._lines:
                if line == ":":
                    self.heartbeats += 1
                elif line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    return kind, json.loads(line.removeprefix("data: "))
        return None

    async def until(self, holds: Any) -> Json:
        """The first figures of which something holds."""
        while (event := await self.event()) is not None:
            if holds(event[1]):
                return event[1]
        raise AssertionError("the stream has ended")


@pytest_asyncio.fixture(loop_scope="session")
async def site(
    shared_stores: StoreUrls, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, Litestar]]:
    """A node on a real listener, that looks often."""
    for module in (analytics, streaming):
        monkeypatch.setattr(module, "FRESH_S", 0.02)
    monkeypatch.setattr(streaming, "CHECK_S", 0.05)
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.1)
    settings = node_settings(shared_stores)
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(settings)
    server = web_node(settings, app)
    task = asyncio.create_task(server._serve([listener]))
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", app
    server.should_exit = True
    await task


@asynccontextmanager
async def following(url: str, who: Person, show: Json) -> AsyncIterator[Following]:
    headers = {"Authorization": f"Bearer {who.token}", "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        client.stream("GET", f"/api/shows/{show['id']}/analytics", headers=headers) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "no-transform" in response.headers["cache-control"]
        yield Following(response)


def voted(found: Json) -> int | None:
    people: dict[str, int | None] = {one["step"]: one["people"] for one in found["funnel"]}
    return people["voted"]


async def test_what_changes_is_told_until_the_show_is_archived(
    site: tuple[str, Litestar], artist: Person, guest: Person
) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    async with following(site[0], artist, show) as stream:
        first = await stream.event()
        assert first is not None
        assert (first[0], voted(first[1])) == ("message", 0)
        await vote(guest, opened["id"])
        assert (await stream.until(lambda found: voted(found) == 1))["live"] is True
        ok(await artist.post(f"/api/shows/{show['id']}/close"))
        await stream.until(lambda found: not found["live"])
        ok(await artist.post(f"/api/shows/{show['id']}/archive"))
        kind, last = "", {}
        while (event := await stream.event()) is not None:
            kind, last = event
        assert (kind, voted(last)) == ("end", 1)
        assert stream.heartbeats >= 1
    async with following(site[0], artist, show) as stream:  # again: once, and it is over
        events = [await stream.event() for _ in range(3)]
    assert [event and event[0] for event in events] == ["message", "end", None]


async def test_a_stream_ends_with_the_right_to_it(
    site: tuple[str, Litestar], artist: Person, fan: Person
) -> None:
    show = await artist.live_show()
    await named(artist, show["id"], fan, "moderator")
    async with following(site[0], fan, show) as stream:
        assert await stream.event() is not None
        ok(await artist.put(f"/api/shows/{show['id']}/crew", {"members": []}))
        while await stream.event() is not None:
            pass


async def test_a_stream_ends_with_its_session(site: tuple[str, Litestar], artist: Person) -> None:
    show = await artist.live_show()
    async with following(site[0], artist, show) as stream:
        assert await stream.event() is not None
        ok(await artist.post("/api/auth/logout"), 204)
        while await stream.event() is not None:
            pass


async def test_a_crew_member_who_becomes_a_brand_sees_no_more_than_one(
    site: tuple[str, Litestar], artist: Person, fan: Person
) -> None:
    show = await artist.live_show()
    await named(artist, show["id"], fan, "moderator")
    async with following(site[0], fan, show) as stream:
        first = await stream.event()
        assert first is not None and first[1]["withheld_below"] is None
        await named(artist, show["id"], fan, "brand")
        then = await stream.until(lambda found: found["withheld_below"] is not None)
        assert voted(then) is None


async def test_a_brands_stream_tells_nothing_within_the_while(
    site: tuple[str, Litestar], artist: Person, fan: Person
) -> None:
    url, app = site
    show = await artist.live_show()
    await named(artist, show["id"], fan, "brand")
    async with following(url, fan, show) as stream, following(url, artist, show) as crews:
        first = await stream.event()
        assert first is not None
        await crowd(app, show["id"], 50)
        await crews.until(lambda found: found["funnel"][0]["people"] >= 50)
        beats = stream.heartbeats
        waiting = asyncio.create_task(stream.event())
        async with asyncio.timeout(60):
            while stream.heartbeats < beats + 3:
                await asyncio.sleep(0.01)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_streams_are_bounded(
    site: tuple[str, Litestar], artist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "STREAMS_MAX", 1)
    show = await artist.live_show()
    async with following(site[0], artist, show) as stream:
        assert await stream.event() is not None
        async with httpx.AsyncClient(base_url=site[0]) as client:
            headers = {"Accept": "text/event-stream"}
            path = f"/api/shows/{show['id']}/analytics"
            refused(await artist.at(client).get(path, headers=headers), 503, "busy")
            ok(await artist.at(client).get(path))
