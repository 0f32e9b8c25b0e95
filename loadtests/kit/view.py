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
from loadtests.kit.watch import ROLES, Watch

REFRESH_PER_SECOND = 4
SPARKS = "▁▂▃▄▅▆▇█"
SPARK_MOMENTS = 24
WIDE = 118
"""Columns from which on there is room for everything. Below, fewer moments and percentiles are
shown; errors always are."""

SPARK_MOMENTS_NARROW = 8
NOTES_MAX = 4
MIB = 1024 * 1024
_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
_QUANTILES_NARROW = ("p50", "p99")


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

    @property
    def _is_wide(self) -> bool:
        return self._console.width >= WIDE

    def _head(self) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        for _ in range(4):
            grid.add_column(no_wrap=True)
        title = Text(self._scenario.title.split(": ")[0], "bold")
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
            total=self._seconds or None,
            completed=elapsed,
            width=30 if self._is_wide else 12,
            pulse=not self._seconds,
        )
        inside = self._timeline.gauges["in the room"]
        grid.add_row(title, bar, of, Text(f"{inside:,.0f} in the room" if inside else "", "dim"))
        return grid

    def _operations(self) -> Table:
        table = Table(box=None, padding=(0, 1), header_style="dim")
        shown = list(_QUANTILES) if self._is_wide else _QUANTILES_NARROW
        table.add_column("operation", min_width=22 if self._is_wide else 10, no_wrap=True)
        for name in ("a second", "", "all", *shown, "max ms", "errors"):
            table.add_column(name, justify="left" if not name else "right", no_wrap=True)
        names = [n for n in self._scenario.operations if n in self._timeline.total]
        names += [n for n in list(self._timeline.total) if n not in names]
        names += [n for n in list(self._timeline.errors) if n not in names]
        width = SPARK_MOMENTS if self._is_wide else SPARK_MOMENTS_NARROW
        moments = sorted(self._timeline.moments.items())[-width - 1 : -1]
        for name in names:
            total = self._timeline.total.get(name)
            counts = [m.took[name].count if name in m.took else 0 for _, m in moments]
            rate = counts[-1] / self._timeline.interval_s if counts else 0.0
            errors = sum(self._timeline.errors.get(name, {}).values())
            shares = [_QUANTILES[one] for one in shown]
            quantiles = total.quantiles_s(shares) if total else [0.0] * len(shares)
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
            table.add_column(no_wrap=True)
        bars = 20 if self._is_wide else 10
        for number, one in sorted(dict(self._timeline.generators).items()):
            hot = one.latest > bottleneck.CPU_SHARE_MAX
            lag_ms = one.lag.quantile_s(0.99) * 1e3
            late = (
                f"loop p99 {lag_ms:.0f} ms late, {one.late_share:.1%} of sends late"
                if self._is_wide
                else f"loop p99 {lag_ms:.0f} ms, {one.late_share:.1%} late"
            )
            table.add_row(
                f"generator {number}",
                _bar(one.latest, "red" if hot else "green", bars),
                f"{one.latest:4.0%} of a core",
                Text(late, "dim"),
            )
        latest = self._watch.latest
        for role in [*(r for r in ROLES if r in latest), *(r for r in latest if r not in ROLES)]:
            table.add_row(
                role,
                _bar(latest[role].cpu_share, "blue", bars),
                f"{latest[role].cpu_share:4.0%} of a core",
                f"{latest[role].memory_bytes / MIB:,.0f} MiB",
            )
        if not latest and self._watch.why_not:
            table.add_row("server", "", "", Text(f"not known ({self._watch.why_not})", "dim"))
        return table


def sparkline(counts: list[int]) -> str:
    """Counts as small bars, the largest full; nothing where there was nothing."""
    most = max(counts, default=0)
    if not most:
        return ""
    return "".join(SPARKS[n * len(SPARKS) // (most + 1)] if n else " " for n in counts)


def _bar(share: float, style: str, width: int) -> Text:
    filled = min(width, round(share * width))
    return Text("━" * filled, style).append("─" * (width - filled), "dim")


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
