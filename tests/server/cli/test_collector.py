"""What only the collector can free is freed while a node runs, not after hours."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
import uvicorn

from server.cli.web import COLLECT_EVERY_S, TICKS_PER_SECOND, WebNode


class Ring:
    """Holds itself, as a room that was unloaded does."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def no_thresholds() -> Iterator[None]:
    """As if they were never reached."""
    gc.disable()
    yield
    gc.enable()


async def test_a_running_node_looks_for_garbage_now_and_then(no_thresholds: None) -> None:
    node = WebNode(uvicorn.Config("nobody:nothing"))
    node.config.encoded_headers = []
    ring = weakref.ref(Ring())
    await node.on_tick(1)
    assert ring() is not None
    await node.on_tick(COLLECT_EVERY_S * TICKS_PER_SECOND)
    assert ring() is None
