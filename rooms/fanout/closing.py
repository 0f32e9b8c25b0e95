"""Closing many connections: a slice per turn of the loop, so that other rooms go on meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rooms import limits
from rooms.fanout.connection import Connection
from rooms.scheduler import Scheduler


def close_in_slices(
    scheduler: Scheduler, connections: Sequence[Connection], code: int, reason: str
) -> None:
    """Closes them all, the first `limits.FANOUT_SLICE_RECEIVERS` at once.

    Args:
        scheduler: where the next slices are asked for.
        connections: nothing is said to any of them any more.
        code: a close code, with its ``reason``.
    """
    size = limits.FANOUT_SLICE_RECEIVERS
    for connection in connections[:size]:
        connection.close(code, reason)
    rest = connections[size:]
    if rest:
        scheduler.call_soon(partial(close_in_slices, scheduler, rest, code, reason))
