"""Fixtures of the setlist document's tests."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterator

import pytest

from tests.crdt.room_model import RoomModel
from tests.crdt.yjs_oracle import FOLDER, YjsOracle


def _install() -> None:
    """Install Yjs once, whichever test process comes first; the others wait for the whole of it.

    npm writes its hidden lock file last: a folder without it is one that is still being filled.
    """
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "node_modules" / ".package-lock.json").is_file():
            subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=FOLDER,
                check=True,
            )


@pytest.fixture(scope="session")
def oracle() -> Iterator[YjsOracle]:
    """Yjs in JavaScript; installed from its lock file if it is not there yet."""
    _install()
    yjs = YjsOracle()
    yield yjs
    yjs.close()


@pytest.fixture
def room(oracle: YjsOracle) -> RoomModel:
    """A room with an empty setlist."""
    return RoomModel(oracle)
