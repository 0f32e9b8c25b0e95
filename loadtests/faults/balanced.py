"""Web nodes behind the deployment's own nginx (``deploy/nginx.conf``), on stores that run."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from loadtests.faults import processes
from loadtests.faults.processes import Command, ServerFailed
from loadtests.wire.api import open_session

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
SECRET_KEY = "k" * 40
READY_TIMEOUT_S = 60.0
UPSTREAMS = ("        server web1:8000 max_fails=0;\n", "web2:8000")


@dataclass(slots=True, frozen=True)
class Balanced:
    """The nodes and what stands before them."""

    url: str
    nodes: list[Command]
    session: aiohttp.ClientSession


def nginx_program() -> str | None:
    """Where nginx is installed, if it is."""
    path = os.environ.get("PATH", "")  # noqa: TID251 (the machine's, no setting of ours)
    return shutil.which("nginx", path=f"{path}:/usr/sbin")


@asynccontextmanager
async def balanced(
    folder: Path,
    count: int,
    database_url: str,
    redis_url: str,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Balanced]:
    """Starts ``count`` nodes and the proxy, and ends them.

    Raises:
        ServerFailed: nginx is not installed, or one of them did not come up.
    """
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        nodes = []
        for number in range(count):
            node = processes.serve(
                database_url,
                redis_url,
                folder / f"node{number}.log",
                name=f"node{number}",
                secret_key=SECRET_KEY,
                environment={
                    "SETROOM_PUBLIC_URL": url,
                    "SETROOM_TRUSTED_PROXIES": "127.0.0.0/8",
                    **(environment or {}),
                },
            )
            stack.push_async_callback(node.stop)
            nodes.append(node)
        await asyncio.gather(*(node.start() for node in nodes))
        nginx = _start_nginx(folder, port, [node.port for node in nodes])
        stack.callback(_end, nginx)
        session = await stack.enter_async_context(open_session())
        await _answers(session, url, folder)
        yield Balanced(url, nodes, session)


def _start_nginx(folder: Path, port: int, nodes: list[int]) -> subprocess.Popen[bytes]:
    program = nginx_program()
    if program is None:
        raise ServerFailed("nginx is not installed (deploy/test-tools.sh)")
    file = folder / "nginx.conf"
    file.write_text(rendered(folder, port, nodes))
    return subprocess.Popen([program, "-e", f"{folder}/error.log", "-c", file, "-g", "daemon off;"])


def rendered(folder: Path, port: int, nodes: list[int]) -> str:
    """``deploy/nginx.conf`` with this machine's addresses and folders, and nothing else changed."""
    text = CONFIGURATION.read_text()
    line, other = UPSTREAMS
    servers = "".join(line.replace("web1:8000", f"127.0.0.1:{node}") for node in nodes)
    for old, new in (
        (line + line.replace("web1:8000", other), servers),
        ("/tmp/", f"{folder}/"),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("worker_processes auto;", "worker_processes 1;"),
        ("/dev/stdout", f"{folder}/access.log"),
        ("/dev/stderr", f"{folder}/error.log"),
    ):
        if old not in text:
            raise ServerFailed(f"{CONFIGURATION.name} no longer says {old!r}")
        text = text.replace(old, new)
    return text


async def _answers(session: aiohttp.ClientSession, url: str, folder: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            async with session.get(f"{url}/health/ready") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.05)
    raise ServerFailed((folder / "error.log").read_text()[-2000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
