"""``python -m loadtests SCENARIO``: load against any address, with a verdict."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from loadtests.kit import report
from loadtests.kit.cli import command_for
from loadtests.kit.result import Result, json_schema
from loadtests.scenarios.registry import SCENARIOS, scenario


class Scenarios(click.Group):
    """A command for each scenario, imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the registry."""
        return [*SCENARIOS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one scenario."""
        if cmd_name in SCENARIOS:
            return command_for(cmd_name, scenario(cmd_name))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names with one line each, without importing anything."""
        with formatter.section("Scenarios"):
            formatter.write_dl([(name, where.about) for name, where in SCENARIOS.items()])
        with formatter.section("Beside them"):
            formatter.write_dl([("report", "the page of a result that --json has written")])


@click.group(cls=Scenarios, context_settings={"max_content_width": 100})
def main() -> None:
    """Load a Setroom server, and say whether it kept its promises.

    Each scenario runs against any address (--url), or against a server of its own that it starts
    in a temporary folder. A live view shows rates, percentiles and errors; --json and --report
    keep the result. docs/load.md says what each one does and how it measures.
    """


@main.command("schema", hidden=True)
@click.option("--write", "path", type=click.Path(path_type=Path), help="Into this file.")
def schema(path: Path | None) -> None:
    """The schema of a result (JSON Schema)."""
    text = msgspec.json.format(msgspec.json.encode(json_schema()), indent=1).decode() + "\n"
    if path is None:
        click.echo(text, nl=False)
    else:
        path.write_text(text, encoding="utf-8")


@main.command("report", short_help="the page of a result that was written with --json")
@click.argument("result", type=click.Path(path_type=Path, exists=True))
@click.argument("page", type=click.Path(path_type=Path))
def make_report(result: Path, page: Path) -> None:
    """Write the page of a RESULT (from --json) to PAGE."""
    decoded = msgspec.json.decode(result.read_bytes(), type=Result)
    page.write_text(report.page(decoded), encoding="utf-8")


if __name__ == "__main__":
    main()
