"""A disk for PostgreSQL that fills up and is freed again.

A small ``tmpfs``, filled by a file beside the data, is a full disk in every respect. Where nothing
may be mounted (a container without that right) a preloaded library says ``ENOSPC`` to everything
that would make a file longer (`no_space.c`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path

DISK_BYTES = 160 * 1024 * 1024
"""Holds a new database, its log and an evening."""

LEFT_BYTES = 64 * 1024
"""Free on the "full" disk: less than any table grows by."""

_SOURCE = Path(__file__).with_name("no_space.c")
_BLOCK = bytes(1024 * 1024)


class SmallDisk(ABC):
    """Where the data lies, and how full it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def data(self) -> Path:
        """For PostgreSQL."""
        return self.folder / "data"

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of PostgreSQL."""
        return {}

    @abstractmethod
    def fill(self) -> None:
        """From now on nothing more fits."""

    @abstractmethod
    def free(self) -> None:
        """There is room again."""


class _Mounted(SmallDisk):
    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while shutil.disk_usage(self.folder).free > LEFT_BYTES:
                free = shutil.disk_usage(self.folder).free
                file.write(_BLOCK[: max(4096, min(len(_BLOCK), free - LEFT_BYTES))])

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


class _Preloaded(SmallDisk):
    @property
    def _flag(self) -> Path:
        return self.folder / "full"

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of PostgreSQL."""
        return {
            "LD_PRELOAD": str(self.folder / "no_space.so"),
            "NO_SPACE_FILE": str(self._flag),
            "NO_SPACE_BELOW": str(self.data),
        }

    def build(self) -> None:
        """Compiles the library.

        Raises:
            subprocess.CalledProcessError, FileNotFoundError: there is no C compiler.
        """
        library = self.folder / "no_space.so"
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        library.chmod(0o755)

    def fill(self) -> None:
        self._flag.touch()

    def free(self) -> None:
        self._flag.unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(*, mount: bool = True) -> Iterator[SmallDisk]:
    """A small disk in a folder of its own.

    Args:
        mount: mounted, or by the library.

    Raises:
        OSError, subprocess.CalledProcessError: nothing may be mounted here; there is no compiler.
    """
    folder = Path(tempfile.mkdtemp(prefix="setroom-disk-")).resolve()
    folder.chmod(0o711)
    mounted = False
    try:
        if mount:
            mounted = _mount(folder)
            folder.chmod(0o711)
            yield _Mounted(folder)
        else:
            preloaded = _Preloaded(folder)
            preloaded.build()
            yield preloaded
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0:
        raise PermissionError("only root may mount a file system")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0711", "tmpfs", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode != 0:
        raise PermissionError(done.stderr.decode(errors="replace").strip())
    return True
