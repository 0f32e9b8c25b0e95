"""Which scenarios there are. Their modules are imported when they are asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

from loadtests.kit.fleet import load
from loadtests.kit.scenario import Scenario


class Where(NamedTuple):
    """A scenario's module and class, and what it is about in one line."""

    module: str
    name: str
    about: str


SCENARIOS: dict[str, Where] = {
    "soak": Where("loadtests.scenarios.soak", "Soak", "half an hour of churn: is memory flat?"),
}


def scenario(name: str) -> type[Scenario[Any, Any, Any]]:
    """A scenario's class.

    Raises:
        KeyError: there is none of that name.
    """
    where = SCENARIOS[name]
    return load(where.module, where.name)
