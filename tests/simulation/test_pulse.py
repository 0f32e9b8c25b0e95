"""The room's pulse: from all nodes, to crew alone, at most once a second, and silent at rest."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from rooms.commands import AnyCommand, CastVote, CreateRound, Envelope, OpenRound
from rooms.messages import Ack
from rooms.node import Node
from rooms.participants import Participant
from rooms.sessions.opening import open_socket
from rooms.vote_config import Pick, Window
from tests.rooms.builders import config, new_id
from tests.rooms.fakes import FakeConnection
from tests.simulation.world import SHOW, World, run

Json = dict[str, Any]


async def _enter(node: Node, who: Participant) -> FakeConnection:
    room = await node.enter(SHOW.show_id)
    connection = FakeConnection(who)
    assert await open_socket(room, connection, None, None)
    await asyncio.sleep(0.01)  # what is said is written in the loop's next turn
    return connection


def _pulses(connection: FakeConnection) -> list[Json]:
    found = [json.loads(text) for text in connection.texts]
    return [one["data"] for one in found if one["t"] == "state" and one["name"] == "pulse"]


async def _give(world: World, node: Node, who: Participant, command: AnyCommand) -> None:
    room = await node.enter(SHOW.show_id)
    said = Envelope(
        command_id=world.new_id(),
        participant=who,
        received_at=node.clock.now(),
        command=command,
        payload_hash=b"hash",
    )
    answer = await room.ask(said)
    assert isinstance(answer, Ack), answer
    node.leave(room)


async def _beats() -> None:
    world = World(7, loses=0.0, breaks=0.0)
    await world.add_nodes(2)
    here, there = world.nodes
    crew = next(who for who in world.people if who.is_crew)
    fans = [who for who in world.people if not who.is_crew]
    watching = await _enter(here, crew)
    welcome = json.loads(watching.texts[0])
    assert welcome["state"]["pulse"]["nodes"] == 1
    fan_hears = await _enter(there, fans[0])
    assert json.loads(fan_hears.texts[0])["state"]["pulse"] is None
    await asyncio.sleep(3.0)
    assert _pulses(watching)[-1] == {
        "votes_per_s": 0.0,
        "channels": {"web": 0, "sms": 0},
        "participants": 2,
        "connections": {"socket": 2, "stream": 0, "poll": 0},
        "nodes": 2,
    }
    rounds = [new_id(), new_id()]
    for round_id in rounds:
        forever = config(window=Window(duration_s=None))
        await _give(world, here, crew, CreateRound(round_id, forever))
        await _give(world, here, crew, OpenRound(round_id))
        await asyncio.sleep(0.5)
    for node, who in zip((here, there, there), fans, strict=False):
        await _give(world, node, who, CastVote(rounds[1], (Pick("o1"),)))
    await asyncio.sleep(2.5)
    busy = _pulses(watching)[-1]
    assert (busy["votes_per_s"], busy["channels"]) == (0.6, {"web": 3, "sms": 0})
    assert busy["round_id"] == rounds[1], "the round that was opened last"
    await asyncio.sleep(10.0)
    said = _pulses(watching)
    assert said[-1]["votes_per_s"] == 0.0
    await asyncio.sleep(30.0)
    assert _pulses(watching) == said, "a room at rest says nothing"
    assert _pulses(fan_hears) == []
    await there.stop()
    await asyncio.sleep(20.0)
    assert _pulses(watching)[-1]["nodes"] == 1, "a node that fell silent is not counted"
    await here.stop()


def test_crew_hears_how_the_room_beats() -> None:
    run(_beats())
