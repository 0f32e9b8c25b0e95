"""Redis fails over, its slots move, a shard hangs: rooms go on, and nothing acknowledged is lost.

Real servers, real nodes on a real PostgreSQL. The look at all heads every two seconds is switched
off here, so what is shown is what the bus does by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import pytest

from rooms import limits
from rooms.commands import PostChat
from rooms.messages import Ack
from rooms.node import Node
from rooms.participants import Participant
from rooms.room import Room
from storage.redis.clients import connect
from storage.rooms.bus import CarryingBus, channel_of, room_bus
from storage.rooms.log import PostgresRoomLog
from storage.rooms.sharded_bus import ShardedRoomBus
from tests.contract.harness import new_id
from tests.contract.test_room_bus import Inbox
from tests.patience import PATIENT_S
from tests.rooms.test_room import House, WallClock, house, say
from tests.valkeys import Cluster, Valkey, Watched, running

pytestmark = pytest.mark.usefixtures("no_regular_healing")


@pytest.fixture
def no_regular_healing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAL_INTERVAL_S", 3600.0)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running(Cluster) as made:
        yield made


@asynccontextmanager
async def buses(url: str, count: int = 2) -> AsyncIterator[list[CarryingBus]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(room_bus(url, random=Random(seed)))
            for seed in range(count)
        ]


async def carries(sender: CarryingBus, inbox: Inbox, show_id: str) -> None:
    """Returns once a message of this room arrives that was sent after the call."""
    question = f"anybody there? {new_id()}".encode()
    async with asyncio.timeout(PATIENT_S):
        while (show_id, question) not in inbox.messages:
            sender.publish(show_id, question)
            await asyncio.sleep(0.02)


def show_at(cluster: Cluster, server: Valkey) -> str:
    """The id of a show whose channel this server has."""
    while cluster.owner_of(channel_of(show_id := new_id())) is not server:
        pass
    return show_id


class Talk:
    """Chat on one node without a pause, heard on the other."""

    def __init__(self, here: Room, there: Room, fan: Participant) -> None:
        self.here, self.there, self.fan = here, there, fan
        self.acked = 0
        self.slowest_s = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            answer = await say(self.here, self.fan, PostChat(f"line {self.acked}"))
            assert isinstance(answer, Ack), answer
            self.acked += 1
            await asyncio.sleep(0.02)

    async def watch(self, stop: asyncio.Event) -> None:
        """How long the other node stood behind."""
        behind_since = None
        while not stop.is_set():
            now = time.monotonic()
            if self.there.head >= self.here.head:
                behind_since = None
            else:
                behind_since = behind_since or now
                self.slowest_s = max(self.slowest_s, now - behind_since)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def two_nodes(home: House, url: str) -> AsyncIterator[list[Node]]:
    async with buses(url) as carriers, AsyncExitStack() as stack:
        nodes = []
        for number, bus in enumerate(carriers):
            node = Node(
                node_id=f"n{number}",
                room_log=PostgresRoomLog(home.pool),
                bus=bus,
                clock=WallClock(),
                new_id=new_id,
            )
            bus.on_lapse(node.lapsed)
            await node.start()
            stack.push_async_callback(node.stop)
            nodes.append(node)
        yield nodes


async def goes_on(home: House, url: str, dies: Valkey) -> float:
    """Kills a server while two nodes talk; how many seconds the second was behind at most."""
    fan = await home.person("Dana")
    async with two_nodes(home, url) as (one, other):
        here, there = await one.enter(home.show_id), await other.enter(home.show_id)
        talk, stop = Talk(here, there, fan), asyncio.Event()
        async with asyncio.TaskGroup() as group, asyncio.timeout(PATIENT_S):
            group.create_task(talk.run(stop))
            group.create_task(talk.watch(stop))
            while other.heard < 5:
                await asyncio.sleep(0.01)
            dies.kill()
            heard = other.heard
            said = talk.acked
            # The other node hears by the new server, and is told by then what it missed.
            while other.heard < heard + 5 or talk.acked < said + 20 or there.head < here.head:
                await asyncio.sleep(0.01)
            stop.set()
    kept = await home.count("SELECT count(*) FROM room_events WHERE name = 'chat_posted'")
    assert kept == talk.acked
    assert there.head == here.head
    told = [event.seq for event in there.replica.events_since(0) or ()]
    assert told == list(range(1, here.head.seq + 1))
    return talk.slowest_s


async def test_a_killed_primary_behind_a_sentinel_costs_a_room_nothing(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(Watched) as watched:
        async with house(database_url) as home:
            behind_s = await goes_on(home, watched.url, watched.primary)
        redis = connect(watched.url, timeout_s=2, connect_s=2, connections_max=2)
        async with redis:
            assert await redis.set("written", "after")
    with capsys.disabled():
        print(f"\n  sentinel: the other node was behind for {behind_s:.1f} s")


async def test_a_killed_shard_costs_its_rooms_nothing(
    database_url: str, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(database_url) as home:
        owner = cluster.owner_of(channel_of(home.show_id))
        behind_s = await goes_on(home, cluster.url, owner)
    owner.start()
    with capsys.disabled():
        print(f"\n  cluster: the other node was behind for {behind_s:.1f} s")


async def test_a_hanging_shard_takes_its_own_rooms_messages_alone(cluster: Cluster) -> None:
    shards = {cluster.owner_of(channel_of(new_id())) for _ in range(64)}
    hanging, well = sorted(shards, key=lambda one: one.port)[:2]
    its_own, elsewhere = show_at(cluster, hanging), show_at(cluster, well)
    async with buses(cluster.url) as (sender, receiver):
        inbox = Inbox(receiver)
        for show_id in (its_own, elsewhere):
            await receiver.subscribe(show_id)
            await carries(sender, inbox, show_id)
        hanging.pause()
        try:
            for number in range(20):
                sender.publish(its_own, b"into the void")
                sender.publish(elsewhere, b"%d" % number)
                await inbox.wait_for(b"%d" % number)
            # Nobody answers for the shard: its slots have another node soon.
            await carries(sender, inbox, its_own)
        finally:
            hanging.resume()
        await carries(sender, inbox, elsewhere)


async def test_a_slot_that_moves_is_followed(cluster: Cluster) -> None:
    show_id, told = new_id(), []
    async with buses(cluster.url) as (sender, receiver):
        inbox = Inbox(receiver)
        receiver.on_lapse(told.append)
        await receiver.subscribe(show_id)
        await carries(sender, inbox, show_id)
        told.clear()
        cluster.move(channel_of(show_id))
        await carries(sender, inbox, show_id)
        assert show_id in told, "what was said meanwhile is missing: its room has to be told"
        assert isinstance(receiver, ShardedRoomBus)
        async with asyncio.timeout(PATIENT_S):
            while receiver.is_away:
                await asyncio.sleep(0.02)


async def test_messages_stay_within_their_shard(cluster: Cluster) -> None:
    owner = cluster.owner_of(channel_of(show_id := new_id()))
    before = {one.port: _heard_of_neighbours(one) for one in cluster.servers}
    async with buses(cluster.url) as (sender, receiver):
        inbox = Inbox(receiver)
        await receiver.subscribe(show_id)
        for number in range(50):
            sender.publish(show_id, b"%d" % number)
        await carries(sender, inbox, show_id)
        places = {place[1] for place in receiver._links}  # type: ignore[attr-defined]
    assert places == {owner.port}, "one connection, to the one shard that is needed"
    primaries = [one for one in cluster.servers if one is not owner and one.is_primary]
    assert all(_heard_of_neighbours(one) == before[one.port] for one in primaries)


def _heard_of_neighbours(server: Valkey) -> int:
    info = server.say("CLUSTER INFO")
    return sum(
        int(info.get(f"cluster_stats_messages_{kind}_received", 0))
        for kind in ("publish", "publishshard")
    )
