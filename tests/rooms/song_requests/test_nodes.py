"""Song requests on several nodes: one entry whoever marks, the same queue everywhere."""

from __future__ import annotations

import asyncio

from rooms.commands import AnyCommand, Envelope, MarkSongRequest, RequestSong, UpvoteSongRequest
from rooms.messages import Ack
from rooms.node import Node
from rooms.participants import Participant
from rooms.replica import Replica
from rooms.room import Room
from rooms.song_requests.board import Board
from tests.simulation.world import SHOW, World, run


def said(world: World, node: Node, who: Participant, command: AnyCommand) -> Envelope:
    return Envelope(world.new_id(), who, node.clock.now(), command, b"hash")


async def ask(world: World, node: Node, room: Room, who: Participant, command: AnyCommand) -> Ack:
    answer = await room.ask(said(world, node, who, command))
    assert isinstance(answer, Ack), answer
    return answer


def test_two_who_mark_at_once_on_two_nodes_make_one_entry() -> None:
    async def night() -> None:
        world = World(1, loses=0.0, breaks=0.0)
        await world.add_nodes(2)
        artist, moderator, fan, *_ = world.people
        rooms = [await node.enter(SHOW.show_id) for node in world.nodes]
        wished = await ask(world, world.nodes[0], rooms[0], fan, RequestSong(title="Ripple"))
        one = wished.data["song_request_id"]
        await asyncio.sleep(3.0)
        answers = await asyncio.gather(
            ask(world, world.nodes[0], rooms[0], artist, MarkSongRequest(one, "playing")),
            ask(world, world.nodes[1], rooms[1], moderator, MarkSongRequest(one, "playing")),
        )
        await asyncio.sleep(3.0)
        assert answers[0].data == answers[1].data
        for room in rooms:
            (entry,) = room.replica.document.entries()
            assert entry.id == answers[0].data["entry_id"]
            assert room.replica.state.memory == rooms[0].replica.state.memory
        names = [event.name for event in world.log.room(SHOW.show_id).events]
        assert names.count("setlist_changed") == names.count("song_request_marked") == 1
        for node, room in zip(world.nodes, rooms, strict=True):
            node.leave(room)
            await node.stop()

    run(night())


def test_a_node_that_heard_nothing_has_the_same_queue() -> None:
    async def night() -> None:
        world = World(2, loses=1.0, breaks=0.0)
        await world.add_nodes(2)
        _, _, *fans = world.people
        rooms = [await node.enter(SHOW.show_id) for node in world.nodes]
        ids = [
            (await ask(world, world.nodes[0], rooms[0], fan, RequestSong(title=title))).data[
                "song_request_id"
            ]
            for fan, title in zip(fans, ("Althea", "Bertha", "Cassidy", "Deal"), strict=True)
        ]
        for fan in fans:
            await ask(world, world.nodes[1], rooms[1], fan, UpvoteSongRequest(ids[2]))
        await asyncio.sleep(5.0)
        seen = [room.board.view("", crew=False, voted=False) for room in rooms]
        assert seen[0] == seen[1]
        assert seen[0] is not None
        assert [view.title for view in seen[0].requests] == ["Cassidy", "Althea", "Bertha", "Deal"]
        record = await world.log.load(SHOW.show_id)
        assert record is not None
        assert Board(Replica(record)).view("", crew=False, voted=False) == seen[0]
        for node, room in zip(world.nodes, rooms, strict=True):
            node.leave(room)
            await node.stop()

    run(night())
