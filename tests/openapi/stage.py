"""What stands on a node before it is fuzzed: people of every kind, and something of everything."""

from __future__ import annotations

import base64
import itertools
import os
from dataclasses import dataclass, field
from typing import Any

from tests.browser.site import Site, setlist_update
from tests.wire.client import PASSWORD, Caller, made, new_id, ok
from tests.wire.conftest import execute

ACTORS = ("anonymous", "guest", "fan", "crew", "stranger", "admin")
"""``crew`` owns the shows; ``stranger`` is an artist with shows of their own."""

_numbers = itertools.count(1)


@dataclass
class Stage:
    """One set of people and things; whoever fuzzes it may break it.

    Attributes:
        people: by the name of what they are.
        ids: values for path parameters, by their names.
        values: values for query parameters and bodies, by their names.
    """

    people: dict[str, Caller] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def set_stage(site: Site) -> Stage:
    """Everybody and everything anew."""
    nobody = Caller(site.client)
    stage = Stage(people={"anonymous": nobody})
    stage.people |= {
        "guest": _guest(nobody),
        "fan": _account(nobody, "fan"),
        "crew": _account(nobody, "artist"),
        "stranger": _account(nobody, "artist"),
        "admin": _admin(site, nobody),
    }
    _fill(stage)
    return stage


def _guest(nobody: Caller) -> Caller:
    answer = nobody.post("/api/auth/guest", {"display_name": "Robin"})
    return Caller(nobody.client, made(answer))


def _account(nobody: Caller, role: str) -> Caller:
    body = {
        "email": f"fuzz-{os.getpid()}-{next(_numbers)}@example.com",
        "password": PASSWORD,
        "display_name": f"The {role}",
        "role": role,
    }
    return Caller(nobody.client, made(nobody.post("/api/auth/signup", body)))


def _admin(site: Site, nobody: Caller) -> Caller:
    person = _account(nobody, "fan")
    execute(site.database_url, "UPDATE accounts SET role = 'admin' WHERE id = $1", person.id)
    return person


def _fill(stage: Stage) -> None:
    crew, fan, guest = (stage.people[name] for name in ("crew", "fan", "guest"))
    show = crew.live_show(
        title=f"Barton Hall {next(_numbers)}",
        venue={"name": "Barton Hall", "city": "Ithaca", "country": "US"},
        artists=[{"name": "Grateful Dead"}],
        tour={"name": "Spring 77"},
    )
    show_id = show["id"]
    update = setlist_update([("set1", "Minglewood"), ("set1", "Loser"), ("encore1", "Saturday")])
    ok(
        crew.post(
            f"/api/shows/{show_id}/setlist/updates", {"command_id": new_id(), "update": update}
        )
    )
    round_id = crew.open_round(show_id, "Ripple", "Brokedown Palace")
    for person in (fan, guest):
        ok(person.vote(round_id, "o1"))
    chat = ok(fan.command(show_id, "post_chat", text="hello"))["data"]["chat_message_id"]
    request = ok(guest.command(show_id, "request_song", title="Dark Star"))
    display = made(crew.post(f"/api/shows/{show_id}/displays", {"name": "Stage", "kind": "stage"}))
    artists = ok(crew.get(f"/api/shows/{show_id}/artists"))
    sessions = ok(fan.get("/api/auth/sessions"))
    stage.ids |= {
        "show_id": show_id,
        "round_id": round_id,
        "chat_message_id": chat,
        "song_request_id": _first_id(request.get("data", {})),
        "display_id": _first_id(display),
        "artist_id": _first_id(_items(artists)[0]),
        "session_id": _first_id(_items(sessions)[0]),
        "name": show.get("slug", show_id),
        "participant_id": guest.id,
        "entry_id": "song-0",
        "state_vector": base64.b64encode(b"\x00").decode(),
    }


def _items(body: Any) -> list[dict[str, Any]]:
    return list(body["items"] if isinstance(body, dict) and "items" in body else body)


def _first_id(body: dict[str, Any]) -> str:
    named = [value for key, value in body.items() if key == "id" or key.endswith("_id")]
    return str(next((value for value in named if value), new_id()))
