"""What ``setroom up`` shows: its steps, its children's lines, and where to go."""

import time

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from server.cli.demo import DemoShow
from server.settings import Settings

COLOURS = {"web": "cyan", "worker": "magenta", "demo": "green", "stores": "yellow"}
NAME_WIDTH = 6


class Terminal:
    """Prints on standard output; plain lines where that is no terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._begun = time.monotonic()

    @property
    def is_interactive(self) -> bool:
        """Whether a person looks on."""
        return self._console.is_terminal

    def step(self, what: str) -> None:
        """Say what begins now, with the seconds since the start."""
        seconds = time.monotonic() - self._begun
        self._console.print(f"[dim]{seconds:6.1f} s[/dim]  {escape(what)}")

    def repeat(self, name: str, line: str) -> None:
        """Print a child's line with its name before it."""
        colour = COLOURS.get(name, "white")
        self._console.print(
            f"[{colour}]{name:<{NAME_WIDTH}}[/{colour}] [dim]│[/dim] {escape(line)}"
        )

    def welcome(self, settings: Settings, seconds: float, show: DemoShow | None) -> None:
        """Say that everything runs, where, and how to get in."""
        rows = Table.grid(padding=(0, 2))
        rows.add_row("Open", f"[bold]{escape(settings.public_url)}[/bold]")
        if show is not None:
            rows.add_row("The live room", f"[bold]{escape(show.show_url)}[/bold]")
            rows.add_row("Join code", escape(show.join_code))
            rows.add_row("Crew account", f"{escape(show.crew_email)}  {escape(show.crew_password)}")
        elif settings.demo:
            rows.add_row("Demo", "has not opened its show; see its lines above")
        rows.add_row("Stop", "Ctrl-C")
        title = f"Setroom is running ({seconds:.1f} s)"
        self._console.print(Panel(rows, title=title, border_style="green", expand=False))
