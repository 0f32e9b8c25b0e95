"""A client's place in the room's log, and whether the server kept its promise about it."""

from __future__ import annotations

from loadtests.wire.messages import EventMessage, Welcome

VIOLATIONS_KEPT = 100


class LogPlace:
    """Follows ``seq``: no gap, no duplicate, in order. What breaks that is kept as text."""

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.seq = 0
        self.violations: list[str] = []

    def welcomed(self, welcome: Welcome) -> bool:
        """Takes a welcome; true when the log is another one than before."""
        other = self.epoch is not None and welcome.epoch != self.epoch
        if welcome.recovered and (other or self.epoch is None):
            self.broken("recovered although nothing, or another epoch, was asked for")
        if welcome.recovered and welcome.seq < self.seq:
            self.broken(f"welcome at {welcome.seq}, but {self.seq} was received before")
        if not welcome.recovered:
            if not other and welcome.seq < self.seq:
                self.broken(f"snapshot at {welcome.seq}, but {self.seq} was received before")
            self.seq = welcome.seq
        self.epoch = welcome.epoch
        return other

    def received(self, event: EventMessage) -> bool:
        """Takes an event; false when it is a duplicate."""
        if event.seq != self.seq + 1:
            self.broken(f"event {event.seq} ({event.name}) followed {self.seq}")
        if event.seq <= self.seq:
            return False
        self.seq = event.seq
        return True

    def broken(self, what: str) -> None:
        """Keeps what went against the contract, in words."""
        if len(self.violations) < VIOLATIONS_KEPT:
            self.violations.append(what)
