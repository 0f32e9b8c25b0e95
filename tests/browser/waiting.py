"""How long a browser and its server waited for a processor: what a busy machine adds to a page.

Linux counts for every thread how long it could have run and was not let (``run_delay``, the second
number of ``/proc/PID/task/TID/schedstat``). On a machine with nothing else to do that is nearly
nothing, so what is measured there is held to its bounds as it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

SAMPLE_S = 0.01


class Waiting:
    """Samples of the threads' waiting, taken while `waiting` lasts."""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float, float]] = []
        self._before: dict[Path, int] = {}

    def ms(self, begin_ms: float, end_ms: float) -> float:
        """How much of a span of time, by the wall clock in milliseconds since 1970, some thread
        that had something to do did not get to do it."""
        return sum(
            waited * max(0.0, min(end, end_ms) - max(begin, begin_ms)) / (end - begin)
            for begin, end, waited in self._spans
            if end > begin
        )

    def sample(self, files: list[Path], begin_ms: float) -> float:
        """Adds what was waited since the last time; returns the time of now."""
        now_ms = time.time() * 1000
        longest_ms = 0.0
        for file in files:
            with suppress(OSError, ValueError, IndexError):
                waited = int(file.read_text().split()[1])
                # They wait for each other, one after the other: the longest of one moment counts.
                longest_ms = max(longest_ms, (waited - self._before.get(file, waited)) / 1e6)
                self._before[file] = waited
        self._spans.append((begin_ms, now_ms, min(longest_ms, now_ms - begin_ms)))
        return now_ms


@contextmanager
def waiting() -> Iterator[Waiting]:
    """Watches the main threads of browsers and nodes that this process has started, and its own
    threads: a line between the two may be one of them."""
    watched, ended = Waiting(), threading.Event()
    own = psutil.Process()
    processes = [
        process.pid
        for process in own.children(recursive=True)
        if process.name().startswith(("chrom", "google-chrome", "python"))
    ]

    def run() -> None:
        files = [Path(f"/proc/{pid}/schedstat") for pid in processes]
        files += Path(f"/proc/{own.pid}/task").glob("*/schedstat")
        at_ms = watched.sample(files, time.time() * 1000)
        while not ended.wait(SAMPLE_S):
            at_ms = watched.sample(files, at_ms)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield watched
    finally:
        ended.set()
        thread.join()
