"""Song requests over HTTP: wishing by commands, whole queues, the songs to choose from."""

from __future__ import annotations

import itertools
from typing import Any

from litestar import Litestar

from rooms.catalogue.names import normalised
from tests.server.conftest import StartNode, client_of
from tests.server.http import Person, made, ok, refused

_numbers = itertools.count(1)
QUEUE = {"type": "queue", "options": [], "tally": {"method": "approval"}}


async def say(who: Person, show_id: str, name: str, **args: Any) -> Any:
    """One command; the answer as it came."""
    body = {"command_id": f"c{next(_numbers)}", "name": name, "args": args}
    return await who.post(f"/api/shows/{show_id}/commands", body)


async def wish(who: Person, show_id: str, title: str, **more: Any) -> dict[str, Any]:
    """A wish by title; the ack's data."""
    data: dict[str, Any] = ok(await say(who, show_id, "request_song", title=title, **more))["data"]
    return data


async def queue(who: Person, show_id: str, query: str = "") -> dict[str, Any]:
    """A queue as somebody sees it."""
    page: dict[str, Any] = ok(await who.get(f"/api/shows/{show_id}/song-requests{query}"))
    return page


async def with_songs(app: Litestar, artist: Person, *titles: str) -> tuple[str, list[str]]:
    """A live show of an artist with these songs; (show id, song ids)."""
    name = f"The Requested {next(_numbers)}"
    show = await artist.live_show(artists=[{"name": name}])
    pool = app.state.services.pool
    song_ids = [
        str(
            await pool.fetchval(
                "INSERT INTO songs (artist_id, title, normalised_title) "
                "SELECT id, $2, $3 FROM artists WHERE name = $1 RETURNING id",
                name,
                title,
                normalised(title),
            )
        )
        for title in titles
    ]
    return show["id"], song_ids


async def test_from_a_wish_to_the_setlist(artist: Person, guest: Person, fan: Person) -> None:
    show_id = (await artist.live_show())["id"]
    one = await wish(guest, show_id, "Ripple")
    assert one == {
        "outcome": "requested",
        "song_request_id": one["song_request_id"],
        "title": "Ripple",
    }
    assert (await wish(fan, show_id, "RIPPLE"))["outcome"] == "upvoted"
    unclear = await wish(fan, show_id, "Riple")
    assert unclear["outcome"] == "unclear"
    assert unclear["candidates"] == [{"song_request_id": one["song_request_id"], "title": "Ripple"}]
    page = await queue(guest, show_id)
    (view,) = page["items"]
    assert (view["upvotes"], view["rank"], view["status"]) == (2, 1, "waiting")
    assert (page["round_id"], page["waiting"]) == ("", 1)

    mark = {"song_request_id": one["song_request_id"], "status": "played"}
    refused(await say(fan, show_id, "mark_song_request", **mark), 403, "not_allowed")
    entry_id = ok(await say(artist, show_id, "mark_song_request", **mark))["data"]["entry_id"]
    setlist = ok(await guest.get(f"/api/shows/{show_id}/setlist"))
    assert [(entry["id"], entry["title"]) for entry in setlist["entries"]] == [(entry_id, "Ripple")]
    refused(await say(fan, show_id, "request_song", title="ripple"), 409, "already_played")
    (view,) = (await queue(guest, show_id))["items"]
    assert (view["status"], view["entry_id"], "rank" in view) == ("played", entry_id, False)
    history = ok(await guest.get(f"/api/shows/{show_id}/setlist/history"))
    assert history["items"][0]["entries"][0]["entry_id"] == entry_id


async def test_songs_of_the_line_up_are_found_and_wished_for(
    app: Litestar, artist: Person, guest: Person
) -> None:
    show_id, (dew, second, _) = await with_songs(
        app, artist, "Morning Dew", "100% Dew", "Dark Star"
    )
    path = f"/api/shows/{show_id}/songs"
    found = ok(await guest.get(f"{path}?q=DEW"))["items"]
    assert found == [
        {"song_id": second, "title": "100% Dew"},
        {"song_id": dew, "title": "Morning Dew"},
    ]
    assert ok(await guest.get(f"{path}?q=0%25"))["items"] == [found[0]]
    assert len(ok(await guest.get(f"{path}?limit=2"))["items"]) == 2
    assert (await wish(guest, show_id, "morning  dew"))["song_id"] == dew
    chosen = ok(await say(artist, show_id, "request_song", song_id=dew))["data"]
    assert (chosen["outcome"], chosen["title"]) == ("upvoted", "Morning Dew")
    other_id, _ = await with_songs(app, artist, "Elsewhere")
    refused(await say(guest, other_id, "request_song", song_id=dew), 404, "unknown_song")
    mark = {"song_request_id": chosen["song_request_id"], "status": "playing"}
    ok(await say(artist, show_id, "mark_song_request", **mark))
    (again,) = ok(await guest.get(f"{path}?q=morning"))["items"]
    assert again["already_played"] is True


async def test_a_queue_is_read_to_its_end_by_pages(artist: Person, guest: Person) -> None:
    show_id = (await artist.live_show())["id"]
    titles = ["Althea", "Bertha", "Cassidy", "Deal", "Estimated Prophet"]
    ids = [(await wish(guest, show_id, title))["song_request_id"] for title in titles]
    declined = {"song_request_id": ids[1], "status": "declined", "reason": "Not tonight"}
    ok(await say(artist, show_id, "mark_song_request", **declined))
    seen: list[str] = []
    query = "?limit=2"
    for _ in range(3):
        page = await queue(guest, show_id, query)
        seen += [view["song_request_id"] for view in page["items"]]
        if "next_cursor" not in page:
            break
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert seen == [ids[0], ids[2], ids[3], ids[4], ids[1]]
    waiting = await queue(guest, show_id, f"?status=waiting&limit=3&cursor={ids[0]}")
    assert [view["song_request_id"] for view in waiting["items"]] == ids[2:]
    (no,) = (await queue(guest, show_id, "?status=declined"))["items"]
    assert (no["reason"], no["song_request_id"]) == ("Not tonight", ids[1])
    path = f"/api/shows/{show_id}/song-requests"
    refused(await guest.get(f"{path}?cursor=none"), 422, "validation_failed")
    refused(await guest.get(f"{path}?status=lost"), 422, "validation_failed")


async def test_a_queue_round_ends_with_its_wishes_as_the_result(
    artist: Person, guest: Person, fan: Person, start_node: StartNode
) -> None:
    show_id = (await artist.live_show())["id"]
    round_id = (await artist.open_round(show_id, visibility="on_close", **QUEUE))["id"]
    one = await wish(guest, show_id, "Ripple", round_id=round_id)
    await wish(fan, show_id, "ripple", round_id=round_id)
    await wish(fan, show_id, "Althea", round_id=round_id)
    query = f"?round_id={round_id}"
    hidden = await queue(guest, show_id, query)
    assert [set(view) & {"upvotes", "rank"} for view in hidden["items"]] == [set(), set()]
    assert [view["upvotes"] for view in (await queue(artist, show_id, query))["items"]] == [2, 1]
    async with client_of(await start_node()) as client:
        closed = ok(await artist.at(client).post(f"/api/rounds/{round_id}/close"))
    result = closed["result"]
    assert result["labels"][one["song_request_id"]] == "Ripple"
    assert result["options"][one["song_request_id"]] == 2
    assert (result["votes"], result["voters"]) == (3, 2)
    assert result["winners"] == [one["song_request_id"]]
    shown = await queue(guest, show_id, query)
    assert [view["upvotes"] for view in shown["items"]] == [2, 1]
    late = await say(guest, show_id, "request_song", title="Late", round_id=round_id)
    refused(late, 409, "round_closed")


async def test_what_is_no_queue_is_not_found(artist: Person, guest: Person) -> None:
    show_id = (await artist.live_show())["id"]
    plain = (await artist.open_round(show_id))["id"]
    draft = made(
        await artist.post(f"/api/shows/{show_id}/rounds", {"config": QUEUE | {"title": "Later"}})
    )["id"]
    for round_id in (plain, draft, "0198a000-0000-7000-8000-00000000ffff"):
        path = f"/api/shows/{show_id}/song-requests?round_id={round_id}"
        refused(await guest.get(path), 404, "unknown_round")
    assert (await queue(artist, show_id, f"?round_id={draft}"))["items"] == []
