"""The members of a lane, each with the shortest way to it.

Writing the same bytes to many receivers costs one system call each. What Python adds to that is
mostly memory that has to be looked at per receiver, so a sweep looks at one list of numbers only:
the *outlets* of connections that are open, keep up and have nothing queued (see `Direct`), which
one function writes to. An outlet is taken out of the list while its receiver is behind, and for
good once it is gone; such a connection is written to by its own careful `write`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

from rooms.fanout.connection import Connection

NO_OUTLET = -1

BulkWriter = Callable[[Sequence[int], bytes], Sequence[tuple[int, int]]]
"""Writes bytes to outlets. Returns (place in the sequence, bytes taken) of those that did not take
all of them, and of every `NO_OUTLET`; nothing else was written to these."""

GAPS_MIN = 64
"""Fewer places of people who left are not worth making the list anew."""


class Direct(Protocol):
    """A connection that can be written to past its own methods, and knows when it cannot."""

    @property
    def outlet(self) -> int:
        """A number that `write_to_all` knows it by, good until ``watch``'s callback;
        `NO_OUTLET`: only by `Connection.write`, which may also do nothing."""
        ...

    @property
    def write_to_all(self) -> BulkWriter:
        """The same for all connections of its kind."""
        ...

    def finish(self, data: bytes, taken: int) -> int:
        """Writes what the outlet did not take, before anything else. Returns the backlog."""
        ...

    def watch(self, changed: Callable[[Connection], None] | None) -> None:
        """Calls back with the connection, at once, when `outlet` becomes something else."""
        ...


def direct(connection: Connection) -> Direct | None:
    """The connection as one with an outlet, if it is of such a kind."""
    # Not by isinstance: a protocol's look at every name costs more than the rest of a join here.
    return cast(Direct, connection) if hasattr(connection, "write_to_all") else None


def _none_of(outlets: Sequence[int], _: bytes) -> Sequence[tuple[int, int]]:
    return [(place, 0) for place in range(len(outlets))]


class Members:
    """Connections in the order of their coming, each at a place of its own.

    A place is never taken again before `close_gaps`, so a sweep that is under way may go on by
    places while people come and go: it meets nobody twice and no newcomer.

    Attributes:
        places: where each member stands.
        connections: by place; ``None`` where somebody left.
        outlets: by place; the number of each, or `NO_OUTLET`.
        write_to_all: writes to outlets.
    """

    __slots__ = ("_changed", "connections", "outlets", "places", "write_to_all")

    def __init__(self) -> None:
        self.places: dict[Connection, int] = {}
        self.connections: list[Connection | None] = []
        self.outlets: list[int] = []
        self.write_to_all: BulkWriter = _none_of
        self._changed = self._change

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, connection: object) -> bool:
        return connection in self.places

    def add(self, connection: Connection) -> None:
        """One more, at the end."""
        self.places[connection] = len(self.connections)
        self.connections.append(connection)
        self.outlets.append(NO_OUTLET)
        known = direct(connection)
        if known is None:
            return
        if self.write_to_all is _none_of:
            self.write_to_all = known.write_to_all
        if self.write_to_all == known.write_to_all:
            known.watch(self._changed)
            self._change(connection)

    def remove(self, connection: Connection) -> bool:
        """One less; whether it was here."""
        place = self.places.pop(connection, None)
        if place is None:
            return False
        self.connections[place] = None
        self.outlets[place] = NO_OUTLET
        known = direct(connection)
        if known is not None:
            known.watch(None)
        return True

    def close_gaps(self) -> None:
        """Moves everybody up if many have left. Not while a sweep goes by places."""
        gaps = len(self.connections) - len(self.places)
        if gaps < GAPS_MIN or gaps * 2 < len(self.connections):
            return
        self.outlets = [self.outlets[place] for place in self.places.values()]
        self.connections = list(self.places)
        self.places = {connection: place for place, connection in enumerate(self.places)}

    def _change(self, connection: Connection) -> None:
        place = self.places.get(connection)
        known = direct(connection)
        if place is not None and known is not None:
            self.outlets[place] = known.outlet
