"""``setroom doctor``: what is configured, what is reachable, what is missing."""

import asyncio
import os
import sys

import click
from rich.console import Console
from rich.table import Table

from server.cli import checks
from server.cli.checks import Finding, Verdict
from server.cli.environment import stores_for
from server.cli.errors import CommandError
from server.cli.queue_checks import queues
from server.cli.restore_check import restore
from server.cli.telemetry_checks import telemetry
from server.cli.text_checks import texts
from server.settings import SettingsError, read_settings

MARKS = {Verdict.GOOD: "[green]✓[/green]", Verdict.NOTE: "[yellow]•[/yellow]"}
BAD_MARK = "[red]✗[/red]"


@click.command()
def doctor() -> None:
    """Check settings, stores, migrations, clients, disk and clock. Exit code 1: not fit to run."""
    findings = asyncio.run(_examine())
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        table.add_row(MARKS.get(finding.verdict, BAD_MARK), finding.what, finding.said)
    Console(highlight=False, soft_wrap=True).print(table)
    sys.exit(1 if any(finding.verdict is Verdict.BAD for finding in findings) else 0)


async def _examine() -> list[Finding]:
    from server.cli.redis_checks import redis

    findings = [checks.python_version()]
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        problems = [Finding("settings", Verdict.BAD, problem) for problem in error.problems]
        return [*findings, *problems, checks.clients_built()]
    findings += [checks.configured(settings), *checks.carriers(settings)]
    findings += await texts(settings)
    findings.append(await checks.mail(settings))
    findings += await telemetry(settings)
    findings += [checks.clients_built(), checks.disk_space(settings)]
    try:
        async with stores_for(settings) as complete:
            findings += await checks.database(complete, embedded=settings.is_embedded)
            findings += await checks.outbox(complete)
            findings += await restore(complete)
            findings.append(await redis(complete))
            findings += await queues(complete)
    except CommandError as error:
        findings.append(Finding("embedded stores", Verdict.BAD, str(error)))
    return findings
