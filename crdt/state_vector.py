"""State vectors: per client the number of clocks that somebody holds."""

from __future__ import annotations

from collections.abc import Mapping

from crdt.errors import DecodeError, DecodeFault
from crdt.varint import ByteReader, encode_varuint

CLOCK_MAX = 2**31 - 1
"""yrs keeps clocks in 32 bits; beyond, the two implementations would disagree."""

EMPTY_STATE_VECTOR = b"\x00"


def decode_state_vector(data: bytes) -> dict[int, int]:
    """Read a state vector.

    Returns:
        client id to the number of clocks known, from 0.

    Raises:
        DecodeError: on anything but a complete state vector without duplicates.
    """
    reader = ByteReader(data)
    clocks: dict[int, int] = {}
    for _ in range(reader.count("clients")):
        client = reader.varuint()
        clock = reader.varuint()
        if clock > CLOCK_MAX:
            raise DecodeError(DecodeFault.TOO_LARGE, "a clock of more than 31 bits")
        if client in clocks:
            raise DecodeError(DecodeFault.DUPLICATE, "a client appears twice")
        clocks[client] = clock
    reader.expect_end()
    return clocks


def encode_state_vector(clocks: Mapping[int, int]) -> bytes:
    """Write a state vector, higher client ids first, as Yjs does."""
    pairs = [
        encode_varuint(client) + encode_varuint(clocks[client])
        for client in sorted(clocks, reverse=True)
    ]
    return encode_varuint(len(pairs)) + b"".join(pairs)
