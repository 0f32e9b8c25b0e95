"""Which node of a cluster has which slot, as the cluster itself says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from msgspec import Struct
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError

from storage.redis.addresses import RedisAddress
from storage.redis.clients import connect_to

Place: TypeAlias = tuple[str, int]
"""Host and port of one server."""

ASK_TIMEOUT_S: Final = 1.0
"""A node that does not answer in this time is passed over."""

PLACES_ASKED_MAX: Final = 16
"""Nodes that are asked for one map."""


class ClusterMap(Struct, frozen=True):
    """The primaries by slot, and every node that was named.

    Attributes:
        owners: one for each slot; ``None``: nobody has it now.
        epoch: of the cluster's configuration: a larger one is newer.
        whole: whether the node that said so can serve (``cluster_state:ok``).
    """

    owners: tuple[Place | None, ...]
    places: tuple[Place, ...]
    epoch: int
    whole: bool

    def owner_of(self, channel: str) -> Place | None:
        """The primary of a channel or key."""
        return self.owners[key_slot(channel.encode())]


class ClusterMaps:
    """Reads maps.

    Args:
        address: of some nodes; whom they name is asked later as well.
        shuffle: puts the nodes in the order in which they are asked.
    """

    def __init__(self, address: RedisAddress, shuffle: Callable[[list[Place]], None]) -> None:
        self._address = address
        self._shuffle = shuffle
        self._known: tuple[Place, ...] = ()

    async def read(self) -> ClusterMap:
        """The map of the first node that can serve; where none can, the newest.

        Raises:
            RedisError, OSError: no node answers.
        """
        found: list[ClusterMap] = []
        failed: Exception = ConnectionError("no node of the cluster is known")
        for place in self._whom():
            try:
                map_ = await self._ask(place)
            except (RedisError, OSError, TimeoutError) as error:
                failed = error
                continue
            found.append(map_)
            if map_.whole:
                break
        if not found:
            raise failed
        best = max(found, key=lambda map_: (map_.whole, map_.epoch))
        self._known = best.places
        return best

    def _whom(self) -> Iterable[Place]:
        known = list(self._known)
        self._shuffle(known)
        return list(dict.fromkeys([*known, *self._address.hosts]))[:PLACES_ASKED_MAX]

    async def _ask(self, place: Place) -> ClusterMap:
        client: Any = connect_to(
            *place,
            self._address,
            socket_timeout=ASK_TIMEOUT_S,
            socket_connect_timeout=ASK_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        async with client:
            # In two words: what redis-py makes of the answers differs between its clients.
            info = _fields(await client.execute_command("CLUSTER", "INFO"))
            ranges: list[list[Any]] = await client.execute_command("CLUSTER", "SLOTS")
        owners: list[Place | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        places: dict[Place, None] = {}
        for first, last, *servers in ranges:
            named = [_place(one, place) for one in servers]
            owners[first : last + 1] = named[:1] * (last + 1 - first)
            places.update(dict.fromkeys(named))
        return ClusterMap(
            owners=tuple(owners),
            places=tuple(places),
            epoch=int(info.get("cluster_current_epoch", 0)),
            whole=info.get("cluster_state") == "ok",
        )


def _place(said: list[Any], asked: Place) -> Place:
    # A node that does not know its own address leaves it to us.
    host = said[0].decode() if said[0] not in (None, b"", b"?") else asked[0]
    return host, int(said[1])


def _fields(said: bytes) -> dict[str, str]:
    lines = said.decode().splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)
