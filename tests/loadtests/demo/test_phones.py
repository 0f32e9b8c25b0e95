"""The demo's phones: what they text can be understood, and they do without a sandbox."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
import pytest

from loadtests.demo.accounts import crew_account
from loadtests.demo.phones import OWNERS, Phones, slip, vote_text
from loadtests.demo.tasks import Guarded
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient
from loadtests.wire.api import open_session
from loadtests.wire.messages import EventMessage
from rooms.sms.choosing import AskBack, Chosen, choose
from rooms.vote_config import VoteConfig

OPTIONS = [
    {"id": "o1", "label": "Scarlet Begonias"},
    {"id": "o2", "label": "Fire On The Mountain"},
    {"id": "o3", "label": "Morning Dew"},
]


def config_of(**changes: Any) -> dict[str, Any]:
    config = {"title": "Next?", "options": OPTIONS, "who": {"channels": ["web", "sms"]}}
    return {"type": "single"} | config | changes


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "approval", "pick": {"min": 1, "max": 2}},
        {"type": "ranked", "pick": {"min": 2, "max": 3}},
    ],
)
def test_every_vote_of_a_phone_is_understood(changes: dict[str, Any]) -> None:
    config = config_of(**changes)
    decoded = msgspec.convert(config, VoteConfig)
    rng = random.Random(7)
    for _ in range(200):
        said = vote_text(config, rng)
        assert said is not None
        assert isinstance(choose(decoded, said.text), Chosen)
        if said.first is not None:
            # A slip may still be a whole name's beginning; it is never another song.
            assert isinstance(choose(decoded, said.first), Chosen | AskBack)


@pytest.mark.parametrize(
    "changes",
    [{"type": "queue", "options": []}, {"type": "points"}, {"who": {"channels": ["web"]}}],
)
def test_rounds_that_are_not_for_texts_are_left_alone(changes: dict[str, Any]) -> None:
    assert vote_text(config_of(**changes), random.Random(1)) is None


def test_a_slip_leaves_a_letter_out() -> None:
    for seed in range(20):
        name = "morning dew"
        assert len(slip(name, random.Random(seed))) == len(name) - 1


async def test_without_a_sandbox_the_demo_goes_on(node: Command) -> None:
    async with open_session() as session, asyncio.timeout(120):
        crew = await crew_account(node.url, session, None)
        api = ApiClient(node.url, session)
        await api.login(crew.email, crew.password)
        guarded = Guarded()
        phones = Phones(api, guarded, random.Random(1))
        await phones._join("ABC234")
        opened = {"round_id": "r", "config": config_of(), "closes_at": None}
        phones.heard(EventMessage(seq=1, name="round_opened", at="", data=opened))
        assert phones._phones == []
        await guarded.stop()
    assert len({name for name, _, _ in OWNERS}) == len(OWNERS)
