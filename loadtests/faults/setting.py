"""What every fault needs first: a crew account, live shows, guests."""

from __future__ import annotations

import secrets
from typing import Any

import aiohttp

from loadtests.wire import ApiClient

PASSWORD_WORDS = 4


async def new_crew(url: str, session: aiohttp.ClientSession) -> ApiClient:
    """A signed-in account that may make shows and drive them."""
    api = ApiClient(url, session)
    password = "-".join(secrets.token_hex(2) for _ in range(PASSWORD_WORDS))
    await api.signup(f"crew-{secrets.token_hex(6)}@load.example", password, "Crew", role="artist")
    return api


async def new_guest(url: str, session: aiohttp.ClientSession, name: str) -> ApiClient:
    """A signed-in guest."""
    api = ApiClient(url, session)
    await api.guest(name)
    return api


async def live_show(crew: ApiClient, title: str, *, takes_sms: bool = False) -> dict[str, Any]:
    """A public show that is live."""
    body = {
        "title": f"{title} {secrets.token_hex(3)}",
        "starts_at": "2030-01-01T20:00:00Z",
        "access": "public",
        "artists": [{"name": "The Load Generators"}],
        "takes_sms": takes_sms,
    }
    show = await crew.post("/api/shows", body)
    for step in ("publish", "open"):
        show |= await crew.post(f"/api/shows/{show['id']}/{step}")
    return show


def single_choice(
    options: int,
    *,
    duration_s: int | None = None,
    visibility: str = "always",
    channels: tuple[str, ...] = ("web",),
) -> dict[str, Any]:
    """A ``vote_config``; without a duration it stays open until closed by hand."""
    return {
        "v": 1,
        "type": "single",
        "title": "Which one?",
        "options": [{"id": f"o{n}", "label": f"Option {n}"} for n in range(1, options + 1)],
        "pick": {"min": 1, "max": 1, "budget": None},
        "tally": {"method": "plurality", "weights": {"audience": 1, "artist": 0, "jury": 0}},
        "window": {"duration_s": duration_s, "sms_grace_s": 0, "extend_max_s": 60},
        "change": "until_close",
        "visibility": visibility,
        "tie": [],
        "quorum": 0,
        "who": {"channels": list(channels), "identity": "attendee", "attendance": "any"},
    }


async def open_round(crew: ApiClient, show_id: str, config: dict[str, Any]) -> str:
    """Makes a round and opens it; returns its id."""
    made = await crew.post(f"/api/shows/{show_id}/rounds", {"config": config})
    await crew.post(f"/api/rounds/{made['id']}/open")
    return str(made["id"])


async def close_round(crew: ApiClient, round_id: str) -> dict[str, Any]:
    """Closes a round and returns its result."""
    closed = await crew.post(f"/api/rounds/{round_id}/close")
    result = closed.get("result")
    if result is None:
        result = (await crew.get(f"/api/rounds/{round_id}"))["result"]
    assert isinstance(result, dict)
    return result
