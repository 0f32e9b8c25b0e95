"""Child processes that die with us, and leftovers of earlier lives."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from storage.embedded.account import Account
from storage.embedded.files import remove_tree
from storage.embedded.launcher import FAREWELL

LAUNCHER = Path(__file__).with_name("launcher.py")
POLL_S = 0.01
"""Between two looks at whether a process has ended or a server answers."""

ENDED_POLL_S = 0.25
"""Between two looks at whether a running store is still there."""

LOG_BYTES_MAX = 10 * 1024 * 1024
"""A store's log larger than this is set aside (one generation) at the next start."""

CLEAR_TIMEOUT_S = 10.0
"""For a folder that is removed while leftovers may still write in it."""

HAS_DEATH_SIGNAL = sys.platform == "linux"


class ChildProcess:
    """One running child: a store, or a node that ``setroom up`` runs.

    It must be started from a thread that lives as long as the process (the main thread): Linux
    sends the death signal when the *thread* that forked ends.
    """

    def __init__(self, popen: subprocess.Popen[bytes], lifeline: int | None) -> None:
        self._popen = popen
        self._lifeline = lifeline

    @classmethod
    def start_store(
        cls,
        command: Sequence[str],
        *,
        account: Account,
        death_signal: signal.Signals,
        log: Path,
        folder: Path,
    ) -> "ChildProcess":
        """Start a store as ``account``, working in ``folder``, its output appended to ``log``."""
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            return cls.start(
                command,
                account=account,
                death_signal=death_signal,
                output=output.fileno(),
                folder=folder,
                environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            )

    @classmethod
    def start(
        cls,
        command: Sequence[str],
        *,
        death_signal: signal.Signals,
        output: int,
        environment: Mapping[str, str],
        account: Account | None = None,
        folder: Path | None = None,
        pass_fds: Sequence[int] = (),
        use_lifeline: bool = not HAS_DEATH_SIGNAL,
    ) -> "ChildProcess":
        """Start ``command`` in a session of its own, so that a Ctrl-C in the terminal is ours
        alone to handle.

        Args:
            death_signal: what the child gets when this process dies.
            output: file descriptor for its output and its errors.
            pass_fds: file descriptors that it inherits.
            use_lifeline: watch over it by a pipe instead of the kernel's death signal.
        """
        read_end, write_end = os.pipe() if use_lifeline else (-1, None)
        changes = account is not None and account.changes
        uid, gid = (account.uid, account.gid) if account and changes else (-1, -1)
        numbers = [int(death_signal), os.getpid(), uid, gid, read_end]
        popen = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), *map(str, numbers), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
            pass_fds=(*pass_fds, read_end) if use_lifeline else tuple(pass_fds),
        )
        if use_lifeline:
            os.close(read_end)
        return cls(popen, write_end)

    @property
    def pid(self) -> int:
        """The store's process id (the launcher executes the store in its own place)."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended (negative: by that signal), or None while it runs."""
        return self._popen.poll()

    async def wait(self, timeout_s: float, poll_s: float = POLL_S) -> bool:
        """Wait for the end; False when it still runs after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        while self._popen.poll() is None:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(poll_s)
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if the process still runs."""
        self._say_farewell()
        self._popen.send_signal(number)

    async def stop(self, signals: Sequence[tuple[signal.Signals, float]]) -> None:
        """Send each signal in turn and give it its seconds, then SIGKILL."""
        self._say_farewell()
        for number, timeout_s in signals:
            if self._popen.poll() is not None:
                return
            self._popen.send_signal(number)
            if await self.wait(timeout_s):
                return
        self._popen.kill()
        await self.wait(5.0)

    def _say_farewell(self) -> None:
        """Tell the watcher, where there is one, that this end is meant."""
        if self._lifeline is not None:
            os.write(self._lifeline, FAREWELL)
            os.close(self._lifeline)
            self._lifeline = None


def leftovers(program: str, folder: Path) -> list[psutil.Process]:
    """Processes called ``program`` that work in ``folder`` or below: a store of an earlier life.

    A store makes its data folder its working directory. A process id in a file may have been
    given to somebody else since, or be cut short; the working directory cannot lie. The name is
    compared too, because a person's shell may stand in that folder.
    """
    found = []
    wanted = folder.resolve()
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != program:
            continue
        try:
            # The kernel adds a word to the name of a folder that was removed meanwhile.
            place = Path(process.cwd().removesuffix(" (deleted)"))
        except psutil.Error:
            continue
        if place == wanted or wanted in place.parents:
            found.append(process)
    return found


async def end_leftovers(program: str, folder: Path, gentle: signal.Signals) -> int:
    """End every leftover of ``program`` in ``folder`` or below; the caller holds the folder's lock.

    They may already be on their way out (their parent's death has told them so): they get
    ``gentle`` and five seconds, then SIGKILL. It looks until it finds none: a server that is told
    to end may have been just about to start one more process.

    Returns:
        How many there were.
    """
    ended: set[psutil.Process] = set()
    deadline = time.monotonic() + 5.0
    while found := [one for one in leftovers(program, folder) if _is_alive(one)]:
        for process in found:
            if time.monotonic() > deadline:
                _signal(process, signal.SIGKILL)
            elif process not in ended:
                _signal(process, gentle)
        ended.update(found)
        await asyncio.sleep(POLL_S)
    return len(ended)


async def clear(unfinished: Path, programs: Sequence[str]) -> None:
    """Remove a folder that a killed start left: ``programs`` may outlive it, and write meanwhile.

    What is not gone in time stays until the next start: nobody looks at it.
    """
    deadline = time.monotonic() + CLEAR_TIMEOUT_S
    while time.monotonic() < deadline:
        for program in programs:
            await end_leftovers(program, unfinished, signal.SIGKILL)
        if remove_tree(unfinished):
            return
        await asyncio.sleep(POLL_S)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return


def last_complaint(log: Path) -> str:
    """The last line of a store's log that says why it would not run, else its last line."""
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return "no log"
    for line in reversed(lines[-40:]):
        for word in ("FATAL:", "PANIC:", "error:", "# "):
            if word in line:
                return line[line.index(word) :].strip()
    return lines[-1].strip() if lines else "the log is empty"
