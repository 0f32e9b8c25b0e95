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


_IN = "loadtests.scenarios"

SCENARIOS: dict[str, Where] = {
    "fanout": Where(f"{_IN}.fanout", "Fanout", "lines to a full room, a small one beside it"),
    "editing": Where(f"{_IN}.editing", "Editing", "real traces and made-up edits of setlists"),
    "votes": Where(f"{_IN}.votes", "Votes", "distinct voters over sockets, recounted"),
    "sms": Where(f"{_IN}.texts", "Texts", "phones that join, confirm and vote by text"),
    "joins": Where(f"{_IN}.joins", "Joins", "doors open: guest, ticket, welcome, setlist"),
    "reconnects": Where(f"{_IN}.reconnects", "Reconnects", "the signal is back for all at once"),
    "chat-storm": Where(f"{_IN}.chat_storm", "ChatStorm", "a crowd far over its limits"),
    "slow-clients": Where(f"{_IN}.slow_clients", "SlowClients", "some do not read; the others"),
    "soak": Where(f"{_IN}.soak", "Soak", "half an hour of churn: is memory flat?"),
    "show-night": Where(f"{_IN}.show_night", "ShowNight", "a whole evening in minutes"),
}


def scenario(name: str) -> type[Scenario[Any, Any, Any]]:
    """A scenario's class.

    Raises:
        KeyError: there is none of that name.
    """
    where = SCENARIOS[name]
    return load(where.module, where.name)
