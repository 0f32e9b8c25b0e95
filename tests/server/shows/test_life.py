"""A show's life: only the legal transitions, only by its crew, each of them on record."""

import itertools

import pytest
from litestar import Litestar

from tests.server.http import NEW_SHOW, Person, made, ok, refused

STEPS = {
    "draft": [],
    "published": ["publish"],
    "live": ["publish", "open"],
    "closed": ["publish", "open", "close"],
    "archived": ["publish", "open", "close", "archive"],
    "cancelled": ["cancel"],
}
LEGAL = {
    ("draft", "publish"): "published",
    ("draft", "cancel"): "cancelled",
    ("published", "open"): "live",
    ("published", "cancel"): "cancelled",
    ("live", "close"): "closed",
    ("live", "cancel"): "cancelled",
    ("closed", "archive"): "archived",
}
ACTIONS = ("publish", "open", "close", "archive", "cancel")


async def show_in(artist: Person, status: str) -> str:
    """A show of this status."""
    show_id: str = (await artist.show())["id"]
    for action in STEPS[status]:
        ok(await artist.post(f"/api/shows/{show_id}/{action}"))
    return show_id


@pytest.mark.parametrize("status", STEPS)
async def test_only_the_legal_transitions_happen(artist: Person, status: str) -> None:
    for action in ACTIONS:
        show_id = await show_in(artist, status)
        answer = await artist.post(f"/api/shows/{show_id}/{action}")
        becomes = LEGAL.get((status, action))
        if becomes is None:
            assert refused(answer, 409, "illegal_transition")["detail"]
            assert ok(await artist.get(f"/api/shows/{show_id}"))["status"] == status
        else:
            assert ok(answer)["status"] == becomes


async def test_the_rooms_log_and_the_audit_log_tell_of_a_transition(
    artist: Person, app: Litestar
) -> None:
    show = await artist.live_show()
    services = app.state.services
    events = await services.room_log.events_after(show["id"], 0, 10)
    assert [(event.name, event.data.status) for event in events] == [
        ("show_status_changed", "published"),
        ("show_status_changed", "live"),
    ]
    rows = await services.pool.fetch(
        "SELECT action, before::text, after::text, at, account_id, participant_id FROM audit_log "
        "WHERE show_id = $1 ORDER BY at, id",
        show["id"],
    )
    assert rows[0]["action"] == "create_show"
    assert str(rows[0]["account_id"]) == artist.id
    changes = [row for row in rows if "status" in row["action"]]
    assert len(changes) == 2
    assert all(row["participant_id"] and row["before"] and row["after"] for row in changes)


@pytest.mark.parametrize("action", ACTIONS)
async def test_only_its_crew_moves_a_show(
    artist: Person, fan: Person, guest: Person, nobody: Person, action: str
) -> None:
    show = await artist.live_show()
    other = await nobody.signed_up(role="artist")
    await other.live_show()
    path = f"/api/shows/{show['id']}/{action}"
    for person in (fan, guest, other):
        refused(await person.post(path), 403, "not_allowed")
    refused(await nobody.post(path), 401, "not_authenticated")
    assert ok(await nobody.get(f"/api/shows/{show['id']}"))["status"] == "live"


async def test_a_show_is_made_with_a_slug_and_a_code(artist: Person) -> None:
    body = NEW_SHOW | {
        "venue": {"name": "Barton Hall", "city": "Ithaca", "country": "USA"},
        "artists": [{"name": "Grateful Dead"}, {"name": "  grateful   dead "}, {"name": "Support"}],
        "ends_at": "2027-05-08T23:00:00+02:00",
    }
    show = made(await artist.post("/api/shows", body))
    assert show["status"] == "draft"
    assert show["access"] == "public"
    assert show["slug"].startswith("barton-hall-2027-05-08")
    assert show["venue"] == {"name": "Barton Hall", "city": "Ithaca", "country": "US"}
    assert [artist["name"] for artist in show["artists"]] == ["Grateful Dead", "Support"]
    assert len(show["join_code"]) == 6
    assert not set(show["join_code"]) & set("01OIL")
    again = made(await artist.post("/api/shows", body))
    assert again["slug"] != show["slug"]
    assert again["artists"][0]["id"] == show["artists"][0]["id"]
    found = ok(await artist.get(f"/api/shows/{show['slug']}"))
    assert found["id"] == show["id"] == ok(await artist.get(f"/api/shows/{found['id']}"))["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u200b"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2027-05-08T19:00:00"}, "starts_at"),
        ({"ends_at": "2027-05-08T19:00:00Z"}, "ends_at"),
        ({"access": "secret"}, "access"),
        ({"venue": {"city": "Ithaca"}}, "venue.name"),
        ({"venue": {"name": "x", "country": "Atlantis"}}, "venue.country"),
        ({"artists": [{"name": ""}]}, "artists[0].name"),
        ({"artists": [{"name": "x"}] * 41}, "artists"),
    ],
)
async def test_what_a_show_cannot_be_is_named(
    artist: Person, changes: dict[str, object], field: str
) -> None:
    problem = refused(await artist.post("/api/shows", NEW_SHOW | changes), 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_who_may_put_on_shows(fan: Person, guest: Person, nobody: Person) -> None:
    refused(await fan.post("/api/shows", NEW_SHOW), 403, "not_allowed")
    refused(await guest.post("/api/shows", NEW_SHOW), 403, "not_allowed")
    refused(await nobody.post("/api/shows", NEW_SHOW), 401, "not_authenticated")


async def test_a_change_is_made_and_on_record(artist: Person, fan: Person, app: Litestar) -> None:
    show = await artist.live_show(venue={"name": "Here"})
    path = f"/api/shows/{show['id']}"
    changed = ok(await artist.put(path, {"title": "Another night", "venue": None}))
    assert (changed["title"], changed["venue"]) == ("Another night", None)
    assert changed["starts_at"] == show["starts_at"]
    ok(await artist.put(path, {}))
    refused(await fan.put(path, {"title": "Mine"}), 403, "not_allowed")
    rows = await app.state.services.pool.fetch(
        "SELECT before::json ->> 'title' AS before, after::json ->> 'title' AS after, "
        "after::jsonb ? 'access' AS more "
        "FROM audit_log WHERE show_id = $1 AND action = 'change_show'",
        show["id"],
    )
    assert [tuple(row) for row in rows] == [("Barton Hall", "Another night", False)]


async def test_a_show_that_is_over_is_not_changed(artist: Person) -> None:
    show_id = await show_in(artist, "cancelled")
    refused(await artist.put(f"/api/shows/{show_id}", {"title": "x"}), 409, "show_is_over")


async def test_a_draft_is_nobodys_but_its_crews(
    artist: Person, fan: Person, nobody: Person
) -> None:
    show = await artist.show()
    for person, path in itertools.product((fan, nobody), ("", "/rounds", "/setlist", "/artists")):
        refused(await person.get(f"/api/shows/{show['id']}{path}"), 404, "unknown_show")
    refused(await fan.post(f"/api/shows/{show['id']}/ticket"), 404, "unknown_show")
    assert ok(await artist.get(f"/api/shows/{show['id']}"))["join_code"]


async def test_only_crew_sees_the_code(artist: Person, fan: Person, nobody: Person) -> None:
    show = await artist.live_show(access="hybrid")
    for person in (fan, nobody):
        assert ok(await person.get(f"/api/shows/{show['id']}"))["join_code"] is None
