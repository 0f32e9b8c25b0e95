"""A result on the terminal, after the run."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from loadtests.kit.result import Result

WIDTH_MIN = 110


def tell(result: Result, console: Console | None = None) -> None:
    """Latencies, checks, the generator, and the verdict last."""
    out = console or Console()
    if not out.is_terminal:
        out = Console(width=max(WIDTH_MIN, out.width))
    out.print(operations(result, is_wide=out.width >= WIDTH_MIN))
    if result.figures:
        shown = (f"{name} {value:,.4g}" for name, value in result.figures.items())
        out.print(" · ".join(shown), highlight=False)
    for note in result.notes:
        out.print(Text(f"note: {note}", style="italic"))
    out.print(_generators(result), highlight=False)
    if not result.target.measured_by:
        why = result.target.not_measured_because or "it did not answer /metrics"
        out.print(f"the server's memory and CPU are not known ({why})", highlight=False)
    for check in result.checks:
        mark, style = ("✓", "green") if check.held else ("✗", "bold red")
        text = Text(f" {mark} ", style=style).append(
            check.promise, style="" if check.held else style
        )
        if check.detail:
            text.append(f"  {check.detail}", style="dim" if check.held else "")
        out.print(text)
    if result.bottleneck.was:
        out.print(Text("THE GENERATOR WAS THE BOTTLENECK", style="bold yellow"))
        for reason in result.bottleneck.reasons:
            out.print(Text(f"   {reason}", style="yellow"))
    kept = result.verdict == "kept"
    words = "every promise was kept" if kept else "A PROMISE WAS BROKEN"
    style = "bold green" if kept else "bold red"
    out.print(Text(f"{words}; seed {result.seed}, {result.seconds:.1f} s", style=style))


def operations(result: Result, *, is_wide: bool = True) -> Table:
    """Latencies of all operations, in milliseconds; on a narrow terminal with fewer percentiles."""
    table = Table(title=f"{result.title}", title_justify="left", caption="milliseconds")
    table.add_column("operation", no_wrap=True)
    shown = {"p50": "p50", "p90": "p90", "p99": "p99", "p999": "p99.9", "max": "max"}
    if not is_wide:
        shown = {name: shown[name] for name in ("p50", "p99", "max")}
    for name in ("count", "a second", *shown.values()):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("errors", justify="right")
    for one in result.operations:
        ms = one.latency_ms
        errors = ", ".join(f"{code} {n:,}" for code, n in sorted(one.errors.items()))
        table.add_row(
            one.name,
            f"{one.count:,}",
            f"{one.per_second:,.1f}",
            *(f"{getattr(ms, name):,.1f}" for name in shown),
            errors or "–",
        )
    return table


def _generators(result: Result) -> str:
    parts = [
        f"{one.number}: {one.cpu_share:.0%} of a core, loop p99 {one.loop_lag_ms_p99:.1f} ms late,"
        f" {one.late_share:.1%} of sends late"
        for one in result.generators
    ]
    machine = result.machine
    return (
        f"generator {'; '.join(parts)}\n{machine.cores} cores, load {machine.load_before}"
        f" before and {machine.load_after} after"
    )
