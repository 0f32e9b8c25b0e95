"""Positions made in the browser and on the server follow the same rules: one file tests both."""

from __future__ import annotations

import json
from pathlib import Path

from crdt.ordering import position_between

VECTORS = Path(__file__).parents[3] / "clients/shared/tests/ordering_vectors.json"


class Replay:
    """Random digits as the vector recorded them, as fractions of one."""

    def __init__(self, values: list[float]) -> None:
        self._values = iter(values)

    def randrange(self, stop: int, /) -> int:
        return int(next(self._values) * stop)


def test_the_clients_vectors_are_what_the_server_computes() -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert len(vectors) > 50
    for vector in vectors:
        position = position_between(vector["before"], vector["after"], Replay(vector["random"]))
        assert position == vector["position"], vector
