"""A node for the demo to play on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loadtests.faults import processes
from loadtests.faults.processes import Command


@pytest.fixture
async def node(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Command]:
    command = processes.serve(
        database_url, redis_url, tmp_path / "node.log", name="demo", secret_key="k" * 40
    )
    try:
        await command.start()
        yield command
    finally:
        await command.stop()
