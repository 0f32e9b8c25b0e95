"""Who is let in, who is sent away, and with which word (PROTOCOL "Socket")."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from rooms.publication import SessionRevoked, encode
from storage.rooms.memory import MemoryBusHub, MemoryRoomLog
from tests.rooms.builders import SHOW_ID, facts
from tests.server.rooms.house import Client, House, house, uuid_of

OTHER_SHOW = "0198a000-0000-7000-8000-00000000beef"


async def refused(one: House, ticket: str = "dana", show_id: str = SHOW_ID) -> tuple[int, str]:
    async with one.connect(ticket, show_id=show_id) as socket:
        return await Client(socket).closed()


async def test_a_browser_learns_by_the_close_code_why_it_is_not_let_in() -> None:
    async with house() as one:
        assert await refused(one, "stale") == (4401, "ticket_expired")
        assert await refused(one, "") == (4401, "no ticket")
        assert await refused(one, show_id=OTHER_SHOW) == (4404, "no such room")
        assert await refused(one, show_id="not-an-id") == (4404, "no such room")


async def test_a_removed_participant_is_closed_and_stays_out() -> None:
    async with house() as one, one.connect("lee") as a, one.connect("jerry") as b:
        lee, jerry = Client(a), Client(b)
        await lee.next("welcome")
        await jerry.next("welcome")
        await jerry.command("remove_participant", participant_id=uuid_of("lee"))
        assert (await jerry.next("ack"))["t"] == "ack"
        assert await lee.closed() == (4410, "removed")
        assert await refused(one, "lee") == (4410, "removed")


async def test_a_page_of_another_origin_is_refused_before_the_handshake() -> None:
    async with house() as one:
        with pytest.raises(InvalidStatus) as refusal:
            async with one.connect("dana", origin="https://evil.example"):
                pass
        assert refusal.value.response.status_code == 403
        async with one.connect("dana", origin=f"http://127.0.0.1:{one.port}") as socket:
            await Client(socket).next("welcome")


async def test_plain_http_is_told_to_upgrade() -> None:
    async with house() as one:
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        writer.write(f"GET /rooms/{SHOW_ID} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b" 426 " in await reader.readline()
        writer.close()


async def test_a_reconnect_with_the_same_ticket_replaces_the_old_socket() -> None:
    async with house() as one, one.connect("dana") as a, one.connect("dana.2") as b:
        old, other = Client(a), Client(b)
        await old.next("welcome")
        await other.next("welcome")
        async with one.connect("dana") as c:
            new = Client(c)
            await new.next("welcome")
            assert await old.closed() == (4009, "replaced")
            await new.command("post_chat", text="still here")
            await new.next("ack")
            await other.next("event")


async def test_a_ticket_used_on_another_node_replaces_the_socket_here() -> None:
    log, wire = MemoryRoomLog(), MemoryBusHub()
    log.add_show(facts())
    async with (
        house(log=log, wire=wire) as here,
        house(log=log, wire=wire) as there,
        here.connect("dana") as a,
    ):
        old = Client(a)
        await old.next("welcome")
        async with there.connect("dana") as b:
            new = Client(b)
            await new.next("welcome")
            assert await old.closed() == (4009, "replaced")
            await new.command("post_chat", text="here now")
            await new.next("ack")


async def test_the_sixth_socket_of_a_participant_closes_the_oldest() -> None:
    async with house() as one:
        clients = []
        for number in range(6):
            socket = await one.connect(f"dana.{number}")
            clients.append(Client(socket))
            await clients[-1].next("welcome")
        assert await clients[0].closed() == (4029, "too many sockets")
        assert one.room.hub.participants() == 1
        for client in clients[1:]:
            await client.socket.close()


async def test_a_revoked_session_is_closed_by_the_bus_and_found_without_it() -> None:
    async with house() as one, one.connect("dana") as a, one.connect("lee") as b:
        dana, lee = Client(a), Client(b)
        await dana.next("welcome")
        await lee.next("welcome")
        one.node.bus.publish("*", encode(SessionRevoked(session_id="s-dana")))
        assert (await dana.closed())[0] == 4401
        one.tickets.over.add("s-lee")
        await one.watch.check()
        assert (await lee.closed())[0] == 4401
        assert await refused(one, "lee") == (4401, "ticket_expired")


async def test_a_leaving_node_says_when_to_come_back_and_lets_nobody_in() -> None:
    async with house() as one, one.connect("dana") as a:
        dana = Client(a)
        await dana.next("welcome")
        await one.door.drain()
        code, reason = await dana.closed()
        assert code == 1012 and reason.startswith("reconnect_in=") and reason.endswith("s")
        # A balancer asks another node.
        with pytest.raises(InvalidStatus) as away:
            await refused(one, "lee")
        assert away.value.response.status_code == 503
        assert away.value.response.headers["retry-after"] == "1"


async def test_a_node_that_will_leave_keeps_whom_it_has_and_takes_nobody() -> None:
    async with house() as one, one.connect("dana") as a:
        dana = Client(a)
        await dana.next("welcome")
        one.door.retire()
        with pytest.raises(InvalidStatus):
            await refused(one, "lee")
        await dana.command("post_chat", text="still here")
        await dana.next("ack")


async def test_when_the_log_is_away_newcomers_are_told_to_try_again() -> None:
    async with house() as one:
        one.log.available = False
        assert await refused(one) == (1013, "try again later")
        one.log.available = True
        async with one.connect("dana") as socket:
            await Client(socket).next("welcome")


async def test_a_room_is_let_go_when_its_last_socket_is_gone() -> None:
    async with house() as one:
        async with one.connect("dana") as socket:
            await Client(socket).next("welcome")
            room = one.room
            assert room.users == 1
        while room.users:
            await asyncio.sleep(0)
        assert room.hub.participants() == 0


async def test_a_client_without_the_subprotocol_gets_binary_frames_and_may_not_speak_text() -> None:
    async with house() as one, one.connect("lee") as b, one.connect("yjs", text=False) as a:
        plain, lee = Client(a), Client(b)
        assert (await plain.next_binary())[:2] == b"\x00\x00"
        await lee.next("welcome")
        await lee.command("post_chat", text="text only")
        await lee.next("ack")
        await plain.command("post_chat", text="me too")
        assert await plain.closed() == (4403, "text needs the subprotocol setroom.v1")
        assert plain.texts == []
