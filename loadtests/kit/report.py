"""A result as one page: verdict first, then checks, latencies, plots, the generator, the options.

The page holds everything itself (no script, no request) and follows the reader's light or dark.
"""

from __future__ import annotations

from html import escape
from importlib import resources

from loadtests.kit import plots
from loadtests.kit.result import Operation, Result

STYLE = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")


def page(result: Result) -> str:
    """The whole page."""
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{escape(result.title)}</title><style>{STYLE}</style></head><body><main>",
            _head(result),
            _checks(result),
            _figures(result),
            _latencies(result),
            _plots(result),
            _generators(result),
            _facts(result),
            "</main></body></html>",
        )
    )


def _head(result: Result) -> str:
    held = sum(check.held for check in result.checks)
    kept = result.verdict == "kept"
    words = "Every promise was kept" if kept else "A promise was broken"
    where = "a server of its own" if result.target.own_server else result.target.url
    parts = [
        f"<header><h1>{escape(result.title)}</h1>",
        f"<p>{escape(where)} · {escape(result.started_at)} · {result.seconds:,.1f} s ·"
        f" seed {result.seed}</p></header>",
        f'<div class="verdict{"" if kept else " broken"}">{words}'
        f"<span>{held} of {len(result.checks)} checks</span></div>",
    ]
    if result.bottleneck.was:
        reasons = "".join(f"<li>{escape(one)}</li>" for one in result.bottleneck.reasons)
        parts.append(
            '<div class="warn"><strong>The generator was the bottleneck: latencies are its own, not'
            f" the server's.</strong><ul>{reasons}</ul></div>"
        )
    parts += [f'<div class="warn">{escape(note)}</div>' for note in result.notes]
    return "".join(parts)


def _checks(result: Result) -> str:
    rows = "".join(
        f'<li class="{"yes" if one.held else "no"}"><span class="mark" aria-label='
        f'"{"kept" if one.held else "broken"}">{"✓" if one.held else "✗"}</span>'
        f"<div><b>{escape(one.promise)}</b>"
        f"{f'<small>{escape(one.detail)}</small>' if one.detail else ''}</div></li>"
        for one in result.checks
    )
    return f'<h2>What was promised</h2><ul class="card checks">{rows}</ul>'


def _figures(result: Result) -> str:
    if not result.figures:
        return ""
    cards = "".join(
        f"<div><b>{_number(value)}</b><span>{escape(name)}</span></div>"
        for name, value in result.figures.items()
    )
    return f'<h2>Figures</h2><div class="figures">{cards}</div>'


def _latencies(result: Result) -> str:
    rows = "".join(_row(one) for one in result.operations)
    heads = "".join(
        f"<th>{name}</th>"
        for name in ("count", "a second", "p50", "p90", "p99", "p99.9", "max", "errors")
    )
    return (
        '<h2>Latencies, in milliseconds</h2><div class="card scroll"><table><thead><tr>'
        f"<th>operation</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(one: Operation) -> str:
    ms = one.latency_ms
    values = "".join(f"<td>{v:,.1f}</td>" for v in (ms.p50, ms.p90, ms.p99, ms.p999, ms.max))
    errors = ", ".join(f"{escape(code)} {n:,}" for code, n in sorted(one.errors.items()))
    cell = f'<td class="err">{errors}</td>' if errors else "<td>–</td>"
    words = f"<small>{escape(one.what)}</small>" if one.what != one.name else ""
    return (
        f"<tr><td>{escape(one.name)}{words}</td><td>{one.count:,}</td>"
        f"<td>{one.per_second:,.1f}</td>{values}{cell}</tr>"
    )


def _plots(result: Result) -> str:
    try:
        drawn = [(title, plots.svg(result, draw, title)) for title, draw in plots.PLOTS]
    except plots.NoPlots:
        return '<div class="warn">Plots need matplotlib (a development dependency).</div>'
    return "<h2>Over time</h2>" + "".join(
        f"<figure><figcaption>{title}</figcaption>{picture}</figure>"
        for title, picture in drawn
        if picture
    )


def _generators(result: Result) -> str:
    rows = "".join(
        f"<tr><td>process {one.number}</td><td>{one.cpu_share:.0%}</td>"
        f"<td>{one.cpu_share_max:.0%}</td><td>{one.loop_lag_ms_p99:,.1f}</td>"
        f"<td>{one.sends:,}</td><td>{one.late_share:.2%}</td>"
        f"<td>{one.rss_bytes / 2**20:,.0f}</td></tr>"
        for one in result.generators
    )
    return (
        '<h2>The generator</h2><div class="card scroll"><table><thead><tr><th>process</th>'
        "<th>of a core</th><th>busiest second</th><th>loop late, p99 ms</th><th>sends</th>"
        f"<th>begun late</th><th>MiB</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _facts(result: Result) -> str:
    machine = result.machine
    measured = result.target.measured_by or (
        f"not known: {result.target.not_measured_because or 'no /metrics'}"
    )
    facts = {
        "server": result.target.url + (" (its own)" if result.target.own_server else ""),
        "its memory and CPU": measured,
        "machine of the generator": f"{machine.cores} cores, load {machine.load_before} before and"
        f" {machine.load_after} after, Python {machine.python}, {machine.platform}",
        "options": ", ".join(f"{name} {value}" for name, value in result.options.items()),
        "seed": str(result.seed),
        "how latencies count": "from the moment an operation was due (open loop), whatever became"
        " of those before it",
    }
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return f'<h2>How it was run</h2><dl class="card">{rows}</dl>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
