"""Starting an owner of embedded stores in a process of its own, to be killed."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from storage.embedded import EmbeddedStores

ROOT = Path(__file__).parents[3]
DEADLINE_S = 60.0


@dataclass
class Owner:
    """A running owner: its process and, once it has said so, its stores."""

    process: subprocess.Popen[str]
    database_url: str = ""
    redis_url: str = ""
    pids: tuple[int, ...] = ()

    def read(self) -> "Owner":
        """Wait until the stores run."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the owner ended without starting its stores"
        said = json.loads(line)
        self.database_url, self.redis_url = said["database_url"], said["redis_url"]
        self.pids = tuple(said["pids"])
        return self

    def kill(self) -> None:
        """kill -9, and nobody else is told."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)

    def kill_everything(self) -> None:
        """kill -9 of the owner and of every process below it, stores and backends included."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.kill()


async def gone(pid: int) -> bool:
    """Wait for the end of a process that is not our child."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_S
    while loop.time() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A data folder whose stores have run and were stopped, to copy from."""
    folder = Path(tempfile.mkdtemp(prefix="setroom-test-"))
    folder.chmod(0o711)

    async def make() -> None:
        stores = EmbeddedStores(folder, durable=False)
        await stores.start()
        await stores.stop()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(make())
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def used_dir(data_dir: Path, prepared: Path) -> Path:
    """A data folder of its own whose stores have run and were stopped."""
    subprocess.run(["cp", "-a", f"{prepared}/.", str(data_dir)], check=True)
    return data_dir


@pytest.fixture
def start_owner(data_dir: Path) -> Iterator[Callable[[], Owner]]:
    """Start owners of ``data_dir``; whatever still runs at the end is killed."""
    owners: list[Owner] = []

    def start() -> Owner:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("owner.py")), str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        owners.append(Owner(process))
        return owners[-1]

    yield start
    for owner in owners:
        if owner.process.poll() is None:
            owner.kill_everything()
        for stream in (owner.process.stdin, owner.process.stdout):
            assert stream is not None
            stream.close()
