"""What lies around a simulated socket: its phone, who watches it, and the system's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tests.simulation.loop import Process

if TYPE_CHECKING:
    from tests.simulation.wires import Wire


class Phone(Protocol):
    """The far end."""

    process: Process

    def opened(self, wire: Wire) -> None: ...
    def hears(self, wire: Wire, frames: bytes) -> None: ...
    def closed(self, wire: Wire, code: int, reason: str) -> None: ...


class Watcher(Protocol):
    """Sees what is written to a socket, at that moment."""

    def wrote(self, wire: Wire, frames: bytes) -> None: ...
    def told_to_close(self, wire: Wire, code: int, reason: str) -> None: ...
    def arrives(self, wire: Wire, command_id: str) -> None: ...
    def misused(self, wire: Wire) -> None: ...


class Outlets:
    """Every socket by a number, as an operating system knows it."""

    def __init__(self) -> None:
        self._wires: list[Wire] = []

    def add(self, wire: Wire) -> int:
        """One more; its number."""
        self._wires.append(wire)
        return len(self._wires) - 1

    def write_to_all(self, outlets: Sequence[int], data: bytes) -> Sequence[tuple[int, int]]:
        """`server.egress.bulk.write_to_all`."""
        left = []
        for place, number in enumerate(outlets):
            taken = 0 if number < 0 else self._wires[number].begin(data)
            if taken != len(data):
                left.append((place, taken))
        return left
