"""The embedded PostgreSQL: created once, started, checked, stopped."""

import asyncio
import math
import os
import secrets
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from storage.embedded.account import Account
from storage.embedded.binaries import Binaries
from storage.embedded.errors import EmbeddedStoreError
from storage.embedded.files import remove_tree, sync_folder, write_durably
from storage.embedded.ports import free_port
from storage.embedded.process import (
    ENDED_POLL_S,
    POLL_S,
    ChildProcess,
    clear,
    end_leftovers,
    last_complaint,
)

SUPERUSER = "setroom"
DATABASE = "setroom"
MAJOR_VERSION = "18"
SOCKET_PATH_BYTES_MAX = 100
"""A unix socket's whole path; the kernel's limit is 104 (macOS) or 108 bytes."""

START_TIMEOUT_S = 120.0
"""Recovery after a kill replays at most max_wal_size; this is far beyond it."""

STARTS_MAX = 3
"""Attempts to start: the port may be somebody else's by the time that the server binds it, and a
process of an earlier life may still hold the shared memory."""

NOT_YET = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it starts up, or recovers
    asyncpg.ObjectInUseError,  # a server's own worker is in the template of new databases
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What is said to those who come while a server starts."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "unix_socket_permissions": "0700",
    "log_line_prefix": "%m [%p] ",
}


class EmbeddedPostgres:
    """One PostgreSQL server with its data in ``folder``.

    Args:
        folder: the stores' folder; the data goes to ``postgres`` below it.
        account: what the server runs as.
        durable: False turns fsync off, for data that is thrown away anyway (tests).
    """

    def __init__(
        self, folder: Path, account: Account, binaries: Binaries, *, durable: bool = True
    ) -> None:
        self._folder = folder
        self._data = folder / "postgres"
        self._log = folder / "postgres.log"
        self._account = account
        self._binaries = binaries
        self._durable = durable
        self._process: ChildProcess | None = None
        self._temporary_sockets: Path | None = None
        self._password = ""
        self.port: int | None = None

    @property
    def url(self) -> str:
        """The address of the database, with its password."""
        return f"postgresql://{SUPERUSER}:{self._password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Whether a started server is no longer there."""
        return self._process is not None and self._process.exit_code is not None

    async def wait_ended(self) -> None:
        """Wait until the started server is no longer there."""
        assert self._process is not None
        await self._process.wait(math.inf, ENDED_POLL_S)

    async def start(self, progress: Callable[[str], None]) -> None:
        """Create the data folder if there is none, clear up after an earlier life, start, and
        wait until it answers.

        Raises:
            EmbeddedStoreError: it cannot be created or started.
        """
        self._password = self._read_password()
        await self._create(progress)
        progress("starting PostgreSQL")
        for _ in range(STARTS_MAX):
            if await self._starts(self.port or free_port()):
                return
        raise EmbeddedStoreError(
            f"PostgreSQL did not start: {last_complaint(self._log)} (log: {self._log})"
        )

    async def _starts(self, port: int) -> bool:
        """One attempt: nothing of it is left when it fails."""
        await end_leftovers("postgres", self._data, signal.SIGQUIT)
        # Nobody works in this folder and we hold its lock, so what these files say is untrue:
        # the process id in them may be cut short, or be somebody else's by now.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        process = self._launch(port)
        if await self._is_ready(process, port):
            self.port = port
            return True
        await process.stop([(signal.SIGQUIT, 5.0)])
        return False

    async def stop(self) -> None:
        """Stop it with a checkpoint (clients are disconnected), at the latest at once."""
        if self._process is not None:
            # Fast shutdown, then immediate: https://www.postgresql.org/docs/18/server-shutdown.html
            await self._process.stop([(signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0)])
            self._process = None
        if self._temporary_sockets is not None:
            remove_tree(self._temporary_sockets)
            self._temporary_sockets = None

    def _read_password(self) -> str:
        """The server's own password, written before the server is created."""
        path = self._folder / "postgres.password"
        if not path.exists():
            if self._data.exists():
                raise EmbeddedStoreError(f"{path} is missing: its database cannot be opened")
            write_durably(path, secrets.token_hex(24))
        return path.read_text().strip()

    async def _create(self, progress: Callable[[str], None]) -> None:
        for unfinished in self._folder.glob("postgres-building-*"):
            await clear(unfinished, ("initdb", "postgres"))
        version_file = self._data / "PG_VERSION"
        if self._data.exists():
            found = version_file.read_text().strip() if version_file.exists() else "no"
            if found != MAJOR_VERSION:
                raise EmbeddedStoreError(
                    f"{self._data} holds {found} PostgreSQL data, but this is PostgreSQL "
                    f"{MAJOR_VERSION}: move the folder away or bring it over with pg_upgrade"
                )
            return
        progress("creating the database")
        building = Path(tempfile.mkdtemp(dir=self._folder, prefix="postgres-building-"))
        password_file = building / "password"
        write_durably(password_file, self._password)
        data = building / "postgres"
        data.mkdir(mode=0o700)
        # initdb runs as the account and reads the password itself.
        for path in (building, password_file, data):
            self._account.own(path)
        await self._run_initdb(data, password_file)
        self._accept(data)
        remove_tree(building)

    def _accept(self, data: Path) -> None:
        """Only a finished database gets the name that a start looks for."""
        data.rename(self._data)
        sync_folder(self._folder)

    async def _run_initdb(self, data: Path, password_file: Path) -> None:
        command = [
            str(self._binaries.initdb),
            *("-D", str(data)),
            *("--username", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            # Code point order as with C, but upper and lower know more than ASCII.
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            # A random password of 192 bits needs no stretching; connecting stays cheap.
            *("--set", "scram_iterations=1"),
        ]
        if not self._durable:
            command.append("--no-sync")
        process = ChildProcess.start_store(
            command,
            account=self._account,
            death_signal=signal.SIGKILL,
            log=self._log,
            folder=data,
        )
        try:
            if not await process.wait(START_TIMEOUT_S) or process.exit_code != 0:
                complaint = last_complaint(self._log)
                raise EmbeddedStoreError(
                    f"the database could not be created: {complaint} (log: {self._log})"
                )
        finally:
            await process.stop([])

    def _launch(self, port: int) -> ChildProcess:
        settings = SETTINGS | {
            "port": str(port),
            "unix_socket_directories": str(self._socket_folder(port)),
            "fsync": "on" if self._durable else "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = ChildProcess.start_store(
            [str(self._binaries.postgres), "-D", str(self._data), *options],
            account=self._account,
            # Immediate shutdown: the next start recovers from the log, and can begin at once.
            death_signal=signal.SIGQUIT,
            log=self._log,
            folder=self._data,
        )
        return self._process

    def _socket_folder(self, port: int) -> Path:
        """A folder for the unix socket, empty but for this server's."""
        folder = self._folder / "sockets"
        if len(os.fsencode(folder / f".s.PGSQL.{port}")) > SOCKET_PATH_BYTES_MAX:
            marker = self._folder / "sockets.path"
            if marker.exists():
                remove_tree(Path(marker.read_text()))
            folder = Path(tempfile.mkdtemp(prefix="setroom-"))
            write_durably(marker, str(folder))
            self._temporary_sockets = folder
        folder.mkdir(exist_ok=True, mode=0o700)
        for stale in folder.glob(".s.PGSQL.*"):
            stale.unlink()
        self._account.own(folder)
        return folder

    async def _is_ready(self, process: ChildProcess, port: int) -> bool:
        """Wait until it answers and has the database; False when the server ends instead.

        Raises:
            EmbeddedStoreError: it runs, and does not answer in time or refuses.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        said = "no answer"
        while time.monotonic() < deadline and process.exit_code is None:
            try:
                await self._create_database(port)
                return True
            except NOT_YET as error:
                said = str(error) or type(error).__name__
                await asyncio.sleep(POLL_S)
            except asyncpg.PostgresError as error:
                # Unless it was not ours that answered: then ours cannot have the port, and ends.
                if not await process.wait(1.0):
                    raise EmbeddedStoreError(f"PostgreSQL refuses: {error}") from None
        if process.exit_code is None:
            raise EmbeddedStoreError(
                f"PostgreSQL did not answer in {START_TIMEOUT_S:.0f} s: {said} (log: {self._log})"
            )
        return False

    async def _create_database(self, port: int) -> None:
        connection = await self._connect(port, "postgres")
        try:
            found = await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname = $1", DATABASE
            )
            if not found:
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close(timeout=5)

    async def _connect(self, port: int, database: str) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            host="127.0.0.1",
            port=port,
            user=SUPERUSER,
            password=self._password,
            database=database,
            ssl=False,
            timeout=5,
        )
