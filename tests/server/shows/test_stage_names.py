"""Nobody of the audience goes by the name of who is on stage, in letters of any script."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from litestar import Litestar

from tests.server.conftest import client_of
from tests.server.http import Person, made, ok


async def known_as(who: Person, show_id: str) -> str:
    """What the room calls somebody, by their own words in it."""
    body = ok(await who.get(f"/api/shows/{show_id}/poll"))
    return str(body["you"]["display_name"])


async def says(who: Person, show_id: str) -> str:
    said = {"command_id": "c1", "name": "post_chat", "args": {"text": "tickets at my page"}}
    ok(await who.post(f"/api/shows/{show_id}/commands", said))
    state: Any = ok(await who.get(f"/api/shows/{show_id}/poll"))["state"]
    return str(state["chat"][-1]["display_name"])


@pytest.mark.parametrize(
    "name", ["The Band", "Тhе Ваnd", "THE BAND ✔", "Grаtеful Dеаd", "Grateful Dead", "Sеtroоm"]
)
async def test_whoever_is_called_like_the_stage_comes_in_without_that_name(
    nobody: Person, artist: Person, name: str
) -> None:
    show_id = (await artist.live_show(artists=[{"name": "Grateful Dead"}]))["id"]
    fake = await nobody.as_guest(name)
    called = await known_as(fake, show_id)
    assert called.startswith("Fan ")
    assert await says(fake, show_id) == called
    assert await known_as(artist, show_id) == "The Band"


async def test_everybody_else_keeps_theirs_and_the_same_person_elsewhere_too(
    nobody: Person, artist: Person
) -> None:
    show = await artist.live_show()
    other = await nobody.signed_up(role="artist", display_name="Jerry")
    elsewhere = await other.live_show()
    fan = await nobody.as_guest("The Bandits")
    fake = await nobody.as_guest("The Band")
    assert await known_as(fan, show["id"]) == "The Bandits"
    assert await known_as(fake, show["id"]) != "The Band"
    assert await known_as(fake, elsewhere["id"]) == "The Band"


async def test_whoever_takes_the_name_later_does_not_have_it_in_the_room_either(
    nobody: Person, artist: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    fan = await nobody.signed_up(role="fan", display_name="Robin")
    assert await known_as(fan, show_id) == "Robin"
    ok(await fan.put("/api/auth/profile", {"display_name": "Тhe Вand"}))
    assert (await known_as(fan, show_id)).startswith("Fan ")


async def test_a_thousand_who_come_at_once_are_one_question(
    app: Litestar, nobody: Person, artist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_id = (await artist.live_show())["id"]
    crew, asked = app.state.services.crew, []
    read = crew.stage_names

    async def counted(show: str) -> list[str]:
        asked.append(show)
        return list(await read(show))

    monkeypatch.setattr(crew, "stage_names", counted)
    fans = [await nobody.as_guest(f"Fan of {number}") for number in range(12)]
    async with client_of(app) as client:
        await asyncio.gather(*(one.at(client).post(f"/api/shows/{show_id}/ticket") for one in fans))
    assert asked == [show_id]
    made(await fans[0].post(f"/api/shows/{show_id}/ticket"))
    assert asked == [show_id]
