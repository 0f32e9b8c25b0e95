"""Starting the server by its command line, and ending it in the worst way."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import psutil

READY_TIMEOUT_S = 90.0
READY_POLL_S = 0.05
STOP_TIMEOUT_S = 30.0
OUTPUT_TAIL_BYTES = 4_000
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
FIRST_PORT = 10240
PORTS_TRIED_MAX = 64


class ServerFailed(Exception):
    """The server did not come up; the message ends with its last output."""


def free_port() -> int:
    """A port of the loopback interface that nobody uses just now.

    Outside of the ports that the kernel gives to outgoing connections, where it says which these
    are: one of those may be taken by anybody before its server binds it, or while that is away.
    """
    try:
        first = int(EPHEMERAL_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        first = 0
    chance = random.SystemRandom()
    for _ in range(PORTS_TRIED_MAX if first > FIRST_PORT else 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = chance.randrange(FIRST_PORT, first)
            probe.bind(("127.0.0.1", port))
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        given: int = probe.getsockname()[1]
        return given


def data_folder(prefix: str) -> Path:
    """A new data folder with a short name (unix sockets) that the stores' account may enter."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    return folder


class Command:
    """One ``setroom`` command as a process tree of its own.

    Args:
        arguments: after ``setroom``: ``["up", "--no-demo"]``, ``["serve"]``…
        port: the web node's port; the address is ``http://127.0.0.1:port``.
        log: file that its output is appended to.
        environment: variables beside this process's own, ``SETROOM_…`` among them.
    """

    def __init__(
        self,
        arguments: list[str],
        port: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._arguments = arguments
        self._log = log
        # Not read, only handed on to the child, without settings of ours.
        whole = os.environ  # noqa: TID251
        inherited = {k: v for k, v in whole.items() if not k.startswith("SETROOM_")}
        self._environment = inherited | {"SETROOM_LOG_LEVEL": "warning"} | dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the command itself.

        Raises:
            RuntimeError: it does not run.
        """
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def launch(self) -> None:
        """Starts the process without waiting for it to serve."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,
            )

    async def start(self) -> float:
        """Starts it and waits until it serves; returns the seconds that took.

        Raises:
            ServerFailed: it ended, or did not serve in time.
        """
        began = time.monotonic()
        self.launch()
        await self.ready()
        return time.monotonic() - began

    async def ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Waits until ``/health/ready`` says so.

        Raises:
            ServerFailed: it ended, or did not serve in time.
        """
        deadline = time.monotonic() + timeout_s
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
            while time.monotonic() < deadline:
                if self._process is not None and self._process.poll() is not None:
                    raise ServerFailed(f"ended with {self._process.returncode}\n{self.tail()}")
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(f"{self.url}/health/ready") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(READY_POLL_S)
        raise ServerFailed(f"not ready after {timeout_s:.0f} s\n{self.tail()}")

    def family(self) -> list[psutil.Process]:
        """The process and everything that descends from it, whatever its group or session."""
        try:
            parent = psutil.Process(self.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    async def kill_family(self) -> int:
        """``kill -9`` of every process of the tree, the stores included; returns how many."""
        family = self.family()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(psutil.wait_procs, family, STOP_TIMEOUT_S)
        self._reap()
        return len(family)

    async def stop(self) -> int | None:
        """SIGTERM, and what is left after `STOP_TIMEOUT_S` is killed; returns the exit code."""
        process = self._process
        if process is None:
            return None
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, STOP_TIMEOUT_S)
        if process.poll() is None:
            await self.kill_family()
        self._reap()
        return process.returncode

    def pause(self) -> None:
        """SIGSTOP of the command itself: it holds what it holds and does nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def tail(self) -> str:
        """The end of its output."""
        try:
            return self._log.read_bytes()[-OUTPUT_TAIL_BYTES:].decode(errors="replace")
        except FileNotFoundError:
            return ""

    def _reap(self) -> None:
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIMEOUT_S)


def up(
    data_dir: Path,
    log: Path,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Command:
    """``setroom up`` without the demo, on embedded stores in ``data_dir``."""
    chosen = port or free_port()
    arguments = ["up", "--no-demo", "--host", "127.0.0.1", "--port", str(chosen)]
    return Command([*arguments, "--data-dir", str(data_dir)], chosen, log, environment)


def serve(
    database_url: str,
    redis_url: str,
    log: Path,
    *,
    name: str,
    secret_key: str,
    environment: Mapping[str, str] | None = None,
) -> Command:
    """``setroom serve``: one web node on stores that run already."""
    port = free_port()
    variables = {
        "SETROOM_DATABASE_URL": database_url,
        "SETROOM_REDIS_URL": redis_url,
        "SETROOM_SECRET_KEY": secret_key,
        "SETROOM_NODE_NAME": name,
        **(environment or {}),
    }
    return Command(["serve", "--host", "127.0.0.1", "--port", str(port)], port, log, variables)


def worker(
    database_url: str,
    redis_url: str,
    log: Path,
    *,
    secret_key: str,
    environment: Mapping[str, str] | None = None,
) -> Command:
    """``setroom worker`` on stores that run already. It serves nothing: there is nothing to wait
    for."""
    variables = {
        "SETROOM_DATABASE_URL": database_url,
        "SETROOM_REDIS_URL": redis_url,
        "SETROOM_SECRET_KEY": secret_key,
        "SETROOM_NODE_NAME": "worker",
        **(environment or {}),
    }
    return Command(["worker"], 0, log, variables)


def serve_beside(
    data_dir: Path, log: Path, environment: Mapping[str, str] | None = None
) -> Command:
    """A second web node on the stores that ``setroom up`` runs in ``data_dir``."""
    port = free_port()
    variables = {
        "SETROOM_DATA_DIR": str(data_dir),
        "SETROOM_NODE_NAME": "second",
        **(environment or {}),
    }
    return Command(["serve", "--host", "127.0.0.1", "--port", str(port)], port, log, variables)
