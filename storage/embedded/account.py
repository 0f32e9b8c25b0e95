"""The account that the stores run under, and what that account can reach.

PostgreSQL refuses to run as root. An ordinary user's stores run as that user; root's run as
``setroom`` if the system has such an account, else as ``nobody``.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from storage.embedded.errors import EmbeddedStoreError

ACCOUNTS_FOR_ROOT = ("setroom", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system.

    Attributes:
        changes: whether a child has to change to it (only root can).
    """

    name: str
    uid: int
    gid: int
    changes: bool

    def own(self, path: Path) -> None:
        """Give ``path`` to this account (nothing to do when it is our own)."""
        if self.changes:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_reach(self, path: Path) -> bool:
        """Whether this account may pass through every folder above ``path``."""
        if not self.changes:
            return True
        return all(self._may_pass(parent) for parent in path.resolve().parents)

    def _may_pass(self, folder: Path) -> bool:
        try:
            status = folder.stat()
        except FileNotFoundError:
            return True
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def store_account() -> Account:
    """The account for this process's stores.

    Raises:
        EmbeddedStoreError: root, on a system without an account to change to.
    """
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid(), changes=False)
    for name in ACCOUNTS_FOR_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, changes=True)
    raise EmbeddedStoreError(
        "PostgreSQL does not run as root and this system has no account 'setroom' or 'nobody': "
        "run as an ordinary user"
    )
