"""A run told in plain lines: for logs, pipes and CI."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from loadtests.kit import bottleneck
from loadtests.kit.scenario import Scenario
from loadtests.kit.timeline import Timeline
from loadtests.kit.watch import Watch

EVERY_S = 5.0
MIB = 1024 * 1024


class PlainView:
    """Says a line every few seconds.

    Args:
        write: takes a line.
        every_s: seconds between two lines.
    """

    def __init__(self, write: Callable[[str], None], every_s: float = EVERY_S) -> None:
        self._write = write
        self._every_s = every_s
        self._over = threading.Event()
        self._ticker: threading.Thread | None = None
        self._seconds = 0.0
        self._started_at: float | None = None
        self._seen: dict[str, int] = {}

    def begin(self, scenario: Scenario[Any, Any, Any], timeline: Timeline, watch: Watch) -> None:
        """Names the scenario."""
        self._timeline, self._watch = timeline, watch
        self._write(f"{scenario.name}: {scenario.title}")
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def phase(self, text: str) -> None:
        """Says it."""
        self._write(f"  {text}")

    def started(self, seconds: float) -> None:
        """Says how long it takes."""
        self._started_at = time.monotonic()
        self._seconds = seconds
        self._write(f"  begun, about {seconds:.0f} s")

    def say(self, text: str) -> None:
        """Says it."""
        self._write(f"  · {text}")

    def end(self) -> None:
        """No more lines."""
        self._over.set()

    def _tick(self) -> None:
        # A thread: lines come also while the loop is busy, which is when one wants them.
        while not self._over.wait(self._every_s):
            if self._started_at is None:
                gauges = ", ".join(f"{k} {v:,.0f}" for k, v in self._timeline.gauges.items())
                if gauges:
                    self._write(f"    {gauges}")
                continue
            self._write(f"    {self._line()}")

    def _line(self) -> str:
        elapsed_s = time.monotonic() - (self._started_at or 0.0)
        parts = [f"{elapsed_s:5.0f} of {self._seconds:.0f} s"]
        for name, histogram in list(self._timeline.total.items()):
            new = histogram.count - self._seen.get(name, 0)
            self._seen[name] = histogram.count
            p50, p99 = histogram.quantiles_s((0.5, 0.99))
            parts.append(
                f"{name} {new / self._every_s:,.0f}/s p50 {p50 * 1e3:.1f} p99 {p99 * 1e3:.1f} ms"
            )
        errors = sum(sum(codes.values()) for codes in list(self._timeline.errors.values()))
        if errors:
            parts.append(f"{errors:,} errors")
        cpu = [f"{g.latest:.0%}" for _, g in sorted(self._timeline.generators.items())]
        parts.append(f"generator {' '.join(cpu)}")
        for role, reading in self._watch.latest.items():
            parts.append(f"{role} {reading.memory_bytes / MIB:.0f} MiB {reading.cpu_share:.0%}")
        if bottleneck.judge(self._timeline.generators).was:
            parts.append("THE GENERATOR IS THE BOTTLENECK")
        return " | ".join(parts)
