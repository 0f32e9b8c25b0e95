"""The embedded Valkey: started, checked, stopped. It keeps nothing: Postgres is the truth."""

import asyncio
import math
import secrets
import signal
import time
from collections.abc import Callable
from pathlib import Path

from storage.embedded.account import Account
from storage.embedded.binaries import Binaries
from storage.embedded.errors import EmbeddedStoreError
from storage.embedded.files import write_durably
from storage.embedded.ports import free_port
from storage.embedded.process import (
    ENDED_POLL_S,
    POLL_S,
    ChildProcess,
    end_leftovers,
    last_complaint,
)

START_TIMEOUT_S = 60.0
STARTS_MAX = 3
"""Attempts to start: the port may be somebody else's by the time that the server binds it."""

MEMORY_BYTES_MAX = 512 * 1024 * 1024
"""The bus and the job queue hold a few MiB; a mistake must not take the machine."""


class EmbeddedValkey:
    """One Valkey server that works in ``folder``/valkey.

    It can be stopped and started again on the same port (empty, as after a crash).
    """

    def __init__(self, folder: Path, account: Account, binaries: Binaries) -> None:
        self._folder = folder / "valkey"
        self._log = folder / "valkey.log"
        self._account = account
        self._binaries = binaries
        self._process: ChildProcess | None = None
        self._password = secrets.token_hex(24)
        self.port: int | None = None

    @property
    def url(self) -> str:
        """The server's address, with its password."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
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
        """Clear up after an earlier life, start, and wait until it answers.

        Raises:
            EmbeddedStoreError: it cannot be started.
        """
        progress("starting Valkey")
        self._folder.mkdir(exist_ok=True, mode=0o700)
        self._account.own(self._folder)
        for _ in range(STARTS_MAX):
            await end_leftovers("valkey-server", self._folder, signal.SIGKILL)
            port = self.port or free_port()
            process = self._launch(port)
            if await self._is_ready(process, port):
                self.port = port
                return
            await process.stop([])
        raise EmbeddedStoreError(
            f"Valkey did not start: {last_complaint(self._log)} (log: {self._log})"
        )

    async def stop(self) -> None:
        """Stop it; what it held is gone."""
        if self._process is not None:
            await self._process.stop([(signal.SIGTERM, 5.0)])
            self._process = None

    def _launch(self, port: int) -> ChildProcess:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "dir": f'"{self._folder}"',
            "save": '""',
            "appendonly": "no",
            "daemonize": "no",
            "requirepass": self._password,
            "maxmemory": str(MEMORY_BYTES_MAX),
            "maxmemory-policy": "noeviction",
            "enable-debug-command": "no",
        }
        # A file, not arguments: everybody can read another process's arguments.
        file = self._folder / "valkey.conf"
        write_durably(file, "".join(f"{name} {value}\n" for name, value in settings.items()))
        self._account.own(file)
        self._process = ChildProcess.start_store(
            [str(self._binaries.valkey), str(file)],
            account=self._account,
            death_signal=signal.SIGKILL,
            log=self._log,
            folder=self._folder,
        )
        return self._process

    async def _is_ready(self, process: ChildProcess, port: int) -> bool:
        """Wait until a PING is answered; False when the server ends instead.

        Raises:
            EmbeddedStoreError: it runs and does not answer in time.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and process.exit_code is None:
            if await self._answers(port):
                return True
            await asyncio.sleep(POLL_S)
        if process.exit_code is None:
            raise EmbeddedStoreError(
                f"Valkey did not answer in {START_TIMEOUT_S:.0f} s (log: {self._log})"
            )
        return False

    async def _answers(self, port: int) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        try:
            writer.write(f"AUTH {self._password}\r\nPING\r\n".encode())
            async with asyncio.timeout(2.0):
                answers = await reader.readline() + await reader.readline()
            return answers == b"+OK\r\n+PONG\r\n"
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()
