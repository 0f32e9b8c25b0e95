"""PostgreSQL and Valkey of a fault test's own, minded as a service manager would.

A fault needs what a managed store would not give: another clock, a full disk, ``kill -9``, a stop.
Each store runs under an account that is not root's, dies with this process, and is started again
half a second after it ended, on the same port.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from loadtests.faults.processes import free_port

RESTART_AFTER_S = 0.5
START_TIMEOUT_S = 60.0
POLL_S = 0.05
PR_SET_PDEATHSIG = 1
ACCOUNT = "nobody"


class StoreFailed(Exception):
    """A store did not start; the message ends with its log."""


def _die_with_parent(number: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def package_of(name: str) -> Path:
    """Where an installed wheel is.

    Raises:
        StoreFailed: it is not installed.
    """
    # The spec, not an import: importing the wheels starts their own machinery.
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise StoreFailed(f"the package {name} is not installed")
    return Path(spec.origin).parent


class Store(ABC):
    """One server process and whoever minds it.

    Args:
        folder: everything of it lies in here.
        environment: beside what it needs: a preloaded library, say.
    """

    death_signal = signal.SIGKILL

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.starts = 0
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "TZ": "UTC",
            **(environment or {}),
        }
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._minder: asyncio.Task[None] | None = None
        self._minded = asyncio.Event()
        self._minded.set()

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address, with its password."""

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    async def _answers(self) -> bool: ...

    @abstractmethod
    async def _make(self) -> None:
        """What is there before the first start."""

    @property
    def processes(self) -> list[psutil.Process]:
        """The server's process and its children."""
        if self._process is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        return []

    async def start(self) -> None:
        """Makes it, starts it, and minds it from now on.

        Raises:
            StoreFailed: it does not answer.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        await self._make()
        self._launch()
        await self.answers()
        self._minder = asyncio.create_task(self._mind())

    async def answers(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Waits until it answers.

        Raises:
            StoreFailed: not in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not await self._answers():  # noqa: ASYNC110 another process
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            tail = self._log.read_text(errors="replace")[-2000:]
            raise StoreFailed(f"{type(self).__name__} does not answer\n{tail}") from None

    async def stop(self) -> None:
        """Ends it for good."""
        if self._minder is not None:
            self._minder.cancel()
            await asyncio.gather(self._minder, return_exceptions=True)
        self.resume()
        await self.kill()

    async def kill(self) -> None:
        """``kill -9`` of all its processes."""
        family = self.processes
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)
        await asyncio.to_thread(psutil.wait_procs, family, 10)

    def leave_down(self) -> None:
        """Once it has ended it stays so, until `mind_again`."""
        self._minded.clear()

    def mind_again(self) -> None:
        """It is started again when it ends, or has ended."""
        self._minded.set()

    def pause(self) -> None:
        """SIGSTOP: it holds what it holds, accepts what the kernel accepts, and says nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    @property
    def has_ended(self) -> bool:
        """Whether its process is over."""
        return self._process is None or self._process.poll() is not None

    def _signal(self, number: signal.Signals) -> None:
        for process in self.processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _launch(self) -> None:
        self.starts += 1
        self._process = self.run(self._command(), self.death_signal)

    def run(
        self, command: list[str], death_signal: signal.Signals = signal.SIGKILL
    ) -> subprocess.Popen[bytes]:
        """Runs a program as the store's account, in its folder, its output to the log."""
        root = os.geteuid() == 0
        with self._log.open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=self._environment,
                start_new_session=True,
                user=ACCOUNT if root else None,
                group=pwd.getpwnam(ACCOUNT).pw_gid if root else None,
                extra_groups=[] if root else None,
                preexec_fn=_die_with_parent(death_signal),
            )

    def own(self, path: Path) -> None:
        """Gives a path to the store's account."""
        if os.geteuid() == 0:
            shutil.chown(path, ACCOUNT, pwd.getpwnam(ACCOUNT).pw_gid)

    async def _mind(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            if self._process is not None and self._process.poll() is not None:
                await asyncio.sleep(RESTART_AFTER_S)
                await self._minded.wait()
                self._launch()
