"""A script with guests and addresses of its own: what it gets, and what the artist sees."""

from __future__ import annotations

import asyncio
import os
from typing import Any
from uuid import uuid4

from litestar import Litestar

from tests.server.conftest import client_of
from tests.server.http import Person, made, ok, refused

VENUE = "203.0.113.7"
CROWD, LATE = 50, 20
FARM = int(os.environ.get("SETROOM_TEST_FARM", "60"))
"""Guests of the script; docs/security.md says what came of a thousand."""

HONEST_O1, HONEST_O2 = 3, 2
"""Of five people who vote for what they like."""

ADDRESSES = 6
AT_ONCE = 40
"""Requests of one script at a time: more is a flood, which other tests are about."""


async def guests(app: Litestar, count: int, addresses: list[str]) -> list[Person]:
    """New guests, each with a device of their own, from these addresses in turn."""
    clients = [client_of(app, address) for address in addresses]
    at_once = asyncio.Semaphore(AT_ONCE)

    async def guest(number: int) -> Person:
        async with at_once:
            return await Person(clients[number % len(clients)]).as_guest(f"Guest {number}")

    return list(await asyncio.gather(*map(guest, range(count))))


async def vote(who: Person, round_id: str, option_id: str) -> dict[str, Any]:
    body = {"command_id": str(uuid4()), "picks": [{"option_id": option_id}]}
    return ok(await who.post(f"/api/rounds/{round_id}/vote", body))


async def comes(who: Person, show_id: str) -> None:
    made(await who.post(f"/api/shows/{show_id}/ticket"))


async def test_a_farm_of_guests_is_seen_and_can_be_held_without_the_venues_crowd(
    app: Litestar, artist: Person, fan: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    crowd = await guests(app, CROWD, [VENUE])
    await asyncio.gather(*(comes(one, show_id) for one in crowd))
    round_id = (await artist.open_round(show_id))["id"]
    for number, one in enumerate(crowd):
        await vote(one, round_id, "o1" if number % 5 < 3 else "o2")
    late = await guests(app, LATE, [VENUE])
    for number, one in enumerate(late):
        await vote(one, round_id, "o1" if number % 5 < 3 else "o2")
    farm = await guests(app, FARM, [f"198.51.100.{number}" for number in range(ADDRESSES)])
    for first in range(0, FARM, AT_ONCE):
        some = farm[first : first + AT_ONCE]
        await asyncio.gather(*(vote(one, round_id, "o2") for one in some))

    # Devices and addresses are new each time: nothing was held by itself, and the script leads.
    address = f"/api/rounds/{round_id}/scrutiny"
    refused(await fan.get(address), 403, "not_allowed")
    seen = ok(await artist.get(address))
    assert (seen["voters"], seen["held"]) == (CROWD + LATE + FARM, 0)
    kinds = {one["kind"]: one for one in seen["kinds"]}
    assert kinds["guest"]["options"] == {"o1": CROWD // 5 * HONEST_O1, "o2": CROWD // 5 * HONEST_O2}
    newcomers = {"o1": LATE // 5 * HONEST_O1, "o2": LATE // 5 * HONEST_O2 + FARM}
    assert kinds["newcomer"]["options"] == newcomers
    assert seen["burst"] >= FARM // 4
    (suspected,) = seen["suspected"]
    assert suspected["option_id"] == "o2" and suspected["deviations"] > 5

    refused(
        await fan.post(f"/api/rounds/{round_id}/held/newcomers", {"option_id": "o2"}),
        403,
        "not_allowed",
    )
    answer = ok(await artist.post(f"/api/rounds/{round_id}/held/newcomers", {"option_id": "o2"}))
    assert answer["held"] == newcomers["o2"]
    kinds = {one["kind"]: one for one in ok(await artist.get(address))["kinds"]}
    assert kinds["newcomer"]["held_options"] == {"o2": newcomers["o2"]}
    assert kinds["newcomer"]["options"] == newcomers
    assert kinds["guest"]["held_options"] == {}
    again = ok(await artist.post(f"/api/rounds/{round_id}/held/newcomers", {"option_id": "o2"}))
    assert again["held"] == 0
    # Voting again does not get anybody out of it, nor does another option.
    await vote(farm[0], round_id, "o1")
    assert ok(await artist.get(address))["held"] == newcomers["o2"]
    # Somebody whom crew knows is let back in.
    release = {"participant_ids": [await participant(artist, round_id, "Guest 3")]}
    ok(await artist.post(f"/api/rounds/{round_id}/held/release", release))

    result = ok(await artist.post(f"/api/rounds/{round_id}/close"))["result"]
    assert result["options"]["o1"] == (CROWD + LATE) // 5 * HONEST_O1
    assert result["options"]["o2"] == CROWD // 5 * HONEST_O2 + 1
    assert result["held"] == newcomers["o2"] - 1


async def participant(artist: Person, round_id: str, name: str) -> str:
    items = ok(await artist.get(f"/api/rounds/{round_id}/held"))["items"]
    return next(one["participant_id"] for one in items if one["display_name"] == name)


async def test_one_token_on_many_connections_is_one_vote_and_has_one_pace(
    app: Litestar, artist: Person, guest: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    round_id = (await artist.open_round(show_id, fraud={"rate_per_min": 6}))["id"]
    clients = [Person(client_of(app, f"192.0.2.{number}"), guest.body) for number in range(6)]
    await asyncio.gather(*(vote(one, round_id, "o1") for one in clients))
    # The pace is counted by the minute of the clock, and one may end on the way.
    body = {"picks": [{"option_id": "o1"}]}
    for number in range(20):
        said = body | {"command_id": str(uuid4())}
        answer = await clients[number % 6].post(f"/api/rounds/{round_id}/vote", said)
        if answer.status_code != 200:
            break
    refused(answer, 429, "rate_limited")
    seen = ok(await artist.get(f"/api/rounds/{round_id}/scrutiny"))
    assert (seen["voters"], seen["kinds"][0]["options"]) == (1, {"o1": 1})
