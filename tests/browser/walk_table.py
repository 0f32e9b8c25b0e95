"""Prints what `tests.browser.walk` looked at when all tests have ended, whoever ran them."""

from __future__ import annotations

import pytest

HEADS = ("page", "state", "sizes", "themes", "axe violations")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind))
    rows = sorted(
        [str(cell) for cell in row]
        for report in reports
        for name, row in report.user_properties
        if name == "walked" and isinstance(row, list)
    )
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    terminalreporter.section("pages and states that were looked at")
    for row in (HEADS, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.line(" · ".join(cells).rstrip())
