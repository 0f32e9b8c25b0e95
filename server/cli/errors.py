"""What a command says when it cannot go on: clear lines, no traceback."""

import click


class CommandError(click.ClickException):
    """Ends the command with exit code 1 and its message on standard error, as it is."""

    def show(self, file: object = None) -> None:
        """Print the message, each line after the program's name."""
        for line in self.format_message().splitlines():
            click.echo(f"setroom: {line}", err=True)
