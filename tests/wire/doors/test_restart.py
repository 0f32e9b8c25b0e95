"""A node that is killed, or leaves, or comes back with another database, at every door."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from storage.embedded import StoreUrls
from tests.wire.client import Caller
from tests.wire.conftest import be_guest, execute, new_database, sign_up
from tests.wire.doors.at_stream import StreamVisit
from tests.wire.doors.conftest import DOORS, Enter
from tests.wire.doors.restarting import PATIENCE_S, RestartingNode, Teller
from tests.wire.doors.visits import Visit


@pytest.fixture
def restarting(embedded_stores: StoreUrls, migrated_template: str) -> Iterator[RestartingNode]:
    """A running node on a database of its own."""
    with new_database(embedded_stores, migrated_template) as url:
        node = RestartingNode(url, embedded_stores.redis_url)
        try:
            node.start()
            yield node
        finally:
            node.close()


@pytest.fixture
def visitor(restarting: RestartingNode) -> Iterator[Caller]:
    """Nobody yet, at the restarting node."""
    with restarting.client() as client:
        yield Caller(client)


def follow(visit: Visit, seq: int) -> None:
    """Listens until an event was heard."""
    ends_at = time.monotonic() + PATIENCE_S
    while visit.seq < seq:
        assert time.monotonic() < ends_at, f"{visit.door} stuck at {visit.seq} of {seq}"
        visit.listen(0.5)


def test_a_killed_node_leaves_no_gap_and_no_duplicate_at_any_door(
    restarting: RestartingNode, visitor: Caller, enter: Enter
) -> None:
    show_id = sign_up(visitor, "artist").live_show()["id"]
    visits = [enter(door, be_guest(visitor, door.door), show_id) for door in DOORS]
    epoch = visits[0].epoch
    with (
        restarting.client() as client,
        Teller(be_guest(Caller(client), "Teller"), show_id) as teller,
    ):
        for _ in range(2):
            teller.wait_for(5)
            restarting.kill()
            restarting.start()
            teller.wait_for(3)
            for visit in visits:
                visit.listen(0.2)
        last = teller.finish()
    for visit in visits:
        follow(visit, last)
        # `Visit` asserts that every event's `seq` follows the one before it.
        assert visit.epoch == epoch and visit.recovered
        heard = {event["data"]["text"]: event["seq"] for event in visit.events}
        assert heard == teller.told
        assert len(visit.events) == len(heard)


def test_a_node_that_leaves_says_so_and_visits_go_on_at_the_next(
    restarting: RestartingNode, visitor: Caller, enter: Enter
) -> None:
    guest = be_guest(visitor, "Robin")
    show_id = sign_up(visitor, "artist").live_show()["id"]
    visits = {door.door: enter(door, guest, show_id) for door in DOORS}
    guest.command(show_id, "post_chat", text="before")
    restarting.stop()
    for door in ("socket", "stream"):
        assert visits[door].ended_with() == 1012
    stream = visits["stream"]
    assert isinstance(stream, StreamVisit)
    retry_ms = stream.source.parser.retry_ms
    assert retry_ms is not None and 0 <= retry_ms <= 60_000
    restarting.start()
    last = guest.command(show_id, "post_chat", text="after").json()["seq"]
    for visit in visits.values():
        visit.resume()
        follow(visit, last)
        assert [event["data"]["text"] for event in visit.events] == ["before", "after"]


def test_a_restored_database_is_another_log_at_every_door(
    restarting: RestartingNode, visitor: Caller, enter: Enter, embedded_stores: StoreUrls
) -> None:
    guest = be_guest(visitor, "Robin")
    show_id = sign_up(visitor, "artist").live_show()["id"]
    visits = [enter(door, guest, show_id) for door in DOORS]
    last = guest.command(show_id, "post_chat", text="in the backup").json()["seq"]
    for visit in visits:
        visit.reach(last)
    restarting.stop()
    name = restarting.database_url.rpartition("/")[2]
    execute(embedded_stores.database_url, f"CREATE DATABASE {name}_restored TEMPLATE {name}")
    restarting.database_url += "_restored"
    try:
        restarting.start()
        for visit in visits:
            epoch = visit.epoch
            follow_to_another_log(visit)
            assert visit.epoch != epoch and visit.seq == last
            assert [line["text"] for line in visit.room["chat"]] == ["in the backup"]
    finally:
        restarting.kill()
        execute(embedded_stores.database_url, f"DROP DATABASE {name}_restored WITH (FORCE)")


def follow_to_another_log(visit: Visit) -> None:
    """Listens, and comes back, until the log is another one."""
    epoch, ends_at = visit.epoch, time.monotonic() + PATIENCE_S
    while visit.epoch == epoch:
        assert time.monotonic() < ends_at, f"{visit.door} is still in the old log"
        visit.listen(0.5)
