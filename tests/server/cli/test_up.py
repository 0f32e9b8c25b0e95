"""`setroom up`, the real thing: stores, web node and worker, stopped and killed."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from server.cli.probe import status_of
from tests.storage.embedded.conftest import gone

ROOT = Path(__file__).parents[3]
DEADLINE_S = 90.0
URL = re.compile(r"Open +(http://\S+)")


@dataclass
class Running:
    """One `setroom up` and what it has printed so far."""

    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)

    def until(self, text: str) -> str:
        """Read on until a line contains ``text``; the test's own timeout bounds this."""
        assert self.process.stdout is not None
        for line in self.output:
            if text in line:
                return line
        for line in self.process.stdout:
            self.output.append(line)
            if text in line:
                return line
        pytest.fail(f"ended before it said {text!r}:\n" + "".join(self.output))

    def url(self) -> str:
        """Wait until everything runs; the address to open."""
        found = URL.search(self.until("Open  "))
        assert found is not None
        return found[1]

    def end(self) -> int:
        """Read what is left; the exit code."""
        assert self.process.stdout is not None
        self.output += self.process.stdout.readlines()
        return self.process.wait(DEADLINE_S)

    def family(self) -> list[psutil.Process]:
        """Every process below it."""
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def up(data_dir: Path) -> Iterator[Callable[..., Running]]:
    """Start `setroom up` on one data folder; killed at the end if need be."""
    started: list[Running] = []

    def start(*arguments: str) -> Running:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "server.cli", "up", "--no-demo"),
                *("--data-dir", str(data_dir), *(arguments or ("--port", "0"))),
            ],
            cwd=ROOT,
            env=os.environ | {"COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(Running(process))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            for process in [*running.family(), running.process]:
                process.kill()
            running.process.wait()
        assert running.process.stdout is not None
        running.process.stdout.close()


async def test_it_serves_and_a_ctrl_c_stops_everything_in_order(
    up: Callable[..., Running], data_dir: Path
) -> None:
    running = up()
    url = running.url()
    running.until("worker_started")
    assert await status_of(url, "/health/ready") == 200
    family = running.family()

    # The terminal sends it to the whole process group.
    os.killpg(running.process.pid, signal.SIGINT)

    assert running.end() == 0, "".join(running.output)
    assert all([await gone(process.pid) for process in family])
    said = "".join(running.output)
    steps = ["node_stopped", "worker_stopped", "stopping Valkey and PostgreSQL"]
    assert sorted(steps, key=said.index) == steps
    log = (data_dir / "stores" / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")

    begun = time.monotonic()
    again = up()
    again.url()
    assert time.monotonic() - begun < 30.0
    assert "creating the database" not in "".join(again.output)


async def test_killed_with_everything_it_starts_again(
    up: Callable[..., Running], data_dir: Path
) -> None:
    running = up()
    running.url()
    family = running.family()

    running.process.kill()

    assert all([await gone(process.pid) for process in family])
    url = up().url()
    assert await status_of(url, "/health/ready") == 200


async def test_a_second_one_on_the_same_folder_is_told_who_has_it(
    up: Callable[..., Running],
) -> None:
    running = up()
    running.url()

    second = up()

    assert second.end() == 1
    assert f"is in use by process {running.process.pid}" in second.output[-1]
    assert second.output[-1].startswith("setroom: the data folder ")


async def test_a_busy_port_is_said_before_anything_is_started(
    up: Callable[..., Running], data_dir: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        running = up("--port", str(other.getsockname()[1]))

        assert running.end() == 1

    assert len(running.output) == 1
    assert "is in use by process" in running.output[0]
    assert list(data_dir.iterdir()) == []


async def test_a_killed_web_node_and_a_killed_valkey_come_back(
    up: Callable[..., Running], data_dir: Path
) -> None:
    running = up()
    url = running.url()
    web = next(process for process in running.family() if "serve" in process.cmdline())
    valkey = next(process for process in running.family() if process.name() == "valkey-server")
    port = json.loads((data_dir / "stores.json").read_text())["redis_url"].rpartition(":")[2]

    web.kill()
    running.until("ended with SIGKILL, starting it again")
    valkey.kill()
    running.until("Valkey had ended and was started again")

    async with asyncio.timeout(DEADLINE_S):
        while await status_of(url, "/health/ready") != 200:
            await asyncio.sleep(0.05)
    assert json.loads((data_dir / "stores.json").read_text())["redis_url"].endswith(port)
