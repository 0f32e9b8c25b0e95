"""What a hostile input is, and what its maker may know about the room."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from loadtests.wire import SetlistDocument


@dataclass(frozen=True, slots=True)
class Text:
    """A text frame."""

    content: str


@dataclass(frozen=True, slots=True)
class Binary:
    """A binary frame."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes for the transport itself, past the websocket library."""

    content: bytes


Part = Text | Binary | Raw

CLOSED = "close"
"""Outcome prefix: the socket was closed, with its code: ``close:1007``."""
REJECTED = "reject"
REFUSED = "refused"
ACKED = "ack"
SAVED = "saved"
SILENCE = "silence"
"""Nothing was said about it, and the socket went on."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """One input.

    Attributes:
        kind: its category; expectations and the report are by category.
        parts: what is sent, in order.
        allowed: outcomes that the contract allows, ``prefix`` or ``prefix:code``.
        updates: Yjs updates among the parts that the server counts in ``setlist_saved``.
        spoils: the sender's document is not to be used afterwards.
    """

    kind: str
    parts: tuple[Part, ...]
    allowed: frozenset[str]
    updates: int = 0
    spoils: bool = False

    def permits(self, outcome: str) -> bool:
        """Whether this outcome is one of those allowed."""
        return outcome in self.allowed or outcome.split(":")[0] in self.allowed


@dataclass(slots=True)
class Knowledge:
    """What an attacker knows: all that a participant can read, and more than it should."""

    rng: random.Random
    setlist: SetlistDocument
    me: str
    victim: str
    """Participant id of somebody else: the artist."""
    victim_client: int
    """The artist's Yjs client id."""
    foreign_round: str
    """A round of another show."""
    open_round: str
    said: list[str] = field(default_factory=list)
    """Commands said before and answered: to be replayed."""


Maker = Callable[[Knowledge], Hostile]


def allowed(*outcomes: str) -> frozenset[str]:
    """A set of outcomes."""
    return frozenset(outcomes)
