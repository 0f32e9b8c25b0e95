"""One server for all scenarios in their small form."""

import asyncio
import shutil
from collections.abc import Iterator

import pytest

from loadtests.faults import processes


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a running server, stores and worker included."""
    folder = processes.data_folder("setroom-load-test-")
    command = processes.up(folder, folder / "up.log")
    try:
        asyncio.run(command.start())
        yield command.url
    finally:
        asyncio.run(command.stop())
        shutil.rmtree(folder, ignore_errors=True)
