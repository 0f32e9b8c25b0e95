"""Clients for a `RedisAddress`, with bounded connections and bounded waits.

Whoever works with one need not know which form it is: keys that a script or a transaction uses
together carry one hash tag (``{…}``), so that a cluster keeps them in one slot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeAlias

from redis.asyncio import (
    BlockingConnectionPool,
    Connection,
    Redis,
    RedisCluster,
    Sentinel,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisClusterException

from storage.redis.addresses import Form, RedisAddress, parse

AnyRedis: TypeAlias = Redis | RedisCluster
"""A client of any form. A cluster's is bound to the event loop that it is first used in."""

TRIES_AGAIN = 1
"""A call whose connection broke, or that a replica refused, is made again once."""

CLUSTER_TRIES_AGAIN = 2
"""In a cluster the map is read again between two tries."""

WAITING_TIMEOUT_S = 10.0
"""For the answer to a call that may block on the server."""

CONNECT_TIMEOUT_S = 2.0

_BACKOFF = (0.2, 0.02)
"""Longest and first wait between these tries, in seconds."""


def connect(
    address: str | RedisAddress,
    *,
    timeout_s: float,
    connect_s: float,
    connections_max: int,
    wait_s: float = 5.0,
    tries_again: int = TRIES_AGAIN,
) -> AnyRedis:
    """A client; it connects when it is first used.

    Args:
        address: parsed, or as ``SETROOM_REDIS_URL`` has it.
        timeout_s: for one answer.
        connect_s: for one connection.
        connections_max: bound of the pool (of a cluster: for each of its nodes).
        wait_s: how long a call waits for one of them (a cluster's does not wait: who may make
            more calls than that at once bounds them).
        tries_again: how often a call whose connection broke is made again (not in a cluster).

    Raises:
        ValueError: no address.
    """
    if isinstance(address, str):
        address = parse(address)
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": connect_s,
        **address.credentials,
    }
    if address.form is Form.CLUSTER:
        return _cluster(address, connections_max, options)
    # A primary that became a replica keeps its connections and refuses writes: leave it.
    retry = Retry(ExponentialWithJitterBackoff(*_BACKOFF), tries_again)
    options |= {"retry": retry, "retry_on_error": [ReadOnlyError], "db": address.db}
    options |= {"max_connections": connections_max, "timeout": wait_s}
    if address.form is Form.SENTINEL:
        return _sentinel(address, options)
    return Redis.from_pool(BlockingConnectionPool(**_place(address), **options))


def connecting(address: str | RedisAddress) -> Callable[[int], AnyRedis]:
    """Makes clients with so many connections each, for whoever may not know this module (jobs).
    Their calls may block for seconds: they wait for work.

    Raises:
        ValueError: no address.
    """
    parsed = parse(address) if isinstance(address, str) else address

    def made(connections_max: int) -> AnyRedis:
        return connect(
            parsed,
            timeout_s=WAITING_TIMEOUT_S,
            connect_s=CONNECT_TIMEOUT_S,
            connections_max=connections_max,
            wait_s=WAITING_TIMEOUT_S,
        )

    return made


def connect_to(host: str, port: int, address: RedisAddress, **options: Any) -> Redis:
    """A client of one server of a cluster, without retries: for subscriptions, and for asking.

    Args:
        address: the cluster's; credentials and TLS are the same on every node.
        options: further arguments of a `redis.asyncio.Redis`.
    """
    return Redis(host=host, port=port, **_tls(address), **address.credentials, **options)


def _tls(address: RedisAddress) -> dict[str, Any]:
    return {} if address.tls is None else {"ssl": True, **address.tls}


def _place(address: RedisAddress) -> dict[str, Any]:
    if address.path:
        return {"connection_class": UnixDomainSocketConnection, "path": address.path}
    ((host, port),) = address.hosts
    kind = Connection if address.tls is None else SSLConnection
    return {"connection_class": kind, "host": host, "port": port, **(address.tls or {})}


def _cluster(address: RedisAddress, connections_max: int, options: dict[str, Any]) -> RedisCluster:
    return _Cluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.hosts],
        max_connections=connections_max,
        # A shard that is away must not keep the others' keys from being served.
        require_full_coverage=False,
        retry=Retry(ExponentialWithJitterBackoff(*_BACKOFF), CLUSTER_TRIES_AGAIN),
        # Who says MOVED has said where: the whole map is read again only now and then.
        reinitialize_steps=1,
        **_tls(address),
        **options,
    )


class _Cluster(RedisCluster):
    """Tells callers that nobody can be reached as all other clients do: redis-py's
    `RedisClusterException` is not one of its `RedisError`, by which everybody knows it."""

    async def initialize(self, *arguments: Any, **named: Any) -> RedisCluster:
        """See `redis.asyncio.RedisCluster.initialize`."""
        try:
            return await super().initialize(*arguments, **named)
        except RedisClusterException as error:
            raise RedisConnectionError(str(error)) from error

    async def execute_command(self, *arguments: Any, **named: Any) -> Any:
        """See `redis.asyncio.RedisCluster.execute_command`."""
        try:
            return await super().execute_command(*arguments, **named)
        except RedisClusterException as error:  # a slot without a node is one
            raise RedisConnectionError(str(error)) from error


class _BlockingSentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """redis-py's pool for a primary behind sentinels, which waits for a free connection."""


class _SentinelRedis(Redis):
    """Closes the connections to the sentinels as well."""

    sentinels: Sentinel

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """See `redis.asyncio.Redis.aclose`."""
        await super().aclose(close_connection_pool)
        await asyncio.shield(self.sentinels.aclose())


def _sentinel(address: RedisAddress, options: dict[str, Any]) -> Redis:
    asking: dict[str, Any] = {
        "socket_timeout": min(options["socket_timeout"], options["socket_connect_timeout"]),
        "socket_connect_timeout": options["socket_connect_timeout"],
        "retry": Retry(ExponentialWithJitterBackoff(*_BACKOFF), 0),
        **_tls(address),
    }
    if address.sentinel_username:
        asking["username"] = address.sentinel_username
    if address.sentinel_password:
        asking["password"] = address.sentinel_password
    untyped: Any = Sentinel
    sentinels: Sentinel = untyped(list(address.hosts), sentinel_kwargs=asking)
    client: _SentinelRedis = sentinels.master_for(
        address.service,
        redis_class=_SentinelRedis,
        connection_pool_class=_BlockingSentinelPool,
        **_tls(address),
        **options,
    )
    client.sentinels = sentinels
    return client
