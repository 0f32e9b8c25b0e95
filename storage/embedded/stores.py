"""The two embedded stores of one data folder, started and stopped together."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from storage.embedded.account import Account, store_account
from storage.embedded.binaries import find_binaries
from storage.embedded.errors import EmbeddedStoreError
from storage.embedded.files import write_durably
from storage.embedded.lock import DataFolderLock, is_held
from storage.embedded.postgres import EmbeddedPostgres
from storage.embedded.valkey import EmbeddedValkey

ELSEWHERE = Path("/var/lib/setroom")
"""Where root's stores go when their account cannot reach the data folder."""

ADDRESSES_NAME = "stores.json"


@dataclass(frozen=True, slots=True)
class StoreUrls:
    """Addresses of the running stores. They contain passwords: never log them."""

    database_url: str
    redis_url: str

    def __repr__(self) -> str:
        return "StoreUrls(…)"


class EmbeddedStores:
    """PostgreSQL and Valkey below ``data_dir``; one process at a time may have them.

    Args:
        data_dir: created if missing.
        durable: False turns fsync off, for data that is thrown away anyway (tests).
        progress: told in a few words what is going on.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._durable = durable
        self._progress = progress
        self._lock = DataFolderLock(self.data_dir)
        self._postgres: EmbeddedPostgres | None = None
        self._valkey: EmbeddedValkey | None = None

    async def start(self) -> StoreUrls:
        """Take the folder's lock and start both stores.

        Raises:
            DataFolderBusyError: another process has this data folder.
            EmbeddedStoreError: a store cannot run; the message is one line.
        """
        self._make_data_dir()
        self._lock.acquire()
        try:
            account = store_account()
            folder = stores_folder(self.data_dir, account)
            binaries = find_binaries(account, folder)
            self._postgres = EmbeddedPostgres(folder, account, binaries, durable=self._durable)
            self._valkey = EmbeddedValkey(folder, account, binaries)
            await self._valkey.start(self._progress)
            await self._postgres.start(self._progress)
            urls = StoreUrls(self._postgres.url, self._valkey.url)
            addresses = {"database_url": urls.database_url, "redis_url": urls.redis_url}
            write_durably(self.data_dir / ADDRESSES_NAME, json.dumps(addresses))
        except BaseException:
            await self.stop()
            raise
        return urls

    async def stop(self) -> None:
        """Stop Valkey, then PostgreSQL, then let go of the folder. Safe to call twice."""
        if not self._lock.is_mine:
            return
        (self.data_dir / ADDRESSES_NAME).unlink(missing_ok=True)
        try:
            if self._valkey is not None:
                await self._valkey.stop()
            if self._postgres is not None:
                await self._postgres.stop()
        finally:
            self._lock.release()

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The PostgreSQL of started stores."""
        assert self._postgres is not None, "not started"
        return self._postgres

    @property
    def valkey(self) -> EmbeddedValkey:
        """The Valkey of started stores."""
        assert self._valkey is not None, "not started"
        return self._valkey

    async def revive(self) -> list[str]:
        """Start again, on the same port, each store that has ended unexpectedly.

        Returns:
            The names of those that had to be started.
        """
        revived = []
        if self.valkey.has_ended:
            await self.valkey.start(self._progress)
            revived.append("Valkey")
        if self.postgres.has_ended:
            await self.postgres.start(self._progress)
            revived.append("PostgreSQL")
        return revived

    def _make_data_dir(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            # The stores' account passes through; what is in here is closed file by file.
            self.data_dir.chmod(0o711)
        except OSError as error:
            raise EmbeddedStoreError(
                f"the data folder {self.data_dir} cannot be used: {error.strerror}"
            ) from None


def stores_folder(data_dir: Path, account: Account) -> Path:
    """Where the stores keep their files: ``data_dir``/stores, a real folder wherever possible.

    Root's stores run under another account. When a folder above ``data_dir`` is closed to it
    (root's own home), ``stores`` becomes a link to a folder of its own below /var/lib/setroom.
    """
    folder = data_dir / "stores"
    if folder.is_symlink():
        # The link may have outlived its target, when somebody cleared /var/lib by hand.
        folder.readlink().mkdir(parents=True, exist_ok=True, mode=0o711)
        return folder.resolve()
    if folder.exists() or account.can_reach(folder):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
        return folder.resolve()
    target = ELSEWHERE / secrets.token_hex(6)
    target.mkdir(parents=True)
    for path in (ELSEWHERE, target):
        path.chmod(0o711)
    folder.symlink_to(target)
    return target


def running_stores(data_dir: Path) -> StoreUrls | None:
    """The addresses of stores that another process runs on ``data_dir`` now, if any does."""
    if not is_held(data_dir):
        return None
    try:
        addresses = json.loads((data_dir / ADDRESSES_NAME).read_text())
        return StoreUrls(addresses["database_url"], addresses["redis_url"])
    except (OSError, ValueError, KeyError):
        return None
