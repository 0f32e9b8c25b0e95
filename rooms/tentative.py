"""Counts that a turn moves and that count only if the turn is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Tentative(Generic[K, V]):
    """A dictionary whose forks see it and write beside it, without copying it.

    What a fork wrote is part of it; it becomes part of the whole when the fork is forked in its
    turn, because only a state that was kept is decided upon again. A fork that is thrown away
    leaves nothing behind. Of one that may still be thrown away there is a `branch`.
    """

    __slots__ = ("_before", "_fresh", "_kept")

    def __init__(self) -> None:
        self._kept: dict[K, V] = {}
        self._before: dict[K, V] = {}
        self._fresh: dict[K, V] = {}

    def get(self, key: K, default: V) -> V:
        """The value of a key."""
        if key in self._fresh:
            return self._fresh[key]
        return self._before[key] if key in self._before else self._kept.get(key, default)

    def __setitem__(self, key: K, value: V) -> None:
        self._fresh[key] = value

    def only(self, wanted: Callable[[K], bool]) -> Tentative[K, V]:
        """One of its own, with the keys that are wanted."""
        other: Tentative[K, V] = Tentative()
        known = {**self._kept, **self._before, **self._fresh}
        other._fresh = {key: value for key, value in known.items() if wanted(key)}
        return other

    def fork(self) -> Tentative[K, V]:
        """One to write to on trial. This one is kept."""
        self._kept.update(self._before)
        self._kept.update(self._fresh)
        self._before, self._fresh = {}, {}
        other: Tentative[K, V] = Tentative()
        other._kept = self._kept
        return other

    def branch(self) -> Tentative[K, V]:
        """One to write to on trial, of this one, which is on trial itself.

        It is kept only after this one is; while both are on trial nothing more is written here.
        """
        other: Tentative[K, V] = Tentative()
        other._kept = self._kept
        other._before = {**self._before, **self._fresh} if self._before else self._fresh
        return other
