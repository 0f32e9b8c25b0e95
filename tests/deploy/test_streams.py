"""Event streams behind proxies as they are found: buffering, impatient, holding back."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from rooms import limits
from rooms.fanout.speech import StreamWording
from server.app import create_app
from server.cli.probe import wait_ready
from server.cli.web import web_node
from server.secret import Secret
from server.settings import read_settings
from storage.embedded.ports import free_port
from tests.wire.doors.event_source import Parser, Said

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
WAIT_S = 20.0

PLAIN_NGINX = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/client_body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_proxied any;
    server {{
        listen 127.0.0.1:{port};
        # Nothing about streams: HTTP/1.0 to the node, buffering on. Less patient than usual.
        location / {{ proxy_pass http://127.0.0.1:{node}; proxy_read_timeout {idle_s}s; }}
    }}
}}
"""


class Listener:
    """Somebody with an event stream."""

    def __init__(self, content: aiohttp.StreamReader) -> None:
        self.parser = Parser()
        self._content = content
        self._said: list[Said] = []

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message like this."""
        async with asyncio.timeout(WAIT_S):
            while True:
                while self._said:
                    message: dict[str, Any] = json.loads(self._said.pop(0).data)
                    if wanted(message):
                        return message
                await self._more()

    async def comments(self, count: int) -> None:
        """Waits for so many more bytes of comments."""
        until = self.parser.comments + count
        async with asyncio.timeout(WAIT_S):
            while self.parser.comments < until:
                await self._more()

    async def _more(self) -> None:
        data = await self._content.readany()
        assert data, "the stream ended"
        self._said += self.parser.feed(data)


class Guest:
    """Somebody in a room of a node."""

    def __init__(self, client: aiohttp.ClientSession, url: str, show_id: str, token: str) -> None:
        self._client = client
        self._url = f"{url}/api/shows/{show_id}"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def say(self, text: str) -> int:
        """Posts a chat line; its seq."""
        body = {"command_id": str(uuid.uuid4()), "name": "post_chat", "args": {"text": text}}
        address = f"{self._url}/commands"
        async with self._client.post(address, json=body, headers=self._headers) as answer:
            assert answer.status == 200, await answer.text()
            seq: int = (await answer.json())["seq"]
            return seq

    @asynccontextmanager
    async def listening(self, proxy: str, **headers: str) -> AsyncIterator[Listener]:
        """A stream through a proxy, in place of the node's own address."""
        url = f"{proxy}/{self._url.split('/', 3)[3]}/stream"
        async with self._client.get(url, headers=self._headers | headers) as response:
            assert response.status == 200, await response.text()
            yield Listener(response.content)


@pytest.fixture
def quick_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second; to be asked for before the node."""
    monkeypatch.setattr(StreamWording, "silence_s_max", 1.0)


@pytest.fixture
async def node(database_url: str, redis_url: str) -> AsyncIterator[str]:
    """A web node in this process, behind a real port."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = read_settings(
        {},
        database_url=Secret(database_url),
        redis_url=Secret(redis_url),
        secret_key=Secret("k" * 40),
        public_url=url,
    )
    server = web_node(settings, create_app(settings))
    # Not `serve`: the test's own signal handlers stay.
    task = asyncio.create_task(server._serve([listener]))
    try:
        assert await wait_ready(url, 60)
        yield url
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def guest(node: str) -> AsyncIterator[Guest]:
    """A guest in a live show."""

    async def ok(call: Any) -> dict[str, Any]:
        async with call as answer:
            assert answer.status < 300, await answer.text()
            return dict(await answer.json())

    async with aiohttp.ClientSession() as client:
        account = {"email": f"{uuid.uuid4()}@example.com", "password": "correct horse battery"}
        body = account | {"display_name": "The Band", "role": "artist"}
        token = (await ok(client.post(f"{node}/api/auth/signup", json=body)))["access_token"]
        crew = {"Authorization": f"Bearer {token}"}
        show = {"title": "A night", "starts_at": "2030-01-01T20:00:00Z", "access": "public"}
        made = await ok(client.post(f"{node}/api/shows", json=show, headers=crew))
        for step in ("publish", "open"):
            await ok(client.post(f"{node}/api/shows/{made['id']}/{step}", headers=crew))
        fan = await ok(client.post(f"{node}/api/auth/guest", json={}))
        yield Guest(client, node, made["id"], fan["access_token"])


@asynccontextmanager
async def nginx(folder: Path, node: str, idle_s: int) -> AsyncIterator[str]:
    """nginx as it is installed, before a node; its address."""
    assert NGINX is not None
    port = free_port()
    file = folder / "nginx.conf"
    node_port = node.rpartition(":")[2]
    file.write_text(PLAIN_NGINX.format(folder=folder, port=port, node=node_port, idle_s=idle_s))
    process = subprocess.Popen([NGINX, "-c", str(file), "-p", str(folder), "-g", "daemon off;"])
    try:
        assert await wait_ready(f"http://127.0.0.1:{port}", 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 60)


@asynccontextmanager
async def holding_back(node: str, body_bytes: int) -> AsyncIterator[str]:
    """A proxy that passes nothing of a body on before it has so many bytes of it."""

    async def pipe(reader: asyncio.StreamReader, write: Callable[[bytes], Awaitable[None]]) -> None:
        while data := await reader.read(65_536):
            await write(data)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", node.rpartition(":")[2])
        held = bytearray()

        async def down(data: bytes) -> None:
            nonlocal held
            held += data
            _, found, body = held.partition(b"\r\n\r\n")
            if found and len(body) >= body_bytes:
                writer.write(bytes(held))
                held = bytearray(b"\r\n\r\n" + b" " * body_bytes)  # open from now on
                await writer.drain()
                held_open.set()

        async def through(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        async def downstream() -> None:
            while not held_open.is_set():
                data = await up_reader.read(65_536)
                if not data:
                    return
                await down(data)
            await pipe(up_reader, through)

        async def up(data: bytes) -> None:
            up_writer.write(data)
            await up_writer.drain()

        held_open = asyncio.Event()
        with contextlib.suppress(OSError):
            await asyncio.gather(pipe(reader, up), downstream())
        for one in (writer, up_writer):
            one.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
async def test_nginx_as_it_comes_passes_every_event_on_at_once(
    node: str, guest: Guest, data_dir: Path
) -> None:
    async with nginx(data_dir, node, idle_s=60) as proxy, guest.listening(proxy) as listener:
        welcome = await listener.until(lambda one: one["t"] == "welcome")
        assert welcome["recovered"] is False
        for number in range(3):
            # The next is said once this one has arrived: nothing pushes it through.
            seq = await guest.say(f"line {number}")
            event = await listener.until(lambda one: one["t"] == "event")
            assert (event["seq"], event["data"]["text"]) == (seq, f"line {number}")


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
async def test_heartbeats_outlive_a_proxy_that_drops_what_is_idle(
    quick_heartbeats: None, node: str, guest: Guest, data_dir: Path
) -> None:
    async with nginx(data_dir, node, idle_s=4) as proxy, guest.listening(proxy) as listener:
        await listener.until(lambda one: one["t"] == "welcome")
        await listener.comments(6)  # six seconds in which nothing else is said
        seq = await guest.say("still there?")
        assert (await listener.until(lambda one: one["t"] == "event"))["seq"] == seq


async def test_a_proxy_that_waits_for_2_kib_is_given_them(node: str, guest: Guest) -> None:
    async with guest.listening(node) as listener:
        welcome = await listener.until(lambda one: one["t"] == "welcome")
    place = f"{welcome['epoch']}:{welcome['seq']}"
    padding = limits.STREAM_PADDING_BYTES
    async with (
        holding_back(node, padding) as proxy,
        # A welcome back is short: without the padding it would not be passed on.
        guest.listening(proxy, **{"Last-Event-ID": place}) as listener,
    ):
        assert (await listener.until(lambda one: one["t"] == "welcome"))["recovered"] is True
