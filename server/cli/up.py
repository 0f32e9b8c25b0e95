"""``setroom up``: the whole thing on one machine, started and stopped together."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import click

from server.cli import demo, history, probe
from server.cli.environment import load_settings, with_stores
from server.cli.errors import CommandError
from server.cli.listener import bind_listener
from server.cli.serve import run_loop
from server.cli.supervisor import Child, ChildFailedError, Supervisor
from server.cli.terminal import Terminal
from server.settings import Settings, as_environment
from storage.embedded import EmbeddedStoreError, EmbeddedStores, StoreUrls

READY_S = 60.0
"""A node that does not answer by then will not."""

REVIVE_INTERVAL_S = 0.5


@click.command()
@click.option("--demo/--no-demo", "with_demo", default=None, help="Run the demo show, or not.")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes any free one.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the embedded stores.",
)
def up(with_demo: bool | None, host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Run everything: stores (if none are configured), web node, worker, demo."""
    settings = load_settings(demo=with_demo, host=host, port=port, data_dir=data_dir)
    # First of all, before anything is written or started: may we have the port?
    listener = bind_listener(settings.host, settings.port)
    os.set_inheritable(listener.fileno(), True)
    taken: int = listener.getsockname()[1]
    if settings.port == 0:
        settings = load_settings(demo=with_demo, host=host, port=taken, data_dir=data_dir)
    terminal = Terminal()
    try:
        run_loop(Up(settings, listener, terminal).run())
    finally:
        terminal.close()


class Up:
    """One run of ``setroom up``."""

    def __init__(self, settings: Settings, listener: socket.socket, terminal: Terminal) -> None:
        self._settings = settings
        self._listener = listener
        self._terminal = terminal
        self._supervisor = Supervisor(terminal.repeat)
        self._stop = asyncio.Event()
        self._begun = time.monotonic()

    async def run(self) -> None:
        """Start everything, wait for the stop, stop everything.

        Raises:
            CommandError: something could not be started, or kept failing.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)
        try:
            async with self._stores() as settings:
                await self._run_on(settings)
        except EmbeddedStoreError as error:
            raise CommandError(str(error)) from None

    def _on_signal(self) -> None:
        if self._stop.is_set():
            self._terminal.step("stopping at once")
            self._supervisor.hurry()
        self._stop.set()

    @asynccontextmanager
    async def _stores(self) -> AsyncIterator[Settings]:
        """Settings with running stores; embedded ones are revived should they end."""
        if not self._settings.is_embedded:
            yield self._settings
            return
        stores = EmbeddedStores(self._settings.data_dir, progress=self._terminal.step)
        try:
            urls = await self._unless_stopped(stores.start())
            if urls is None:
                raise CommandError("stopped before it had started")
            reviving = asyncio.create_task(self._revive(stores))
            try:
                yield with_stores(self._settings, urls)
            finally:
                reviving.cancel()
                await asyncio.gather(reviving, return_exceptions=True)
                self._terminal.step("stopping Valkey and PostgreSQL")
        finally:
            await stores.stop()

    async def _run_on(self, settings: Settings) -> None:
        await self._migrate(settings)
        starting = asyncio.create_task(self._start(settings))
        failing = asyncio.create_task(self._supervisor.failure())
        stopping = asyncio.create_task(self._stop.wait())
        tasks = (starting, failing, stopping)
        self._background: asyncio.Task[None] | None = None
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
            await asyncio.wait((failing, stopping), return_when=asyncio.FIRST_COMPLETED)
            if failing.done():
                failing.result()
        except ChildFailedError as error:
            raise CommandError(str(error)) from None
        finally:
            ending = [task for task in (*tasks, self._background) if task is not None]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
            self._terminal.step("stopping what was started, in order")
            # From here on nobody new is let in; the node's own copy closes when it drains.
            self._listener.close()
            await self._supervisor.stop()

    async def _migrate(self, settings: Settings) -> None:
        from storage.migrate import MigrationError, migrate

        self._terminal.step("checking the database's tables")
        try:
            await migrate(settings.database_url.reveal(), progress=self._terminal.step)
        except (MigrationError, OSError) as error:
            raise CommandError(f"the database could not be brought up to date: {error}") from None

    async def _start(self, settings: Settings) -> None:
        variables = os.environ | as_environment(settings)
        if self._terminal.is_interactive and settings.log_format == "auto":
            variables["SETROOM_LOG_FORMAT"] = "console"
        self._terminal.step("starting the web node")
        web = Child(
            "web",
            ["-m", "server.cli", "serve", "--fd", str(self._listener.fileno())],
            variables,
            stop_s=settings.drain_pause_s + settings.drain_s + 5.0,
            pass_fds=[self._listener.fileno()],
        )
        self._supervisor.start(web)
        # While the node starts: the demo's artist, songs and nights.
        nights = asyncio.create_task(self._load_history(settings)) if settings.demo else None
        local = probe.local_url(settings.host, settings.port)
        if not await probe.wait_ready(local, READY_S):
            raise CommandError(f"the web node does not answer on {local} within {READY_S:.0f} s")
        work = Child(
            "worker",
            ["-m", "server.cli", "worker"],
            variables | {"SETROOM_NODE_NAME": f"{settings.node_name}-worker"},
            stop_s=20.0,
        )
        # After the node, which somebody waits for; and it outlives the node, whose jobs it takes.
        self._supervisor.start(work, stops_last=True)
        shown = None
        if nights is not None:
            await nights
            shown = await self._start_demo(settings, local, variables)
            self._background = asyncio.create_task(self._load_more_history(settings))
        self._terminal.welcome(settings, time.monotonic() - self._begun, shown)

    async def _load_history(self, settings: Settings) -> None:
        say = history.in_quarters(self._terminal.step, history.DEMO_ARCHIVE)
        await self._unless_unreachable(history.load_shipped(settings, history.DEMO_ARCHIVE, say))

    async def _load_more_history(self, settings: Settings) -> None:
        for name in history.OTHER_ARCHIVES:
            say = history.in_quarters(lambda _: None, name)
            await self._unless_unreachable(history.load_shipped(settings, name, say))

    async def _unless_unreachable(self, work: Coroutine[None, None, object]) -> None:
        """The archive is no reason not to start: what is missing comes with the next start."""
        try:
            await work
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._terminal.repeat("archive", f"not loaded: {type(error).__name__}")

    async def _start_demo(
        self, settings: Settings, local: str, variables: dict[str, str]
    ) -> demo.DemoShow | None:
        self._terminal.step("opening the demo show")
        file = demo.path_in(settings.data_dir)
        before = demo.version_of(file)
        # The demo speaks only the wire: it gets the address and none of our secrets.
        clean = {name: text for name, text in variables.items() if not name.startswith("SETROOM_")}
        child = Child(
            "demo",
            ["-m", "loadtests.demo", "--url", local, "--data-dir", str(settings.data_dir)],
            clean,
            stop_s=5.0,
            essential=False,
        )
        self._supervisor.start(child)
        return await demo.wait_for(file, before, lambda: self._supervisor.is_running(child))

    async def _revive(self, stores: EmbeddedStores) -> None:
        while True:
            await asyncio.sleep(REVIVE_INTERVAL_S)
            for name in await stores.revive():
                self._terminal.repeat("stores", f"{name} had ended and was started again")

    async def _unless_stopped(self, starting: Coroutine[None, None, StoreUrls]) -> StoreUrls | None:
        """The started stores, or None when the stop came first (the start is then undone)."""
        start = asyncio.create_task(starting)
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({start, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if start.done():
            return start.result()
        start.cancel()
        await asyncio.gather(start, return_exceptions=True)
        return None
