"""The demo's displays: made once, found again, made anew where the crew has ended one."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from loadtests.demo.accounts import crew_account
from loadtests.demo.programme import Programme
from loadtests.demo.screens import screens_of
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient
from loadtests.wire.api import open_session


def _told(show_id: str, urls: dict[str, str]) -> Programme:
    return Programme(
        *("http://x", "http://x/shows/live", "crew@x.example", "pass", "CODE"),
        show_id=show_id,
        screen_url=urls["big_screen"],
        stage_url=urls["stage"],
    )


async def test_displays_are_made_once_for_a_show(node: Command) -> None:
    async with open_session() as session, asyncio.timeout(120):
        crew = await crew_account(node.url, session, None)
        api = ApiClient(node.url, session)
        await api.login(crew.email, crew.password)
        body = {"title": "Barton Hall", "starts_at": "2027-05-08T19:00:00Z", "access": "public"}
        show, other = [(await api.post("/api/shows", body))["id"] for _ in range(2)]

        first = await screens_of(api, show, None)
        assert sorted(first) == ["big_screen", "stage"]
        assert all(urlsplit(url).fragment for url in first.values())
        assert await screens_of(api, show, _told(show, first)) == first

        ended = first["stage"].partition("#")[0].rpartition("/")[2]
        await api.request("DELETE", f"/api/displays/{ended}")
        again = await screens_of(api, show, _told(show, first))
        assert again["big_screen"] == first["big_screen"]
        assert again["stage"] != first["stage"]

        elsewhere = await screens_of(api, other, _told(show, first))
        assert not set(elsewhere.values()) & set(first.values())
