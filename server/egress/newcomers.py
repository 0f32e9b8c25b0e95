"""Connections that have said nothing whole yet: so many of them, and the oldest makes room.

A network address is no identity: a venue's ten thousand phones share one. What tells them from a
flood is that they come to the point at once. So no address has a bound; whoever waits longest
without having asked for anything goes first when there are too many, or when the node has no
descriptors left for somebody new.
"""

from __future__ import annotations

import resource
from typing import Final, Protocol

NEWCOMERS_MAX: Final = 8_000
"""On one node, at the same time. Ten thousand phones that come within a second are here for some
ms each, those that the kernel keeps back not yet."""

DESCRIPTORS_KEPT: Final = 256
"""Of the process: for stores, files and the listener. Without them a node could serve nobody."""


class Newcomer(Protocol):
    """One connection."""

    def drop(self) -> None:
        """Ends it at once."""
        ...


class Newcomers:
    """Those of one node, the oldest first.

    Args:
        newcomers_max: how many at a time.
        connections_max: how many of all kinds the process can hold.
    """

    def __init__(
        self, newcomers_max: int = NEWCOMERS_MAX, connections_max: int | None = None
    ) -> None:
        self._waiting: dict[Newcomer, None] = {}
        self._newcomers_max = newcomers_max
        self._connections_max = connections_max or _descriptors() - DESCRIPTORS_KEPT
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def came(self, newcomer: Newcomer, connections: int) -> None:
        """One more. ``connections``: of this process, this one included."""
        self._waiting[newcomer] = None
        if len(self._waiting) > self._newcomers_max or connections > self._connections_max:
            # With nobody else to make room it is the newcomer who goes.
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            self.dropped += 1
            oldest.drop()

    def settled(self, newcomer: Newcomer) -> None:
        """It asked for something, or left."""
        self._waiting.pop(newcomer, None)


def _descriptors() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 30 if soft == resource.RLIM_INFINITY else max(soft, 2 * DESCRIPTORS_KEPT)
