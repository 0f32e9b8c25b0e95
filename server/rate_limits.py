"""How often something may be tried, counted over all nodes.

An account and a device are identities; a network address is not one, because a whole venue
shares it. So the limits by address are wide (ten thousand guests at doors-open pass) and the
narrow ones go by account and device.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from msgspec import Struct
from redis.exceptions import RedisError

from server.problems import ApiError
from storage.redis.clients import AnyRedis, connect

REDIS_TIMEOUT_S: Final = 1.0
"""A store that does not answer in this time is taken to be away."""

REDIS_CONNECTIONS: Final = 16
REDIS_QUEUE_S: Final = 2.0
"""How long a call waits for one of the connections."""

REDIS_AWAY_S: Final = 5.0
"""While it is away this node counts in memory, and asks again after this long."""


class Rule(Struct, frozen=True):
    """At most ``amount`` in ``window_s`` seconds. ``name`` is part of the key."""

    name: str
    amount: int
    window_s: int

    @property
    def item(self) -> RateLimitItem:
        """The same in the words of `limits`."""
        return RateLimitItemPerSecond(self.amount, self.window_s, namespace=self.name)


LOGIN_BY_ACCOUNT = Rule("login-account", 10, 15 * 60)
"""Failures for one account from devices that it does not know."""

LOGIN_BY_KNOWN_DEVICE = Rule("login-known-device", 10, 15 * 60)
"""Failures on a device that the account has used: guessers elsewhere cannot lock it out."""

LOGIN_BY_DEVICE = Rule("login-device", 30, 15 * 60)
"""Failures of one device over all accounts."""

LOGIN_BY_ADDRESS = Rule("login-address", 3_000, 10 * 60)
"""Failures from one address: ten thousand people, three in ten mistyped."""

PASSWORD_BY_ACCOUNT = Rule("password-account", 10, 15 * 60)
"""Passwords given by somebody who is signed in, to change it or to delete the account."""

EXPORT_BY_ACCOUNT = Rule("export-account", 10, 3600)
"""Exports read all that is kept of somebody."""

SIGNUP_BY_ACCOUNT = Rule("signup-account", 10, 3600)
"""Sign-ups with one e-mail address."""

SIGNUP_BY_DEVICE = Rule("signup-device", 10, 3600)
"""Sign-ups on one device: a family's phone."""

SIGNUP_BY_ADDRESS = Rule("signup-address", 12_000, 10 * 60)
GUESTS_BY_DEVICE = Rule("guests-device", 30, 3600)
GUESTS_BY_ADDRESS = Rule("guests-address", 30_000, 10 * 60)
"""Three venues of ten thousand behind one carrier's address."""

REFRESH_BY_ADDRESS = Rule("refresh-address", 60_000, 10 * 60)
JOIN_CODES_BY_ACCOUNT = Rule("join-codes-account", 30, 10 * 60)
"""Wrong join codes: 32^6 codes are not guessed at this rate."""

SHORT_ADDRESSES_BY_ADDRESS = Rule("short-addresses", 3_000, 10 * 60)
"""Short addresses that lead nowhere: a venue mistypes some, and guessing 31^6 takes for ever."""

JOIN_CODES_BY_PHONE = Rule("join-codes-phone", 10, 10 * 60)
"""Wrong codes in texts of one phone."""

CONFIRM_CODES_BY_PHONE = Rule("confirm-codes-phone", 5, 10 * 60)
"""Wrong codes to prove a phone: one of a million is right, for some minutes."""

CONFIRM_CODES_BY_ACCOUNT = Rule("confirm-codes-account", 20, 10 * 60)
"""Codes that the app shows to one person."""

CONFIRM_LINKS_BY_ACCOUNT = Rule("confirm-links-account", 30, 10 * 60)

MAIL_VERIFICATIONS_BY_ACCOUNT = Rule("mail-verifications", 5, 24 * 3600)
"""Mails that ask whether an address is somebody's: it may be anybody's."""

CHECK_INS_BY_ACCOUNT = Rule("check-ins-account", 20, 10 * 60)
CHECK_INS_BY_DEVICE = Rule("check-ins-device", 40, 10 * 60)
"""Wrong check-in codes: two of 31^6 are right at a time."""


DISPLAY_CALLS = Rule("display-calls", 300, 10 * 60)
"""Tickets and facts of one display: it comes back every second while a network stutters."""

BROADCAST_PREVIEWS = Rule("broadcast-previews", 120, 60)
"""Previews of one person: one for each pause in typing. Each counts a show's audience."""


class RateLimits(Protocol):
    """Counts hits."""

    async def hit(self, rule: Rule, identity: str) -> None:
        """Counts one; raises `ApiError` ``rate_limited`` when that is one too many."""
        ...

    async def test(self, rule: Rule, identity: str) -> None:
        """Raises like `hit`, and counts nothing."""
        ...

    async def clear(self, rule: Rule, identity: str) -> None:
        """Forgets what was counted."""
        ...


class SharedRateLimits:
    """Counts in Redis, and in this node's memory while Redis is away."""

    def __init__(self, redis_url: str) -> None:
        self._memory = FixedWindowRateLimiter(MemoryStorage())
        self._client = connect(
            redis_url,
            timeout_s=REDIS_TIMEOUT_S,
            connect_s=REDIS_TIMEOUT_S,
            connections_max=REDIS_CONNECTIONS,
            wait_s=REDIS_QUEUE_S,
        )
        # Callers wait for a free connection: doors-open must not look like an absent Redis. A
        # cluster's client would refuse them.
        self._places = asyncio.Semaphore(REDIS_CONNECTIONS)
        self._redis = FixedWindowRateLimiter(_Storage(self._client))
        self._redis_again_at = 0.0
        self._log = structlog.get_logger(__name__)

    async def hit(self, rule: Rule, identity: str) -> None:
        """Counts one, or says when to come back."""
        if not await self._ask("hit", rule, identity):
            raise await self._refusal(rule, identity)

    async def test(self, rule: Rule, identity: str) -> None:
        """Says when to come back, if one more would be too many."""
        if not await self._ask("test", rule, identity):
            raise await self._refusal(rule, identity)

    async def clear(self, rule: Rule, identity: str) -> None:
        """Forgets what was counted, in both places."""
        await self._ask("clear", rule, identity)
        await self._memory.clear(rule.item, _key(identity))

    async def close(self) -> None:
        """Lets go of Redis."""
        await self._client.aclose()

    async def _ask(self, method: str, rule: Rule, identity: str) -> bool:
        key = _key(identity)
        if time.monotonic() >= self._redis_again_at:
            try:
                async with self._place():
                    return bool(await getattr(self._redis, method)(rule.item, key))
            except (RedisError, OSError, TimeoutError) as error:
                self._redis_again_at = time.monotonic() + REDIS_AWAY_S
                self._log.warning("rate_limits_in_memory", error=type(error).__name__)
        return bool(await getattr(self._memory, method)(rule.item, key))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        async with asyncio.timeout(REDIS_QUEUE_S):
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _refusal(self, rule: Rule, identity: str) -> ApiError:
        limiter = self._memory if time.monotonic() < self._redis_again_at else self._redis
        try:
            stats = await limiter.get_window_stats(rule.item, _key(identity))
            wait_s = max(1.0, math.ceil(stats.reset_time - time.time()))
        except (RedisError, OSError, TimeoutError):
            wait_s = float(rule.window_s)
        return ApiError(
            429,
            "rate_limited",
            "Too many tries. Wait a little.",
            retry_after_s=min(wait_s, rule.window_s),
        )


class _Storage(RedisStorage):
    """`limits`' own storage on a client of ours, whatever form of Redis that is for. Each limit is
    one key, so it is counted in one slot of a cluster."""

    def __init__(self, client: AnyRedis) -> None:
        self._client = client
        super().__init__("async+redis://", implementation="redispy", key_prefix="setroom:limits")

    def configure_bridge(self) -> None:
        bridge: Any = self.bridge
        bridge.storage = self._client
        bridge.connection_getter = lambda readonly: self._client


def _key(identity: str) -> str:
    """What stands in the store for an address or e-mail: a digest, not the thing itself."""
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
