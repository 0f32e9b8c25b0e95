"""One night of two songs, and what is asked of its setlist's past."""

from __future__ import annotations

from typing import Any

from storage.ids import uuid7
from tests.server.http import PASSWORD, Person, made, ok
from tests.server.setlist.test_setlists import Editor, editor_of

Json = dict[str, Any]


def path(show: Json, rest: str = "") -> str:
    return f"/api/shows/{show['id']}/setlist{rest}"


async def history(person: Person, show: Json, query: str = "") -> list[Json]:
    items: list[Json] = ok(await person.get(path(show, f"/history{query}")))["items"]
    return items


async def listed(person: Person, show: Json, query: str = "") -> list[Json]:
    entries: list[Json] = ok(await person.get(path(show, query)))["entries"]
    return entries


async def titles(person: Person, show: Json, query: str = "") -> list[str]:
    return [entry["title"] for entry in await listed(person, show, query)]


async def rewrite(person: Person, show: Json, what: str, **body: Any) -> Json:
    done: Json = ok(await person.post(path(show, f"/{what}"), {"command_id": str(uuid7())} | body))
    return done


async def night(artist: Person, guest: Person) -> tuple[Json, Editor]:
    """A live show with two songs by a guest."""
    show = await artist.live_show()
    fan = await editor_of(guest, show["id"])
    await fan.add("Bertha")
    await fan.add("Althea")
    return show, fan


def entry_id(editor: Editor, title: str) -> str:
    return next(entry.id for entry in editor.document.entries() if entry.title == title)


async def log_in(person: Person, email: str, **more: Any) -> Person:
    body = {"email": email, "password": PASSWORD} | more
    return Person(person.client, ok(await person.post("/api/auth/login", body)))


async def participant(person: Person, show: Json) -> str:
    answer = made(await person.post(f"/api/shows/{show['id']}/ticket"))
    return str(answer["participant_id"])
