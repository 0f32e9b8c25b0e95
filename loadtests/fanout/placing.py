"""Which core does what, so that the sides of a comparison run under the same conditions.

Whoever sends runs on one core, whoever receives on another, and all else on the rest: a sender
that is woken beside its receiver is preempted by it at every write, one that moves between cores
finds its memory cold, and which of them happens is the scheduler's mood.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import psutil


class Places:
    """The cores of this machine by what runs there.

    Args:
        cores: that may be used; with fewer than two nothing is placed.
    """

    def __init__(self, cores: Iterable[int]) -> None:
        known = sorted(cores)
        self.is_known = len(known) > 1
        self.sender = set(known[-1:])
        self.receiver = set(known[-2:-1]) or self.sender
        self.others = set(known[:-2]) or self.receiver

    @classmethod
    def here(cls) -> Places:
        """Of the cores that this process may use."""
        return cls(os.sched_getaffinity(0))

    def send(self, pid: int) -> None:
        """A sender's process."""
        self._place(pid, self.sender)

    def receive(self) -> None:
        """This process, which holds the receivers."""
        self._place(os.getpid(), self.receiver)

    def aside(self, processes: Iterable[psutil.Process]) -> None:
        """Processes that do neither."""
        for process in processes:
            self._place(process.pid, self.others)

    def _place(self, pid: int, cores: set[int]) -> None:
        if not self.is_known:
            return
        with contextlib.suppress(OSError):  # gone meanwhile
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), cores)
