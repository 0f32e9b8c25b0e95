"""How much one participant may send: token buckets, shared by all of its sockets on a node."""

from __future__ import annotations

from rooms import limits


class TokenBucket:
    """``rate`` tokens a second, up to ``burst`` of them saved (all of them at the start)."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = float("-inf")

    def take(self, now: float) -> float:
        """Takes one token.

        Args:
            now: monotonic seconds.

        Returns:
            0.0 when there was one; otherwise the seconds until there is one, and none is taken.
        """
        self._refill(now)
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate

    def is_full(self, now: float) -> bool:
        """Whether forgetting this bucket would change nothing."""
        self._refill(now)
        return self._tokens >= self._burst

    def _refill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now


class Allowance:
    """The buckets of one participant in one room, made when they are first used: an audience of
    thousands says nothing."""

    __slots__ = ("_commands", "_polls", "_updates")

    def __init__(self) -> None:
        self._commands: TokenBucket | None = None
        self._updates: TokenBucket | None = None
        self._polls: TokenBucket | None = None

    @property
    def commands(self) -> TokenBucket:
        """Text messages."""
        if self._commands is None:
            self._commands = TokenBucket(limits.COMMANDS_PER_SECOND, limits.COMMANDS_BURST)
        return self._commands

    @property
    def updates(self) -> TokenBucket:
        """Yjs updates."""
        if self._updates is None:
            self._updates = TokenBucket(
                limits.SETLIST_UPDATES_PER_SECOND, limits.SETLIST_UPDATES_BURST
            )
        return self._updates

    @property
    def polls(self) -> TokenBucket:
        """Long polls."""
        if self._polls is None:
            self._polls = TokenBucket(limits.POLLS_PER_SECOND, limits.POLLS_BURST)
        return self._polls

    def is_full(self, now: float) -> bool:
        """Whether nothing was used lately."""
        buckets = (self._commands, self._updates, self._polls)
        return all(bucket is None or bucket.is_full(now) for bucket in buckets)


class Allowances:
    """Allowances of everybody on this node; reconnecting does not renew one."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Allowance] = {}
        self._prune_at = limits.ALLOWANCES_KEPT

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._kept)

    def of(self, show_id: str, participant_id: str, now: float) -> Allowance:
        """The allowance of one participant in one room. ``now``: monotonic seconds."""
        key = (show_id, participant_id)
        allowance = self._kept.get(key)
        if allowance is None:
            if len(self._kept) >= self._prune_at:
                self._prune(now)
            allowance = self._kept[key] = Allowance()
        return allowance

    def _prune(self, now: float) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if not kept.is_full(now)}
        # Doubling keeps pruning cheap per call when everybody is busy.
        self._prune_at = max(limits.ALLOWANCES_KEPT, 2 * len(self._kept))
