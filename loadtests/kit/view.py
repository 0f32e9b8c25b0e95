"""A run as it happens, on a terminal: progress, rates, percentiles, errors, who uses what."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from loadtests.kit import bottleneck
from loadtests.kit.scenario import Scenario
from loadtests.kit.timeline import Timeline
from loadtests.kit.watch import Watch

REFRESH_PER_SECOND = 4
SPARKS = "▁▂▃▄▅▆▇█"
SPARK_MOMENTS = 24
NOTES_MAX = 4
MIB = 1024 * 1024
_BARS = 20


class LiveView:
    """Draws itself several times a second, from a thread of its own."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._notes: deque[str] = deque(maxlen=NOTES_MAX)
        self._phase = ""
        self._seconds = 0.0
        self._started_at: float | None = None
        self._began = time.monotonic()
        self._live: Live | None = None

    def begin(self, scenario: Scenario[Any, Any, Any], timeline: Timeline, watch: Watch) -> None:
        """Takes the terminal."""
        self._scenario, self._timeline, self._watch = scenario, timeline, watch
        self._live = Live(
            get_renderable=self.picture,
            console=self._console,
            refresh_per_second=REFRESH_PER_SECOND,
            transient=True,
        )
        self._live.start()

    def phase(self, text: str) -> None:
        """What is being done now."""
        self._phase = text

    def started(self, seconds: float) -> None:
        """The measured part begins."""
        self._phase = ""
        self._seconds = seconds
        self._started_at = time.monotonic()

    def say(self, text: str) -> None:
        """A line below the tables."""
        self._notes.append(text)

    def end(self) -> None:
        """Gives the terminal back."""
        if self._live is not None:
            self._live.stop()

    def picture(self) -> RenderableType:
        """All of it, as it is now."""
        parts: list[RenderableType] = [self._head(), Text()]
        if self._timeline.total or self._timeline.errors:
            parts += [self._operations(), Text()]
        parts.append(self._machines())
        verdict = bottleneck.judge(dict(self._timeline.generators))
        if verdict.was:
            parts.append(
                Text(f" THE GENERATOR IS THE BOTTLENECK: {verdict.reasons[0]}", "bold yellow")
            )
        parts += [Text(f" · {note}", "dim") for note in self._notes]
        return Group(*parts)

    def _head(self) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        title = Text(self._scenario.title, "bold")
        if self._started_at is None or self._phase:
            waited = time.monotonic() - self._began
            gauges = ", ".join(f"{v:,.0f} {k}" for k, v in self._timeline.gauges.items() if v)
            grid.add_row(
                title, Text(f"{self._phase} … {waited:.0f} s", "cyan"), Text(gauges, "dim")
            )
            return grid
        elapsed = time.monotonic() - self._started_at
        of = f"{_clock(elapsed)} of {_clock(self._seconds)}" if self._seconds else _clock(elapsed)
        bar = ProgressBar(
            total=self._seconds or None, completed=elapsed, width=30, pulse=not self._seconds
        )
        inside = self._timeline.gauges["in the room"]
        grid.add_row(title, bar, of, Text(f"{inside:,.0f} in the room" if inside else "", "dim"))
        return grid

    def _operations(self) -> Table:
        table = Table(box=None, padding=(0, 1), header_style="dim")
        table.add_column("operation", min_width=22)
        for name in ("a second", "", "all", "p50", "p90", "p99", "p99.9", "max ms", "errors"):
            table.add_column(name, justify="left" if not name else "right")
        names = [n for n in self._scenario.operations if n in self._timeline.total]
        names += [n for n in list(self._timeline.total) if n not in names]
        names += [n for n in list(self._timeline.errors) if n not in names]
        moments = sorted(self._timeline.moments.items())[-SPARK_MOMENTS - 1 : -1]
        for name in names:
            total = self._timeline.total.get(name)
            counts = [m.took[name].count if name in m.took else 0 for _, m in moments]
            rate = counts[-1] / self._timeline.interval_s if counts else 0.0
            errors = sum(self._timeline.errors.get(name, {}).values())
            quantiles = total.quantiles_s((0.5, 0.9, 0.99, 0.999)) if total else [0.0] * 4
            table.add_row(
                name,
                f"{rate:,.0f}",
                Text(sparkline(counts), "cyan"),
                f"{total.count:,}" if total else "0",
                *(_ms(value) for value in quantiles),
                _ms(total.max_us / 1e6) if total else "",
                Text(f"{errors:,}" if errors else "–", "red" if errors else "dim"),
            )
        return table

    def _machines(self) -> Table:
        table = Table(box=None, padding=(0, 1), show_header=False)
        for _ in range(4):
            table.add_column()
        for number, one in sorted(dict(self._timeline.generators).items()):
            hot = one.latest > bottleneck.CPU_SHARE_MAX
            table.add_row(
                f"generator {number}",
                _bar(one.latest, "red" if hot else "green"),
                f"{one.latest:4.0%} of a core",
                Text(
                    f"loop p99 {one.lag.quantile_s(0.99) * 1e3:.0f} ms late,"
                    f" {one.late_share:.1%} of sends late",
                    "dim",
                ),
            )
        for role, reading in self._watch.latest.items():
            table.add_row(
                role,
                _bar(reading.cpu_share, "blue"),
                f"{reading.cpu_share:4.0%} of a core",
                f"{reading.memory_bytes / MIB:,.0f} MiB",
            )
        if not self._watch.latest and self._watch.why_not:
            table.add_row("server", "", "", Text(f"not known ({self._watch.why_not})", "dim"))
        return table


def sparkline(counts: list[int]) -> str:
    """Counts as small bars, the largest full."""
    most = max(counts, default=0)
    if not most:
        return ""
    return "".join(SPARKS[min(len(SPARKS) - 1, n * len(SPARKS) // (most + 1))] for n in counts)


def _bar(share: float, style: str) -> Text:
    filled = min(_BARS, round(share * _BARS))
    return Text("━" * filled, style).append("─" * (_BARS - filled), "dim")


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
