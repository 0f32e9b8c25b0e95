"""The arithmetic from a night's figures to nodes, cores, memory, turns and bandwidth.

Per second, at the busiest moment. Every formula is one line, so that it can be read and doubted.
"""

from __future__ import annotations

import math
from typing import Annotated

from msgspec import Meta, Struct

from loadtests.capacity.costs import Costs

MIB = 1024.0
STATES_PER_SECOND = 5.0
"""A conflated state goes out at most so often (docs/protocol.md, Limits)."""


NODES_MAX = 5_000
NEVER_ENOUGH = (
    "no number of nodes is enough: each new one has to hear of every room's turns; keep a room on"
    " fewer nodes (--spread)"
)


class BadNight(ValueError):
    """Figures that describe no night."""


class Night(Struct, frozen=True):
    """A night at its busiest."""

    fans: Annotated[int, Meta(description="Fans in all rooms together")] = 1_000_000
    rooms: Annotated[int, Meta(description="Shows that they are spread over")] = 100
    chat_rate: Annotated[float, Meta(description="Lines a second in each room")] = 5.0
    edit_rate: Annotated[float, Meta(description="Edits a second in each room")] = 0.2
    vote_share: Annotated[float, Meta(description="Of the fans, how many vote in a round")] = 0.5
    vote_seconds: Annotated[float, Meta(description="In which those votes come")] = 30.0
    state_rate: Annotated[
        float, Meta(description="States a second in each room while it votes, at most 5")
    ] = 5.0
    join_minutes: Annotated[float, Meta(description="In which everybody comes in")] = 20.0
    texts: Annotated[float, Meta(description="Votes by text a second, all rooms")] = 500.0
    spread: Annotated[
        float, Meta(description="Nodes that one room's fans are on; 0: all of them")
    ] = 12.0
    core_share: Annotated[float, Meta(description="Of a core, how much may be used")] = 0.6
    connections_per_node: Annotated[
        int, Meta(description="Connections that one node (one core) may hold")
    ] = 10_000


class Size(Struct, frozen=True):
    """What the night needs. CPU in cores, memory in GiB, bandwidth in Gbit/s."""

    nodes_for_connections: int
    nodes_for_cpu: int
    nodes: int
    web_cores: float
    web_memory_gib: float
    deliveries: float
    room_nodes: float
    votes: float
    joins: float
    turns: float
    turns_busiest_room: float
    postgres_cores: float
    redis_gbit: float
    egress_gbit: float
    cpu: dict[str, float]


def size(night: Night, costs: Costs) -> Size:
    """The size of a night.

    Raises:
        BadNight: its figures are not positive, or a state goes out more often than it may.
    """
    _judge(night)
    by_connections = math.ceil(night.fans / night.connections_per_node)
    nodes = by_connections
    for _ in range(50):  # more nodes hear more of each other's rooms: until it fits
        cpu = _cpu(night, costs, nodes)
        needed = max(by_connections, math.ceil(sum(cpu.values()) / night.core_share))
        if needed <= nodes:
            break
        nodes = needed
    else:
        raise BadNight(NEVER_ENOUGH)
    if nodes > NODES_MAX:
        raise BadNight(NEVER_ENOUGH)
    votes = night.fans * night.vote_share / night.vote_seconds
    on = _on(night, nodes)
    turns = _turns(night, costs)
    deliveries = (night.chat_rate + night.edit_rate + night.state_rate) * night.fans
    memory_gib = (
        night.fans * costs.connection_kib / MIB
        + nodes * costs.node_mib
        + night.rooms * on * costs.room_mib
    ) / MIB
    postgres = (
        votes * costs.vote_postgres_us
        + night.rooms * night.edit_rate * costs.edit_postgres_us
        + night.texts * costs.text_postgres_us
        + turns * night.rooms * costs.turn_postgres_us
    ) / 1e6
    egress_bits = (
        8
        * night.fans
        * (
            (night.chat_rate + night.edit_rate) * costs.line_bytes
            + night.state_rate * costs.state_bytes
        )
    )
    return Size(
        nodes_for_connections=by_connections,
        nodes_for_cpu=math.ceil(sum(cpu.values()) / night.core_share),
        nodes=nodes,
        web_cores=sum(cpu.values()),
        web_memory_gib=memory_gib,
        deliveries=deliveries,
        room_nodes=on,
        votes=votes + night.texts,
        joins=night.fans / night.join_minutes / 60,
        turns=turns * night.rooms,
        turns_busiest_room=turns,
        postgres_cores=postgres,
        redis_gbit=8 * turns * night.rooms * (1 + on) * costs.bus_bytes / 1e9,
        egress_gbit=egress_bits / 1e9,
        cpu=cpu,
    )


def _on(night: Night, nodes: int) -> float:
    """Nodes that one room is on: with no stickiness all, but never more than it has fans."""
    return min(float(nodes), night.spread or nodes, night.fans / night.rooms)


def _turns(night: Night, costs: Costs) -> float:
    """Turns a second of one room: each thing one of its own, until they are taken together."""
    votes = night.fans * night.vote_share / night.vote_seconds / night.rooms
    things = night.chat_rate + night.edit_rate + votes + night.texts / night.rooms
    return min(things, costs.turns_per_room)


def _cpu(night: Night, costs: Costs, nodes: int) -> dict[str, float]:
    """Web cores by what they are used for, joins left out: doors and votes are not at once."""
    votes = night.fans * night.vote_share / night.vote_seconds
    lines = night.rooms * night.chat_rate
    heard = night.rooms * _turns(night, costs) * (_on(night, nodes) - 1)
    per_delivery = costs.delivery_us if night.chat_rate < 8 else costs.delivery_joined_us
    said = night.chat_rate + night.edit_rate
    return {
        "line turns": lines * costs.line_us / 1e6,
        "turns of other nodes": heard * costs.foreign_turn_us / 1e6,
        "deliveries": night.fans * said * per_delivery / 1e6,
        "states": night.fans * night.state_rate * costs.delivery_joined_us / 1e6,
        "votes": votes * costs.vote_us / 1e6,
        "edits": night.rooms * night.edit_rate * costs.edit_us / 1e6,
        "texts": night.texts * costs.text_us / 1e6,
    }


def doors_cores(night: Night, costs: Costs) -> float:
    """Web cores while everybody comes in."""
    joins = night.fans / night.join_minutes / 60
    return joins * (costs.join_us + costs.admission_us) / 1e6


def _judge(night: Night) -> None:
    positive = (night.fans, night.rooms, night.vote_seconds, night.join_minutes, night.core_share)
    if min(positive) <= 0 or night.connections_per_node <= 0:
        raise BadNight("fans, rooms, times and shares are above 0")
    if night.state_rate > STATES_PER_SECOND:
        raise BadNight(f"a state goes out at most {STATES_PER_SECOND:.0f} times a second")
