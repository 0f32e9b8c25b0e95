"""What ``setroom up`` shows: its steps, its children's lines, and where to go."""

import queue
import threading
import time
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape

from server.cli.demo import DemoShow
from server.settings import Settings

COLOURS = {"web": "cyan", "worker": "magenta", "demo": "green", "stores": "yellow"}
NAME_WIDTH = 6
LINES_WAITING_MAX = 2_000
"""Children's lines not yet printed. Beyond, they are left out: a terminal that is paused
(Ctrl-S) must not hold up the nodes, whose output is read here."""

FLUSH_S = 2.0


class QuietConsole(Console):
    """Goes quiet, instead of ending the process, when nobody reads its output any more."""

    def on_broken_pipe(self) -> None:
        """``setroom up | head``: what runs goes on running."""
        self.quiet = True


class Terminal:
    """Prints on standard output, from a thread of its own; plain lines where that is no
    terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or QuietConsole(highlight=False, soft_wrap=True)
        self._begun = time.monotonic()
        self._waiting: queue.Queue[str | None] = queue.Queue(LINES_WAITING_MAX)
        self._left_out = 0
        self._printer = threading.Thread(target=self._print, name="terminal", daemon=True)
        self._printer.start()

    @property
    def is_interactive(self) -> bool:
        """Whether a person looks on."""
        return self._console.is_terminal

    def step(self, what: str) -> None:
        """Say what begins now, with the seconds since the start."""
        seconds = time.monotonic() - self._begun
        self._say(f"[dim]{seconds:6.1f} s[/dim]  {escape(what)}")

    def repeat(self, name: str, line: str) -> None:
        """Print a child's line with its name before it."""
        colour = COLOURS.get(name, "white")
        said_by = f"[{colour}]{name:<{NAME_WIDTH}}[/{colour}] [dim]│[/dim]"
        self._say(f"{said_by} {escape(line)}")

    def welcome(self, settings: Settings, seconds: float, show: DemoShow | None) -> None:
        """Say that everything runs, where, and how to get in."""
        rows = [("Open", settings.public_url)]
        if show is not None:
            # The demo knows the node by its local address; people come by the public one.
            public = settings.public_url
            rows.append(("The live room", public + urlsplit(show.show_url).path))
            rows.append(("Join code", show.join_code))
            rows.append(("Control panel", f"{public}/panel"))
            rows.append(("Crew account", f"{show.crew_email}  {show.crew_password}"))
            if settings.sms == "sandbox":
                rows.append(("Phones to try", f"{public}/panel/try/phones"))
            for name, url in (("Big screen", show.screen_url), ("Stage", show.stage_url)):
                if url:
                    parts = urlsplit(url)
                    rows.append((name, f"{public}{parts.path}#{parts.fragment}"))
        elif settings.demo:
            rows.append(("Demo", "has not opened its show; see its lines above"))
        rows.append(("Stop", "Ctrl-C"))
        # No box: a box cuts a long address where the terminal is narrow.
        self._say("")
        self._say(f"[bold green]Setroom is running[/bold green] [dim]({seconds:.1f} s)[/dim]")
        for name, value in rows:
            self._say(f"  {name:<15}[bold]{escape(value)}[/bold]")
        self._say("")

    def close(self) -> None:
        """Print what is left, unless that takes too long."""
        try:
            self._waiting.put(None, timeout=FLUSH_S)
        except queue.Full:
            return
        self._printer.join(FLUSH_S)

    def _say(self, what: str) -> None:
        try:
            if self._left_out:
                self._waiting.put_nowait(f"[dim]… {self._left_out} lines left out[/dim]")
                self._left_out = 0
            self._waiting.put_nowait(what)
        except queue.Full:
            self._left_out += 1

    def _print(self) -> None:
        while (what := self._waiting.get()) is not None:
            try:
                self._console.print(what)
            except OSError:
                # The terminal is gone; SIGHUP will tell what to do.
                self._console.quiet = True
