"""nginx with our configuration, before two real web nodes."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest

from server.cli.probe import status_of, wait_ready
from storage.embedded.ports import free_port

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
READY_S = 60.0
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


class Deployment(msgspec.Struct):
    """Two web nodes and the proxy before them."""

    url: str
    nodes: list[str]
    processes: list[subprocess.Popen[bytes]]
    log: Path

    def stop_node(self, number: int) -> int:
        """Stop one web node in order; gives its exit code."""
        self.processes[number].send_signal(signal.SIGTERM)
        return self.processes[number].wait(READY_S)


def rendered(folder: Path, port: int, nodes: list[int]) -> Path:
    """deploy/nginx.conf with this machine's addresses and folders, and nothing else changed."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in (
        ("/tmp/", f"{folder}/"),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("server web1:8000", f"server 127.0.0.1:{nodes[0]}"),
        ("server web2:8000", f"server 127.0.0.1:{nodes[1]}"),
        ("/dev/stdout", f"{folder}/access.log"),
        ("/dev/stderr", f"{folder}/error.log"),
    ):
        assert old in text
        text = text.replace(old, new)
    file = folder / "nginx.conf"
    file.write_text(text)
    return file


async def alive(process: subprocess.Popen[bytes], started: asyncio.Event) -> None:
    """Fail at once, not at the deadline, when a process ends before all have started."""
    while not started.is_set():
        assert process.poll() is None, f"{process.args} ended"
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(started.wait(), 0.1)


@pytest.fixture
async def deployment(
    tmp_path: Path, data_dir: Path, database_url: str, redis_url: str
) -> AsyncIterator[Deployment]:
    # data_dir, not tmp_path: nginx's workers, which are not root, pass through it.
    ports = [free_port(), free_port()]
    proxy_port = free_port()
    url = f"http://127.0.0.1:{proxy_port}"
    environment = os.environ | {
        "SETROOM_DATABASE_URL": database_url,
        "SETROOM_REDIS_URL": redis_url,
        "SETROOM_SECRET_KEY": "k" * 40,
        "SETROOM_PUBLIC_URL": url,
        "SETROOM_TRUSTED_PROXIES": "127.0.0.1/32",
        "SETROOM_LOG_LEVEL": "warning",
        "SETROOM_DRAIN_S": "2",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment | {"SETROOM_NODE_NAME": f"web{port}"},
        )
        for port in ports
    ]
    nodes = [f"http://127.0.0.1:{port}" for port in ports]
    configuration = rendered(data_dir, proxy_port, ports)
    assert NGINX is not None
    command = [NGINX, "-c", str(configuration), "-p", str(data_dir), "-g", "daemon off;"]
    processes.append(subprocess.Popen(command))
    started = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            for process in processes:
                group.create_task(alive(process, started))
            for address in (*nodes, url):
                assert await wait_ready(address, READY_S)
            started.set()
        yield Deployment(url, nodes, processes, data_dir / "access.log")
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(READY_S)


async def open_show(client: aiohttp.ClientSession, url: str) -> tuple[str, dict[str, str]]:
    """A live show made through the proxy: its id, and its artist's authorization."""
    account = {"email": f"{uuid.uuid4()}@example.com", "password": PASSWORD}
    signup = account | {"display_name": "The Band", "role": "artist"}
    answer = await ok(client.post(f"{url}/api/auth/signup", json=signup))
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    show = {"title": "A night", "starts_at": "2030-01-01T20:00:00Z", "access": "public"}
    made = await ok(client.post(f"{url}/api/shows", json=show, headers=headers))
    for step in ("publish", "open"):
        await ok(client.post(f"{url}/api/shows/{made['id']}/{step}", json={}, headers=headers))
    return made["id"], headers


async def ok(request: object) -> dict[str, str]:
    """The answer's body; anything but success fails the test with what was said."""
    async with request as response:  # type: ignore[attr-defined]
        assert response.status < 300, await response.text()
        return dict(await response.json())


async def socket_of(
    client: aiohttp.ClientSession, url: str, show_id: str
) -> aiohttp.ClientWebSocketResponse:
    """A guest's socket in the room, through the proxy."""
    guest = await ok(client.post(f"{url}/api/auth/guest", json={}))
    headers = {"Authorization": f"Bearer {guest['access_token']}"}
    ticket = await ok(client.post(f"{url}/api/shows/{show_id}/ticket", json={}, headers=headers))
    return await client.ws_connect(
        f"{url}/rooms/{show_id}",
        params={"ticket": ticket["ticket"]},
        protocols=["setroom.v1"],
        origin=url,
    )


async def message(socket: aiohttp.ClientWebSocketResponse, kind: str, name: str = "") -> object:
    """The next text message of a kind; binary frames are the document's business."""
    async with asyncio.timeout(READY_S):
        while True:
            received = await socket.receive()
            assert received.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), received
            if received.type is aiohttp.WSMsgType.TEXT:
                said = received.json()
                if said["t"] == kind and said.get("name", "") == name:
                    return said


async def test_sockets_through_the_proxy_meet_in_one_room(deployment: Deployment) -> None:
    async with aiohttp.ClientSession() as client:
        show_id, _ = await open_show(client, deployment.url)
        sockets = [await socket_of(client, deployment.url, show_id) for _ in range(4)]
        for socket in sockets:
            assert socket.protocol == "setroom.v1"
            await message(socket, "welcome")

        command = {"t": "command", "command_id": str(uuid.uuid4()), "name": "post_chat"}
        await sockets[0].send_json(command | {"args": {"text": "hello"}})

        for socket in sockets:
            said = await message(socket, "event", "chat_posted")
            assert said["data"]["text"] == "hello"  # type: ignore[index]
        for socket in sockets:
            await socket.close()
    # One line per request, and the tickets of the sockets are in none of them.
    log = deployment.log.read_text()
    assert f"GET /rooms/{show_id}" in log
    assert "ticket=" not in log


async def test_a_node_that_stops_is_not_noticed(deployment: Deployment) -> None:
    assert deployment.stop_node(0) == 0

    statuses = {await status_of(deployment.url, "/health/ready") for _ in range(10)}

    assert statuses == {200}
    assert await status_of(deployment.nodes[0], "/health/ready") is None
    # What watches over the nodes asks them; the public does not.
    assert await status_of(deployment.url, "/metrics") == 404
    assert await status_of(deployment.nodes[1], "/metrics") == 200
