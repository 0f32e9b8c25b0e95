"""The lock on a data folder: one Setroom at a time, and a second one is told who holds it.

``flock`` belongs to the open file, so the kernel lets go of it when its holder dies, however it
dies: there is no such thing as a stale lock. It lives a moment longer than a holder that was killed
while it started a program: until the child executes that program, it has the file open as well.
Hence a lock is waited for, for a moment, unless the process that took it is there. Beside that the
file's content is information for people only.
"""

import fcntl
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from storage.embedded.errors import DataFolderBusyError

LOCK_NAME = "lock"
WAIT_S = 10.0
"""How long a lock is waited for whose holder is gone, or has not said who it is."""

WAIT_POLL_S = 0.02


class DataFolderLock:
    """An exclusive lock on ``data_dir``, held from ``acquire`` to ``release`` or death."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK_NAME
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            DataFolderBusyError: another process holds it; says which and since when.
        """
        # Never unlinked: two processes could otherwise lock two files of one name.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + WAIT_S
        while not _takes(descriptor):
            pid, said = _holder(descriptor)
            if time.monotonic() > deadline or (pid is not None and psutil.pid_exists(pid)):
                os.close(descriptor)
                message = f"the data folder {self._path.parent} is in use by {said}"
                raise DataFolderBusyError(message, pid) from None
            time.sleep(WAIT_POLL_S)
        holder = {
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": Path(sys.argv[0]).name,
        }
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        self._descriptor = descriptor

    @property
    def is_mine(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def release(self) -> None:
        """Let go of the lock; without holding it, nothing happens."""
        if self._descriptor is None:
            return
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None


def is_held(data_dir: Path) -> bool:
    """Whether some process holds the lock of ``data_dir`` right now."""
    try:
        descriptor = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _takes(descriptor)
    finally:
        os.close(descriptor)


def _takes(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(descriptor: int) -> tuple[int | None, str]:
    """Who wrote the lock file: process id and a phrase. The file may be half written."""
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        pid = int(holder["pid"])
        return pid, f"process {pid} ({holder['command']}) since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return None, "another process"
