"""Line charts as SVG: a handful of shapes, so that no library is needed to draw them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from msgspec import Struct

PANEL_WIDTH, PANEL_HEIGHT = 470, 356
MARGIN = 18
LEFT, RIGHT, TOP, BOTTOM = 58, 22, 90, 48
BLUE, GREEN, RED, GREY = "#1d4ed8", "#047857", "#b91c1c", "#64748b"
"""Told apart by people who see no red or green: lines also differ in their dashes."""

Points = Sequence[tuple[float, float]]


class Line(Struct, frozen=True):
    """One line and its name in the legend. ``dash`` as in SVG; ``dots`` marks the points."""

    name: str
    points: Points
    colour: str
    dash: str = ""
    dots: bool = True


class Panel(Struct, frozen=True):
    """One chart: both axes begin at 0. ``percent``: axes whose numbers are shares."""

    title: str
    x_name: str
    y_name: str
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    lines: Sequence[Line]
    percent: str = ""
    legend_columns: int = 2


def svg(panels: Sequence[Panel], columns: int = 2) -> str:
    """The panels in rows, as one SVG document."""
    rows = -(-len(panels) // columns)
    width, height = columns * PANEL_WIDTH, rows * PANEL_HEIGHT
    shapes = [
        f'<g transform="translate({number % columns * PANEL_WIDTH} '
        f'{number // columns * PANEL_HEIGHT})">{_panel(panel)}</g>'
        for number, panel in enumerate(panels)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="11">'
    )
    background = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    return "\n".join([head, background, *shapes, "</svg>", ""])


def _panel(panel: Panel) -> str:
    shapes = [
        _text(MARGIN, 20, panel.title, size=14, weight=600),
        _text(
            LEFT + (PANEL_WIDTH - LEFT - RIGHT) / 2,
            PANEL_HEIGHT - 12,
            panel.x_name,
            anchor="middle",
            colour=GREY,
        ),
        _text(MARGIN, TOP - 10, panel.y_name, colour=GREY),
    ]
    shapes += _grid(panel)
    for line in panel.lines:
        shapes += _line(panel, line)
    shapes += _legend(panel)
    return "".join(shapes)


def _grid(panel: Panel) -> list[str]:
    shapes = []
    right, bottom = PANEL_WIDTH - RIGHT, PANEL_HEIGHT - BOTTOM
    for tick in panel.y_ticks:
        y = _y(panel, tick)
        shapes.append(_stroke(f"M{LEFT} {y:.1f}H{right}", "#e2e8f0"))
        label = _number(tick, percent="y" in panel.percent)
        shapes.append(_text(LEFT - 6, y + 4, label, anchor="end", colour=GREY))
    for tick in panel.x_ticks:
        x = _x(panel, tick)
        shapes.append(_stroke(f"M{x:.1f} {bottom}v4", GREY))
        label = _number(tick, percent="x" in panel.percent)
        shapes.append(_text(x, bottom + 16, label, anchor="middle", colour=GREY))
    shapes.append(_stroke(f"M{LEFT} {bottom}H{right}", GREY))
    return shapes


def _line(panel: Panel, line: Line) -> list[str]:
    places = [(_x(panel, x), _y(panel, y)) for x, y in line.points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    shapes = [_stroke(path, line.colour, width=2, dash=line.dash)]
    if line.dots:
        shapes += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{line.colour}"/>' for x, y in places
        ]
    return shapes


def _legend(panel: Panel) -> list[str]:
    shapes = []
    step = (PANEL_WIDTH - MARGIN - RIGHT) / panel.legend_columns
    for number, line in enumerate(panel.lines):
        x = MARGIN + number % panel.legend_columns * step
        y = 38 + number // panel.legend_columns * 14
        shapes.append(_stroke(f"M{x:.1f} {y - 4}h20", line.colour, width=2, dash=line.dash))
        shapes.append(_text(x + 26, y, line.name))
    return shapes


def _x(panel: Panel, value: float) -> float:
    return LEFT + value / max(panel.x_ticks) * (PANEL_WIDTH - LEFT - RIGHT)


def _y(panel: Panel, value: float) -> float:
    return PANEL_HEIGHT - BOTTOM - value / max(panel.y_ticks) * (PANEL_HEIGHT - TOP - BOTTOM)


def _number(value: float, *, percent: bool) -> str:
    return f"{value:.0%}" if percent else f"{value:g}"


def _stroke(path: str, colour: str, *, width: float = 1, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    colour: str = "#0f172a",
    size: int = 11,
    weight: int = 400,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size}" font-weight="{weight}">{escape(text)}</text>'
    )
