"""Plots of a result as SVG that takes its colours from the page around it.

matplotlib draws in placeholder colours, which are replaced by CSS variables: one drawing is read on
white and on black.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from math import nan
from typing import Any, Final

from loadtests.kit.histogram import middle_of
from loadtests.kit.result import Operation, Result
from loadtests.kit.watch import Sample

INK, FAINT = "#010203", "#040506"
SERIES: Final = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05", "#0a0b06", "#0a0b07")
VARIABLES: Final = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, 1)},
}
WIDTH, HEIGHT = 7.6, 2.9
"""Inches at 72 dots: the page scales them to its column."""

STYLES: Final = ("-", "--", ":", "-.")
MIB = 1024 * 1024

Plot = Callable[[Any, Result], bool]
"""Draws onto axes; false where there is nothing to draw."""


class NoPlots(Exception):
    """matplotlib is not installed; it is one of the development dependencies."""


def svg(result: Result, draw: Plot, title: str) -> str:
    """One plot, or an empty string where there is nothing to draw.

    Raises:
        NoPlots: matplotlib is missing.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise NoPlots from None
    with rc_context({"svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"}):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes = figure.add_subplot()
        if not draw(axes, result):
            return ""
        _plain(axes)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside upper left",
            ncols=4,
            frameon=False,
            labelcolor=INK,
            fontsize=8,
            handlelength=1.6,
        )
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True)
    return _themed(out.getvalue(), title)


def rates(axes: Any, result: Result) -> bool:
    """What succeeded a second, over time."""
    for place, one in enumerate(_headline(result)):
        at, values = _series(result, one.name, lambda p: p.per_second, 0.0)
        axes.plot(at, values, color=SERIES[place], label=one.name, linewidth=1.4)
    errors = [
        sum(point.errors for point in moment.operations.values()) / result.interval_s
        for moment in result.timeline
    ]
    if any(errors):
        at = [moment.at_s for moment in result.timeline]
        axes.fill_between(at, errors, color=SERIES[1], alpha=0.35, label="errors", step="mid")
    # A reaction a second and five thousand deliveries, on one axis.
    axes.set_yscale("symlog", linthresh=10)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("a second")
    axes.set_xlabel("seconds")
    return bool(result.timeline)


def latencies(axes: Any, result: Result) -> bool:
    """Percentiles over time."""
    for place, one in enumerate(_headline(result)[:3]):
        for share, style in (("p50_ms", "-"), ("p99_ms", "--")):
            at, values = _series(result, one.name, lambda p, s=share: getattr(p, s), nan)  # type: ignore[misc]
            label = f"{one.name}, {share[:3]}"
            # Dots: a moment between two without anything has no line.
            look = {"color": SERIES[place], "linewidth": 1.3, "marker": ".", "markersize": 2}
            axes.plot(at, values, style, label=label, **look)
    axes.set_yscale("log")
    axes.set_ylabel("milliseconds")
    axes.set_xlabel("seconds")
    return bool(result.timeline)


def distribution(axes: Any, result: Result) -> bool:
    """Which share took no longer than so long."""
    drawn = False
    for place, one in enumerate(_headline(result)):
        if not one.histogram:
            continue
        seen, at, shares = 0, [], []
        for bucket, times in one.histogram:
            seen += times
            at.append(max(1e-3, middle_of(bucket) / 1e3))
            shares.append(seen / one.count)
        axes.step(at, shares, color=SERIES[place], label=one.name, where="post", linewidth=1.5)
        drawn = True
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds")
    axes.set_ylabel("share of all")
    axes.set_ylim(0, 1.02)
    return drawn


def memory(axes: Any, result: Result) -> bool:
    """The server's memory, with the trend where it was judged."""
    roles = sorted({role for sample in result.server for role in sample.roles})
    for place, role in enumerate(roles):
        points = [
            (s.at_s, s.roles[role].memory_bytes / MIB) for s in _measured(result) if role in s.roles
        ]
        axes.plot(*zip(*points, strict=True), color=SERIES[place], label=role, linewidth=1.4)
    for one in result.growth:
        begin, end = result.seconds / 5, result.seconds
        middle = (begin + end) / 2
        values = [(one.trend.median + one.trend.slope * (at - middle)) / MIB for at in (begin, end)]
        axes.plot([begin, end], values, ":", color=INK, linewidth=1)
    axes.set_ylabel("MiB")
    axes.set_xlabel("seconds")
    axes.set_ylim(bottom=0)
    return bool(roles)


def processors(axes: Any, result: Result) -> bool:
    """Shares of a core: of the server's processes, and of the generator's."""
    roles = sorted({role for sample in result.server for role in sample.roles})
    for place, role in enumerate(roles):
        points = [(s.at_s, s.roles[role].cpu_share) for s in _measured(result) if role in s.roles]
        axes.plot(*zip(*points, strict=True), color=SERIES[place], label=role, linewidth=1.3)
    for number in sorted({n for moment in result.timeline for n in moment.generator_cpu}):
        points = [
            (m.at_s, m.generator_cpu[number]) for m in result.timeline if number in m.generator_cpu
        ]
        style = STYLES[int(number) % len(STYLES)]
        label = f"generator {number}"
        axes.plot(*zip(*points, strict=True), style, color=INK, label=label, linewidth=1)
    axes.set_ylabel("cores")
    axes.set_xlabel("seconds")
    axes.set_ylim(bottom=0)
    return bool(result.timeline)


def _measured(result: Result) -> list[Sample]:
    return [sample for sample in result.server if sample.at_s >= 0]


def _headline(result: Result) -> list[Operation]:
    return [one for one in result.operations if one.count][: len(SERIES)]


def _series(
    result: Result, name: str, value: Callable[[Any], float], nothing: float
) -> tuple[list[float], list[float]]:
    """Values at every moment of the run; ``nothing`` where the operation did not happen, so that no
    line is drawn across the time between two rounds."""
    at = [moment.at_s for moment in result.timeline]
    points = [moment.operations.get(name) for moment in result.timeline]
    return at, [nothing if point is None else value(point) for point in points]


def _plain(axes: Any) -> None:
    axes.grid(True, color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.tick_params(colors=INK, which="both", length=3)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(INK)


def _themed(drawn: str, title: str) -> str:
    drawn = drawn[drawn.index("<svg") :]
    for colour, variable in VARIABLES.items():
        drawn = drawn.replace(colour, variable)
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.S)
    # Ids would be the same in every plot of a page.
    mark = f"{abs(hash(title)) % 10_000_000:x}"
    drawn = re.sub(r'id="([^"]+)"', rf'id="{mark}-\1"', drawn)
    drawn = re.sub(r"url\(#([^)]+)\)", rf"url(#{mark}-\1)", drawn)
    drawn = re.sub(r'href="#([^"]+)"', rf'href="#{mark}-\1"', drawn)
    drawn = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', r'<svg viewBox="\1" role="img">', drawn, count=1
    )
    return drawn.replace('role="img">', f'role="img" aria-label="{title}">', 1)


PLOTS: Final[Sequence[tuple[str, Plot]]] = (
    ("Rates over time", rates),
    ("Latencies over time", latencies),
    ("Distribution of latencies", distribution),
    ("Memory of the server", memory),
    ("Processors", processors),
)
