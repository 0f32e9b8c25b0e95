"""The children of `setroom up`: their lines, their unexpected ends, and the order of the stop."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.cli import supervisor as module
from server.cli.supervisor import Child, ChildFailedError, Supervisor
from tests.storage.embedded.conftest import gone

PATIENT_S = 30.0


class Said:
    """What children said, and waiting for it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._changed = asyncio.Event()

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._changed.set()

    async def until(self, name: str, line: str, times: int = 1) -> None:
        async with asyncio.timeout(PATIENT_S):
            while self.lines.count((name, line)) < times:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
async def supervisor(said: Said, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Supervisor]:
    monkeypatch.setattr(module, "RESTART_PAUSE_S", 0.0)
    made = Supervisor(said)
    yield made
    made.hurry()
    await made.stop()


def child(name: str, script: str, **more: object) -> Child:
    values: dict[str, object] = {"stop_s": 10.0} | more
    return Child(name, ["-u", "-c", script], dict(os.environ), **values)  # type: ignore[arg-type]


WAIT_FOR_TERM = """
import signal, sys
def stop(*_):
    print("stopping", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
while True:
    signal.pause()
"""
IGNORE_TERM = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    signal.pause()
"""


async def test_every_line_is_said_with_its_childs_name(supervisor: Supervisor, said: Said) -> None:
    script = "import sys; print('out'); print('err', file=sys.stderr); print('end', end='')"
    supervisor.start(child("web", script, essential=False))

    for line in ("out", "err", "end"):
        await said.until("web", line)


async def test_a_line_without_end_is_cut_and_does_not_fill_memory(
    supervisor: Supervisor, said: Said
) -> None:
    script = "print('x' * 1_000_000); print('after')"
    supervisor.start(child("web", script, essential=False))

    await said.until("web", "after")

    assert max(len(line) for _, line in said.lines) <= 2 * module.OUTPUT_LINE_BYTES_MAX
    assert sum(line.count("x") for _, line in said.lines if line[:1] == "x") >= 1_000_000


async def test_what_was_started_last_stops_first_and_the_worker_last(
    supervisor: Supervisor, said: Said
) -> None:
    for name in ("web", "worker", "demo"):
        supervisor.start(child(name, WAIT_FOR_TERM), stops_last=name == "worker")
        await said.until(name, "ready")

    await supervisor.stop()

    stopping = [name for name, line in said.lines if line == "stopping"]
    assert stopping == ["demo", "web", "worker"]


async def test_a_child_that_ends_unexpectedly_is_started_again(
    supervisor: Supervisor, said: Said
) -> None:
    web = child("web", WAIT_FOR_TERM)
    supervisor.start(web)
    await said.until("web", "ready")
    assert web.process is not None

    os.kill(web.process.pid, signal.SIGKILL)
    await said.until("web", "ready", times=2)

    assert ("web", "ended with SIGKILL, starting it again") in said.lines
    assert supervisor.is_running(web)


async def test_a_child_that_keeps_ending_is_given_up(supervisor: Supervisor, said: Said) -> None:
    supervisor.start(child("web", "import sys; sys.exit(3)"))

    with pytest.raises(ChildFailedError, match="web ended with exit code 3 for the 5th time"):
        async with asyncio.timeout(PATIENT_S):
            await supervisor.failure()


async def test_without_the_demo_everything_else_goes_on(supervisor: Supervisor, said: Said) -> None:
    supervisor.start(child("web", WAIT_FOR_TERM))
    supervisor.start(child("demo", "import sys; sys.exit(3)", essential=False))

    await said.until("demo", "ended with exit code 3, and is not started again")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await supervisor.failure()


async def test_in_a_hurry_nobody_is_waited_for(supervisor: Supervisor, said: Said) -> None:
    stubborn = child("web", IGNORE_TERM, stop_s=1000.0)
    supervisor.start(stubborn)
    await said.until("web", "ready")

    stop = asyncio.create_task(supervisor.stop())
    supervisor.hurry()
    async with asyncio.timeout(PATIENT_S):
        await stop

    assert stubborn.process is not None
    assert stubborn.process.exit_code == -signal.SIGKILL


async def test_children_die_with_their_parent(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, sys\n"
        "from server.cli.supervisor import Child, Supervisor\n"
        "async def main():\n"
        "    s = Supervisor(lambda name, line: print(line, flush=True))\n"
        "    s.start(Child('web', ['-u', '-c', 'import os, signal; print(os.getpid()); '\n"
        "        'signal.pause()'], dict(os.environ), stop_s=1))\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        module.sys.executable,
        *("-c", script),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())

    parent.kill()
    await parent.wait()

    assert await gone(pid)
