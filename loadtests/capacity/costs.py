"""What each thing costs, as measured; the command that measures it again is beside it.

CPU is of one core of the machine that measured, in microseconds: a server's cores are usually
quicker. All numbers can be replaced on the command line.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Costs(Struct, frozen=True):
    """Costs of one unit each."""

    connection_kib: Annotated[
        float,
        Meta(description="Web memory of a connection, KiB (loadtests.bench --only connections)"),
    ] = 9.0
    node_mib: Annotated[
        float, Meta(description="Web memory of a node without connections, MiB (loadtests soak)")
    ] = 170.0
    room_mib: Annotated[
        float, Meta(description="Web memory of a loaded room on a node, MiB (assumed)")
    ] = 1.0
    delivery_us: Annotated[
        float, Meta(description="Web CPU of a delivery, lines one by one (loadtests.bench_fanout)")
    ] = 10.0
    delivery_joined_us: Annotated[
        float, Meta(description="The same with eight lines in flight (loadtests.bench_fanout)")
    ] = 3.1
    line_us: Annotated[
        float, Meta(description="Web CPU of a line before its fan-out (loadtests.bench_fanout)")
    ] = 1_900.0
    foreign_turn_us: Annotated[
        float, Meta(description="Web CPU of a turn that another node took (assumed)")
    ] = 200.0
    vote_us: Annotated[
        float, Meta(description="Web CPU of a vote over a socket (loadtests.bench)")
    ] = 58.0
    vote_postgres_us: Annotated[
        float, Meta(description="PostgreSQL CPU of a vote (loadtests.bench)")
    ] = 25.0
    join_us: Annotated[
        float, Meta(description="Web CPU of a join with its ticket there (loadtests.bench)")
    ] = 448.0
    admission_us: Annotated[
        float, Meta(description="Web CPU of guest and ticket before it (loadtests joins)")
    ] = 4_000.0
    edit_us: Annotated[
        float, Meta(description="Web CPU of an edit, fan-out left out (loadtests.bench)")
    ] = 2_100.0
    edit_postgres_us: Annotated[
        float, Meta(description="PostgreSQL CPU of an edit (loadtests.bench)")
    ] = 960.0
    text_us: Annotated[
        float, Meta(description="Web CPU of a vote by text (loadtests.sms --rate)")
    ] = 1_550.0
    text_postgres_us: Annotated[
        float, Meta(description="PostgreSQL CPU of a vote by text (loadtests.sms --rate)")
    ] = 850.0
    turn_postgres_us: Annotated[
        float, Meta(description="PostgreSQL CPU of a turn's commit (docs/architecture)")
    ] = 450.0
    turns_per_room: Annotated[
        float, Meta(description="Turns a second of one room at most (docs/architecture)")
    ] = 420.0
    line_bytes: Annotated[
        float, Meta(description="A line on the wire, frame and TCP/TLS included, bytes (assumed)")
    ] = 420.0
    state_bytes: Annotated[
        float, Meta(description="A tally or head count on the wire, bytes (assumed)")
    ] = 300.0
    bus_bytes: Annotated[
        float, Meta(description="A turn's publication over Redis, bytes (assumed)")
    ] = 1_200.0
