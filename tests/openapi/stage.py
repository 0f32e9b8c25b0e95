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

ACTORS = ("anonymous", "guest", "fan", "crew", "stranger", "brand", "admin")
"""``crew`` owns the shows; ``stranger`` is an artist and ``brand`` a brand without any part in
them."""

_numbers = itertools.count(1)


@dataclass
class Stage:
    """One set of people and things; whoever fuzzes it may break it.

    Attributes:
        people: by the name of what they are.
        ids: values for path parameters, by their names.
    """

    people: dict[str, Caller] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


def set_stage(site: Site, access: str = "public") -> Stage:
    """Everybody and everything anew; ``access`` of the show."""
    nobody = Caller(site.client)
    stage = Stage(people={"anonymous": nobody})
    stage.people |= {
        "guest": _guest(nobody),
        "fan": _account(nobody, "fan"),
        "crew": _account(nobody, "artist"),
        "stranger": _account(nobody, "artist"),
        "brand": _with_role(site, nobody, "brand"),
        "admin": _with_role(site, nobody, "admin"),
    }
    _fill(stage, access)
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


def _with_role(site: Site, nobody: Caller, role: str) -> Caller:
    person = _account(nobody, "fan")
    execute(site.database_url, "UPDATE accounts SET role = $2 WHERE id = $1", person.id, role)
    return person


def _fill(stage: Stage, access: str) -> None:
    crew, fan, guest = (stage.people[name] for name in ("crew", "fan", "guest"))
    show = crew.live_show(
        access=access,
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
    # A private show lets nobody in without its code, so its crew is who fills it.
    fans = (fan, guest) if access == "public" else (crew, crew)
    for person in fans:
        ok(person.vote(round_id, "o1"))
    chat = ok(fans[0].command(show_id, "post_chat", text="hello"))["data"]["chat_message_id"]
    request = ok(fans[1].command(show_id, "request_song", title="Dark Star"))
    invitation = made(
        crew.post(f"/api/shows/{show_id}/invitations", {"kind": "crew", "role": "moderator"})
    )
    people = _items(ok(crew.get(f"/api/shows/{show_id}/participants")))
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
        "participant_id": people[-1]["participant_id"],
        "invitation_id": invitation["id"],
        "token": invitation["token"],
        "join_code": show["join_code"],
        "entry_id": "song-0",
        "state_vector": base64.b64encode(b"\x00").decode(),
    }


def _items(body: Any) -> list[dict[str, Any]]:
    return list(body["items"] if isinstance(body, dict) and "items" in body else body)


def _first_id(body: dict[str, Any]) -> str:
    named = [value for key, value in body.items() if key == "id" or key.endswith("_id")]
    return str(next((value for value in named if value), new_id()))
