"""Closing many connections: a slice per turn of the loop, so that other rooms go on meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import structlog

from rooms import limits
from rooms.fanout.connection import Connection
from rooms.scheduler import Scheduler

log = structlog.get_logger(__name__)


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
        try:
            connection.close(code, reason)
        except Exception:  # its own fault: all the others are still to be told
            log.exception("socket_not_closed")
    rest = connections[size:]
    if rest:
        scheduler.call_soon(partial(close_in_slices, scheduler, rest, code, reason))
