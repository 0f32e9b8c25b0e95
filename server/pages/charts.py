"""Small bar charts of years, as coordinates for an inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from server.catalogue.schemas import YearView

HEIGHT: Final = 128
FLOOR: Final = 108
"""Where the bars stand; below are the years."""

TOP: Final = 18
"""Room above the highest bar for its number."""

WIDTH_MIN: Final = 300
STEP_MIN: Final = 10.0
STEP_MAX: Final = 44.0
LABEL_WIDTH: Final = 34.0


class Bar(Struct, frozen=True):
    """A year. ``x``: its left edge; ``height`` 0 for none."""

    year: int
    times: int
    x: float
    height: float


class Label(Struct, frozen=True):
    """A year's number below its bar."""

    year: int
    x: float
    anchor: str


class Peak(Struct, frozen=True):
    """The number above the highest bar."""

    times: int
    x: float
    y: float
    anchor: str


class YearChart(Struct, frozen=True):
    """Every year from the first to the last, also those with nothing."""

    width: float
    height: int
    floor: int
    step: float
    gap: float
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    peak: Peak


def year_chart(years: Sequence[YearView]) -> YearChart | None:
    """The chart; ``None`` for fewer than two years."""
    if len(years) < 2:
        return None
    counts = {year.year: year.times for year in years}
    first, last = min(counts), max(counts)
    span = last - first + 1
    step = round(min(STEP_MAX, max(STEP_MIN, WIDTH_MIN / span)), 1)
    most = max(counts.values())
    bars = tuple(
        Bar(
            year=year,
            times=counts.get(year, 0),
            x=round((year - first) * step, 1),
            height=round((FLOOR - TOP) * counts.get(year, 0) / most, 1),
        )
        for year in range(first, last + 1)
    )
    width = round(span * step, 1)
    highest = max(bars, key=lambda bar: bar.times)
    middle = highest.x + step / 2
    return YearChart(
        width=width,
        height=HEIGHT,
        floor=FLOOR,
        step=step,
        gap=min(4.0, step * 0.25),
        bars=bars,
        labels=_labels(bars, step, width),
        peak=Peak(
            times=highest.times,
            x=round(middle, 1),
            y=FLOOR - highest.height - 5,
            anchor=_anchor(middle, width),
        ),
    )


def _labels(bars: Sequence[Bar], step: float, width: float) -> tuple[Label, ...]:
    """The first and the last year, and between them round ones that have room."""
    chosen = [bars[0], bars[-1]]
    for round_year in (10, 5):
        for bar in bars:
            apart = min(abs(bar.x - other.x) for other in chosen)
            if bar.year % round_year == 0 and apart >= 1.5 * LABEL_WIDTH:
                chosen.append(bar)
    return tuple(
        Label(
            year=bar.year,
            x=0.0 if bar is bars[0] else width if bar is bars[-1] else round(bar.x + step / 2, 1),
            anchor="start" if bar is bars[0] else "end" if bar is bars[-1] else "middle",
        )
        for bar in sorted(chosen, key=lambda bar: bar.year)
    )


def _anchor(x: float, width: float) -> str:
    if x < LABEL_WIDTH / 2:
        return "start"
    return "end" if x > width - LABEL_WIDTH / 2 else "middle"
