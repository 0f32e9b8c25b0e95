"""The members of a lane, each with the shortest way to it.

Writing the same bytes to many receivers costs one system call each. What Python adds to that is
mostly memory that has to be looked at per receiver, so a sweep looks at one list only: of bound
methods that are called with the bytes. Where a connection has a *direct* way (its transport's own
``write``, see `Direct`) that is what stands in the list; it is replaced by the connection's
careful `write` while the receiver is behind, and by a method that does nothing once it is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from rooms.fanout.connection import Connection

Write = Callable[[bytes], int | None]
"""Takes bytes; returns the backlog after it, or ``None`` while that cannot be over any bound."""

GAPS_MIN = 64
"""Fewer places of people who left are not worth making the list anew."""


@runtime_checkable
class Direct(Protocol):
    """A connection that knows by itself when its receiver does not keep up."""

    @property
    def direct(self) -> Write | None:
        """The shortest way to an open receiver that keeps up, good until ``watch``'s callback;
        ``None``: only by `Connection.write`, which may also do nothing."""
        ...

    def watch(self, changed: Callable[[Connection], None] | None) -> None:
        """Calls back with the connection, at once, when `direct` becomes something else."""
        ...


def nobody(_: bytes) -> None:
    """The way to a place that is empty."""


class Members:
    """Connections in the order of their coming, each at a place of its own.

    A place is never taken again before `close_gaps`, so a sweep that is under way may go on by
    places while people come and go: it meets nobody twice and no newcomer.

    Attributes:
        places: where each member stands.
        connections: by place; ``None`` where somebody left.
        writes: by place; the way to each.
    """

    __slots__ = ("_changed", "connections", "places", "writes")

    def __init__(self) -> None:
        self.places: dict[Connection, int] = {}
        self.connections: list[Connection | None] = []
        self.writes: list[Write] = []
        self._changed = self._change

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, connection: object) -> bool:
        return connection in self.places

    def add(self, connection: Connection) -> None:
        """One more, at the end."""
        self.places[connection] = len(self.writes)
        self.connections.append(connection)
        if isinstance(connection, Direct):
            self.writes.append(connection.direct or connection.write)
            connection.watch(self._changed)
        else:
            self.writes.append(connection.write)

    def remove(self, connection: Connection) -> bool:
        """One less; whether it was here."""
        place = self.places.pop(connection, None)
        if place is None:
            return False
        self.connections[place] = None
        self.writes[place] = nobody
        if isinstance(connection, Direct):
            connection.watch(None)
        return True

    def close_gaps(self) -> None:
        """Moves everybody up if many have left. Not while a sweep goes by places."""
        gaps = len(self.writes) - len(self.places)
        if gaps < GAPS_MIN or gaps * 2 < len(self.writes):
            return
        self.writes = [self.writes[place] for place in self.places.values()]
        self.connections = list(self.places)
        self.places = {connection: place for place, connection in enumerate(self.places)}

    def _change(self, connection: Connection) -> None:
        place = self.places.get(connection)
        if place is not None and isinstance(connection, Direct):
            self.writes[place] = connection.direct or connection.write
