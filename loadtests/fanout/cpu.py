"""CPU time of another process, exactly."""

from __future__ import annotations

from pathlib import Path

import psutil


def cpu_s(pid: int) -> float:
    """CPU seconds that all threads of a process have used, user and system.

    From the scheduler's own account (``/proc/…/schedstat``, in nanoseconds) where there is one;
    ``psutil`` counts in ticks of 10 ms.

    Raises:
        psutil.NoSuchProcess: it is gone.
    """
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except OSError:
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system


def rss_bytes(pid: int) -> int:
    """Resident memory of a process."""
    resident: int = psutil.Process(pid).memory_info().rss
    return resident


def listener_pid(family: list[psutil.Process] | None, port: int) -> int:
    """Which process of a family (``None``: of this machine) listens on a port.

    Raises:
        LookupError: none.
    """
    for process in psutil.process_iter() if family is None else family:
        try:
            connections = process.net_connections("inet")
        except psutil.Error:
            continue  # another account's, or gone meanwhile
        for connection in connections:
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                pid: int = process.pid
                return pid
    raise LookupError(f"nobody listens on {port}")
