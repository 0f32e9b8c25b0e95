"""``python -m loadtests SCENARIO``: load against any address, with a verdict."""

from __future__ import annotations

import click

from loadtests.kit.cli import command_for
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


@click.group(cls=Scenarios, context_settings={"max_content_width": 100})
def main() -> None:
    """Load a Setroom server, and say whether it kept its promises.

    Each scenario runs against any address (--url), or against a server of its own that it starts
    in a temporary folder. A live view shows rates, percentiles and errors; --json and --report
    keep the result. docs/load.md says what each one does and how it measures.
    """


if __name__ == "__main__":
    main()
