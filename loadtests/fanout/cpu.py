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
    """Which process of a family (``None``: of this machine) serves a port.

    ``setroom up`` binds the port and hands the socket on: of all that hold it the youngest
    serves.

    Raises:
        LookupError: none.
    """
    found: list[psutil.Process] = []
    for process in psutil.process_iter() if family is None else family:
        try:
            connections = process.net_connections("inet")
        except psutil.Error:
            continue  # another account's, or gone meanwhile
        if any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections):
            found.append(process)
    if not found:
        raise LookupError(f"nobody listens on {port}")
    pid: int = max(found, key=lambda process: process.create_time()).pid
    return pid
