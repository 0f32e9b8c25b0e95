"""What happened in a night: a digest that two runs of a seed share, and lines to be read."""

from __future__ import annotations

import hashlib
from collections import Counter


class Violation(AssertionError):
    """A promise was broken. The message says which, and by what."""


class Story:
    """Told by everything that is simulated.

    Args:
        keeps: whether the lines are kept for reading; the digest is made either way.

    Attributes:
        counts: how often each kind of thing happened.
        lines: the story, where it is kept.
    """

    def __init__(self, *, keeps: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self.lines: list[str] = []
        self.keeps = keeps
        self._hash = hashlib.blake2b(digest_size=16)

    def tell(self, at: float, kind: str, who: object, what: object = "") -> None:
        """Something happened that is counted."""
        self.counts[kind] += 1
        line = f"{at:9.4f} {who!s:<10} {kind} {what!s}"
        self._hash.update(line.encode())
        if self.keeps:
            self.lines.append(line)

    def line(self, at: float, kind: str, who: object, what: object) -> None:
        """Something for a reader alone: neither counted nor part of the digest."""
        if self.keeps:
            self.lines.append(f"{at:9.4f} {who!s:<10} {kind} {what!s}")

    def mix(self, data: bytes) -> None:
        """Bytes that belong to the digest and tell a reader nothing."""
        self._hash.update(data)

    def digest(self) -> str:
        """Of everything told so far: 32 hexadecimal digits."""
        return self._hash.hexdigest()
