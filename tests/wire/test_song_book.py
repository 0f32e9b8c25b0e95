"""All songs of a line-up in one answer, to be kept and searched without a network."""

from __future__ import annotations

from uuid import uuid4

from tests.wire.client import Caller, ok, refused
from tests.wire.conftest import execute


def test_the_book_has_all_songs_once_and_is_asked_for_once(
    artist: Caller, guest: Caller, wire_database: str
) -> None:
    names = [{"name": f"{name} {uuid4().hex[:8]}"} for name in ("One", "Two", "Gone")]
    show = artist.show(artists=names)
    for number, performer in enumerate(show["artists"]):
        for song in range(60):
            execute(
                wire_database,
                "WITH made AS (INSERT INTO songs (artist_id, title, normalised_title) "
                "VALUES ($1, $2, $2) RETURNING id, artist_id) INSERT INTO song_statistics "
                "(artist_id, song_id, times_played, shows_played, first_show_id, first_played_at, "
                "last_show_id, last_played_at, last_place, times_opened, times_closed, "
                "times_encored, gap_shows) SELECT artist_id, id, $3, $3, $4, "
                "now(), $4, now(), 'set', 0, 0, 0, 0 FROM made WHERE $3 > 0",
                performer["id"],
                f"song {number} {song:02}",
                song if number == 0 else 0,
                show["id"],
            )
    gone = show["artists"][2]["id"]
    execute(wire_database, "UPDATE line_up SET status = 'declined' WHERE artist_id = $1", gone)
    ok(artist.post(f"/api/shows/{show['id']}/publish"))
    path = f"/api/shows/{show['id']}/songs"
    answer = guest.get(path, headers={"Accept-Encoding": "gzip"})
    items = ok(answer)["items"]
    assert answer.headers["content-encoding"] == "gzip"
    assert len({item["song_id"] for item in items}) == len(items) == 120
    assert [item["times"] for item in items[:3]] == [59, 58, 57]
    assert not any(item["title"].startswith("song 2") for item in items)
    assert items[0] == {"song_id": items[0]["song_id"], "title": "song 0 59", "times": 59}
    tag = answer.headers["etag"]
    same = guest.get(path, headers={"If-None-Match": tag})
    assert same.status_code == 304 and same.content == b"" and same.headers["etag"] == tag
    plain = guest.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.json()["items"] == items
    assert len(ok(guest.get(f"{path}?q=song 1"))["items"]) == 20, "looked for, it is the likeliest"
    assert len(ok(guest.get(f"{path}?limit=3"))["items"]) == 3


def test_the_book_of_a_private_show_is_for_who_is_in(artist: Caller, guest: Caller) -> None:
    show = artist.live_show(access="private")
    path = f"/api/shows/{show['id']}/songs"
    refused(guest.get(path), 403, "join_code_required")
    guest.ticket(show["id"], join_code=show["join_code"])
    assert ok(guest.get(path)) == {"items": []}
