"""The table of RFC 6455, at every door: docs/conformance.md."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import httpx
import pytest

from server.settings import Settings
from tests.browser.site import running_site
from tests.patience import PATIENT_S
from tests.server.conformance.case import Case
from tests.server.conformance.doors import Door, door, echo_by_calls, make_certificate
from tests.server.conformance.handshake import Handshake, handshakes
from tests.server.conformance.page import PAGE, page
from tests.server.conformance.peer import Peer, prove_all
from tests.server.conformance.table import CASES, ROOM_CASES

ROOMS = 12

EVERY = tuple(case for cases in CASES.values() for case in cases)


@pytest.fixture
def settings() -> Settings:
    return Settings()


async def prove_at(where: Door, cases: tuple[Case, ...]) -> list[str]:
    async def peer(_: Case) -> Peer:
        return Peer(where.port, tls=where.tls)

    return await prove_all(cases, peer)


async def test_the_server_answers_every_case_as_the_table_says(settings: Settings) -> None:
    async with door(settings) as plain:
        assert await prove_at(plain, EVERY) == []


async def test_it_does_so_by_the_short_way_that_rooms_take(settings: Settings) -> None:
    async with door(settings, app=echo_by_calls) as plain:
        assert await prove_at(plain, EVERY) == []


async def test_it_does_so_under_tls(settings: Settings, tmp_path: Path) -> None:
    certificate = await asyncio.to_thread(make_certificate, tmp_path)
    async with door(settings, certificate=certificate) as secured:
        assert await prove_at(secured, EVERY[::3]) == []


async def test_uvicorns_own_protocol_does_so_but_for_what_is_marked(settings: Settings) -> None:
    async with door(settings, fast=False) as fallback:
        assert await prove_at(fallback, tuple(case for case in EVERY if case.everywhere)) == []


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "fallback"])
async def test_handshakes_are_answered_as_the_table_says(settings: Settings, fast: bool) -> None:
    cases = [case for case in handshakes() if fast or case.everywhere]
    async with door(settings, fast=fast) as plain:
        lines = await asyncio.gather(*(shake(plain.port, case) for case in cases))
    assert [line for line in lines if line] == []


async def shake(port: int, case: Handshake, path: str = "/rooms/x") -> str | None:
    """One handshake; what is wrong with its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(case.encoded(path))
    try:
        raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENT_S)
    except (EOFError, OSError, TimeoutError) as error:
        return f"{case.title}: {type(error).__name__}"
    finally:
        writer.transport.abort()
    status, *lines = raw.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): text.strip() for name, _, text in (one.partition(":") for one in lines)
    }
    said = int(status.split()[1])
    if said != case.status:
        return f"{case.title}: {said} instead of {case.status}"
    for name, text in case.has.items():
        if headers.get(name, "").lower() != text:
            return f"{case.title}: {name} is {headers.get(name)!r}"
    return next((f"{case.title}: has {name}" for name in case.lacks if name in headers), None)


async def test_a_node_answers_them_in_a_real_room(database_url: str, redis_url: str) -> None:
    with running_site(database_url, redis_url) as site:
        artist = site.artist()
        rooms = [artist.live_show()["id"] for _ in range(ROOMS)]
        port = httpx.URL(site.url).port
        assert port is not None
        async with httpx.AsyncClient(base_url=site.url, timeout=PATIENT_S) as client:
            tokens = [await sign_in(client) for _ in range(len(ROOM_CASES) // ROOMS + 1)]
            # Nobody is in the same room twice: how much one may say counts by room and person.
            seats = itertools.product(tokens, rooms)

            async def peer(_: Case) -> Peer:
                return Peer(port, await way_in(client, *next(seats)), in_room=True)

            assert await prove_all(ROOM_CASES, peer) == []
            shaken = await asyncio.gather(*(shake(port, case) for case in handshakes()))
            assert [line for line in shaken if line] == []
            assert (await client.get("/health/ready")).status_code == 200


async def sign_in(client: httpx.AsyncClient) -> str:
    """A new guest's access token."""
    made = await client.post("/api/auth/guest", json={"display_name": "Robin"})
    return str(made.json()["access_token"])


async def way_in(client: httpx.AsyncClient, token: str, show_id: str) -> str:
    """The address of a room's socket."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = await client.post(f"/api/shows/{show_id}/ticket", json={}, headers=headers)
    return httpx.URL(answer.json()["url"]).raw_path.decode()


def test_the_page_of_the_table_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.server.conformance.page --write"
