"""Rounds in two taps: presets filled for a show, and options from what it has."""

from __future__ import annotations

import base64
from typing import Any

from litestar import Litestar
from pycrdt import Doc, Map

from tests.server.http import Person, made, ok, refused, unique_email

PRESETS = ["encore", "next_song", "duel", "best_of_night", "cover_or_original"]


async def catalogue(app: Litestar, show_id: str, *titles: str) -> list[str]:
    """Songs of the show's headliner; their ids."""
    pool = app.state.services.pool
    artist_id = await pool.fetchval("SELECT artist_id FROM line_up WHERE show_id = $1", show_id)
    return [
        str(
            await pool.fetchval(
                "INSERT INTO songs (artist_id, title, normalised_title)"
                " VALUES ($1, $2::text, lower($2::text)) RETURNING id",
                artist_id,
                title,
            )
        )
        for title in titles
    ]


async def show_of(artist: Person, *artists: str) -> dict[str, Any]:
    """A live show with a line-up that no other test has."""
    names = [f"{name} {unique_email()}" for name in artists]
    return await artist.live_show(artists=[{"name": name} for name in names])


async def presets_of(artist: Person, show_id: str) -> dict[str, Any]:
    """The presets by name."""
    page = ok(await artist.get(f"/api/shows/{show_id}/round-presets"))
    assert [item["preset"] for item in page["items"]] == PRESETS
    return {item["preset"]: item for item in page["items"]}


async def test_presets_ask_in_the_language_of_who_opens_them(artist: Person) -> None:
    show = await show_of(artist, "Los Cables")
    page = ok(await artist.get(f"/api/shows/{show['id']}/round-presets?language=es"))
    assert page["items"][0]["config"]["title"] == "¿Bis?"
    body = {"preset": "cover_or_original", "open": True, "language": "es"}
    opened = ok(await artist.post(f"/api/shows/{show['id']}/rounds", body), 201)
    assert opened["config"]["title"] == "¿Una versión o una propia?"
    labels = [option["label"] for option in opened["config"]["options"]]
    assert labels == ["Una versión", "Una propia"]
    unknown = await artist.get(f"/api/shows/{show['id']}/round-presets?language=tlh")
    assert unknown.status_code == 422


async def test_presets_are_filled_from_the_catalogue(artist: Person, app: Litestar) -> None:
    show = await show_of(artist, "The Band")
    songs = await catalogue(app, show["id"], *(f"Song {number}" for number in range(9)))
    presets = await presets_of(artist, show["id"])
    encore = presets["encore"]
    assert encore["ready"]
    options = encore["config"]["options"]
    assert 2 <= len(options) <= 5
    assert {option["song_id"] for option in options} <= set(songs)
    assert len(presets["duel"]["config"]["options"]) == 2
    assert presets["cover_or_original"]["ready"]
    best = presets["best_of_night"]
    assert (best["ready"], best["config"]["options"]) == (False, [])


async def test_a_show_without_songs_is_told_what_is_not_ready(artist: Person) -> None:
    show = await artist.live_show()
    presets = await presets_of(artist, show["id"])
    assert {name for name, item in presets.items() if item["ready"]} == {"cover_or_original"}
    answer = await artist.post(f"/api/shows/{show['id']}/rounds", {"preset": "encore"})
    problem = refused(answer, 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == ["config.options"]


async def test_one_call_opens_a_preset(artist: Person, guest: Person, app: Litestar) -> None:
    show = await show_of(artist, "The Band")
    await catalogue(app, show["id"], "Ripple", "Bertha", "Deal")
    path = f"/api/shows/{show['id']}/rounds"
    headers = {"Idempotency-Key": unique_email()}
    body = {"preset": "duel", "open": True}
    opened = made(await artist.post(path, body, headers=headers))
    assert (opened["status"], opened["config"]["title"]) == ("open", "This one or that one?")
    assert len(opened["seed_hash"]) == 64
    again = made(await artist.post(path, body, headers=headers))
    assert again["id"] == opened["id"]
    vote = {"command_id": "v1", "picks": [{"option_id": "o1"}]}
    ok(await guest.post(f"/api/rounds/{opened['id']}/vote", vote))
    assert len(ok(await artist.get(path))["items"]) == 1


async def test_options_come_from_the_line_up_or_from_free_text(artist: Person) -> None:
    show = await show_of(artist, "Headliner", "Support")
    path = f"/api/shows/{show['id']}/rounds"
    config = {"title": "Who was best?", "options": []}
    by_line_up = made(await artist.post(path, {"config": config, "options_from": "line_up"}))
    labels = [option["label"] for option in by_line_up["config"]["options"]]
    assert [label.split()[0] for label in labels] == ["Headliner", "Support"]
    free = {"config": config, "labels": ["Louder", "Softer", "louder!"]}
    by_text = made(await artist.post(path, free))
    assert [option["label"] for option in by_text["config"]["options"]] == ["Louder", "Softer"]
    assert [option["code"] for option in by_text["config"]["options"]] == ["1", "2"]
    renamed = {"preset": "cover_or_original", "labels": ["Yes", "No"]}
    assert made(await artist.post(path, renamed))["status"] == "draft"


async def test_options_come_from_the_setlist(artist: Person) -> None:
    show = await artist.live_show()
    for title in ("Ripple", "Bertha"):
        await _add(artist, show["id"], title)
    body = {"preset": "best_of_night", "open": True}
    opened = made(await artist.post(f"/api/shows/{show['id']}/rounds", body))
    options = opened["config"]["options"]
    assert [option["label"] for option in options] == ["Ripple", "Bertha"]
    assert all(option["entry_id"] for option in options)
    assert opened["config"]["pick"] == {"min": 1, "max": 2, "budget": None}


async def test_presets_and_making_rounds_are_for_crew(
    artist: Person, fan: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}"
    refused(await fan.get(f"{path}/round-presets"), 403, "not_allowed")
    refused(await nobody.get(f"{path}/round-presets"), 401, "not_authenticated")
    refused(await fan.post(f"{path}/rounds", {"preset": "encore"}), 403, "not_allowed")
    problem = refused(await artist.post(f"{path}/rounds", {}), 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == ["config"]
    answer = await artist.post(f"{path}/rounds", {"preset": "waltz"})
    problem = refused(answer, 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == ["preset"]


async def _add(person: Person, show_id: str, title: str) -> None:
    """Adds a song to the end of the setlist."""
    doc: Doc[Any] = Doc()
    document = ok(await person.get(f"/api/shows/{show_id}/setlist/document"))
    doc.apply_update(base64.b64decode(document["update"]))
    entries = doc.get("entries", type=Map)
    before = doc.get_state()
    number = len(entries)
    entries[f"entry-{number}"] = Map(
        {"title": title, "section": "set1", "position": f"{number + 1}V", "segue": False}
    )
    update = base64.b64encode(doc.get_update(before)).decode()
    body = {"command_id": f"add-{number}", "update": update}
    ok(await person.post(f"/api/shows/{show_id}/setlist/updates", body))
