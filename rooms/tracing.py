"""What a room tells whoever follows commands on their way: the port of tracing.

A node that traces nothing has no `Tracing` at all: what that costs is one comparison with ``None``
per command, turn and publication. `server.telemetry` has the one that exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from rooms.commands import Envelope

TRACE_CHARACTERS_MAX = 55
"""A ``traceparent`` of version 00 (W3C Trace Context, section 3.2) has exactly so many."""


class Sweeping(Protocol):
    """The part of a hub that is needed here."""

    def after_sweep(self, callback: Callable[[], None]) -> None:
        """Calls back once, when all that waits now has been written."""
        ...


class Tracing(Protocol):
    """Follows what somebody chose to follow when it came in, and ignores everything else."""

    def submitted(self, envelope: Envelope) -> None:
        """A command went into an inbox, in its author's own context."""
        ...

    def turn(self, show_id: str, batch: Sequence[Envelope]) -> AbstractContextManager[None]:
        """Around a turn that decides these, until they are answered."""
        ...

    def carried(self) -> str | None:
        """What a publication of the turn under way carries to other nodes."""
        ...

    def heard(self, show_id: str, trace: str) -> AbstractContextManager[None]:
        """Around another node's turn that is taken over here."""
        ...

    def showing(self, show_id: str, events: int, hub: Sweeping) -> None:
        """Events were handed to the hub, in the turn under way or the one that was heard."""
        ...
