"""Fixtures of the setlist document's tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.crdt.room_model import RoomModel
from tests.crdt.yjs_oracle import FOLDER, YjsOracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[YjsOracle]:
    """Yjs in JavaScript; installed from its lock file if it is not there yet."""
    if not (FOLDER / "node_modules" / "yjs").is_dir():
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER, check=True
        )
    yjs = YjsOracle()
    yield yjs
    yjs.close()


@pytest.fixture
def room(oracle: YjsOracle) -> RoomModel:
    """A room with an empty setlist."""
    return RoomModel(oracle)
