"""Archived shows over HTTP: what was played, songs with their past, questions and answers."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from litestar import Litestar

from jobs.outbox.relay import Relay
from rooms.catalogue.names import normalised
from server.worker import effect_handlers
from storage.ids import uuid7
from storage.outbox.nudges import PostgresNudges
from storage.outbox.outbox import PostgresOutbox
from tests.server.http import Person, ok, refused
from tests.server.setlist.test_setlists import editor_of

Json = dict[str, Any]
_numbers = itertools.count(1)


class Archive:
    """A band of its own, its songs, and shows that are over."""

    def __init__(self, app: Litestar, artist: Person) -> None:
        self.services = app.state.services
        self.artist = artist
        self.name = f"The Archived {next(_numbers)}"
        self.artist_id = ""

    async def songs(self, *titles: str) -> list[str]:
        """Adds songs to the band's catalogue."""
        pool = self.services.pool
        self.artist_id = self.artist_id or str(
            await pool.fetchval(
                "INSERT INTO artists (name, normalised_name) VALUES ($1, $2) RETURNING id",
                self.name,
                normalised(self.name),
            )
        )
        return [
            str(
                await pool.fetchval(
                    "INSERT INTO songs (artist_id, title, normalised_title)"
                    " VALUES ($1, $2, $3) RETURNING id",
                    self.artist_id,
                    title,
                    normalised(title),
                )
            )
            for title in titles
        ]

    async def show(self, *titles: str, **changes: Any) -> Json:
        """Plays a show and archives it; nothing is derived yet."""
        show = await self.artist.live_show(artists=[{"name": self.name}], **changes)
        editor = await editor_of(self.artist, show["id"])
        for title in titles:
            section, _, rest = title.rpartition(":")
            await editor.add(rest, section=section or "set1")
        for step in ("close", "archive"):
            ok(await self.artist.post(f"/api/shows/{show['id']}/{step}"))
        return show

    async def derive(self) -> None:
        """What a worker does."""
        pool = self.services.pool
        handlers = effect_handlers(pool, self.services.room_log)
        relay = Relay(PostgresOutbox(pool), PostgresNudges(pool), handlers, lambda: 0.5)
        await relay.drain()

    async def played(self, show: Json, person: Person | None = None) -> Json:
        """What is told of it."""
        path = f"/api/shows/{show['id']}/performances"
        body: Json = ok(await (person or self.artist).get(path))
        return body


@pytest.fixture
def archive(app: Litestar, artist: Person) -> Archive:
    return Archive(app, artist)


async def test_the_list_of_an_archived_show_is_whole_once_a_worker_has_been(
    archive: Archive, nobody: Person
) -> None:
    loser, deal = await archive.songs("Loser", "Deal")
    show = await archive.show("Loser", "A new one", "encore1:deal!")
    early = await archive.played(show, nobody)
    assert (early["complete"], early["items"]) == (False, [])
    await archive.derive()
    body = await archive.played(show, nobody)
    assert (body["complete"], body["pending_reviews"]) == (True, 1)
    assert [(one["ordinal"], one["title"], one.get("song_id")) for one in body["items"]] == [
        (1, "Loser", loser),
        (2, "A new one", None),
        (3, "deal!", deal),
    ]
    assert body["items"][1]["review"] == "pending"
    assert body["items"][0]["past"] == {"times_before": 0}


async def test_a_song_has_its_statistics_and_a_night_what_came_before(archive: Archive) -> None:
    loser, _ = await archive.songs("Loser", "Deal")
    shows = [
        await archive.show("Loser", "Deal", starts_at="2027-05-08T19:00:00Z", title="First"),
        await archive.show("Deal", starts_at="2027-05-09T19:00:00Z", title="Second"),
        await archive.show("Deal", "encore1:Loser", starts_at="2027-05-10T19:00:00Z"),
    ]
    await archive.derive()
    song = ok(await archive.artist.get(f"/api/songs/{loser}"))
    counted = song["statistics"]
    assert (song["title"], song["artist"]) == ("Loser", archive.name)
    assert (counted["times_played"], counted["times_opened"], counted["gap_shows"]) == (2, 1, 0)
    assert (counted["first"]["title"], counted["last"]["id"]) == ("First", shows[2]["id"])
    assert counted["last_place"] == "encore"
    last = (await archive.played(shows[2]))["items"][1]
    assert last["past"]["shows_since"] == 2
    assert last["past"]["last"]["id"] == shows[0]["id"]


async def test_an_artists_songs_come_in_pages_in_every_order(archive: Archive) -> None:
    await archive.songs("Loser", "Deal", "Ripple", "Sugaree")
    await archive.show("Loser", "Deal", starts_at="2027-05-08T19:00:00Z")
    await archive.show("Loser", "Ripple", starts_at="2027-05-09T19:00:00Z")
    await archive.derive()

    async def listed(sort: str, limit: int) -> list[str]:
        titles: list[str] = []
        cursor = ""
        while True:
            path = f"/api/artists/{archive.artist_id}/songs?sort={sort}&limit={limit}{cursor}"
            body = ok(await archive.artist.get(path))
            titles += [song["title"] for song in body["items"]]
            if body["next_cursor"] is None:
                return titles
            cursor = f"&cursor={body['next_cursor']}"

    for limit in (1, 2, 50):
        assert (await listed("title", limit)) == ["Deal", "Loser", "Ripple", "Sugaree"]
        most = await listed("times_played", limit)
        assert (most[0], most[-1], sorted(most[1:3])) == ("Loser", "Sugaree", ["Deal", "Ripple"])
        latest = await listed("last_played", limit)
        assert (sorted(latest[:2]), latest[2:]) == (["Loser", "Ripple"], ["Deal", "Sugaree"])


async def test_a_question_is_answered_by_the_artist_and_taken_back(archive: Archive) -> None:
    loser, _ = await archive.songs("Loser", "Deal")
    show = await archive.show("Losr", "Deal")
    await archive.derive()
    path = f"/api/reviews/songs?show_id={show['id']}"
    (review,) = ok(await archive.artist.get(path))["items"]
    assert (review["title"], review["reason"], review["status"]) == (
        "Losr", "unknown_title", "pending",
    )  # fmt: skip
    assert review["candidates"][0]["song_id"] == loser
    answer = f"/api/reviews/songs/{review['id']}"
    decided = ok(await archive.artist.post(answer, {"song_id": loser}))
    assert (decided["status"], decided["song_title"]) == ("matched", "Loser")
    assert (await archive.played(show))["items"][0]["song_id"] == loser
    assert ok(await archive.artist.get(path))["items"] == []
    assert ok(await archive.artist.get(f"{path}&status=matched"))["items"] == [decided]
    undone = ok(await archive.artist.post(f"{answer}/undo"))
    assert undone == review
    assert "statistics" not in ok(await archive.artist.get(f"/api/songs/{loser}"))


async def test_the_queue_comes_in_pages_oldest_first(archive: Archive) -> None:
    await archive.songs("Loser")
    show = await archive.show("A", "B", "C")
    await archive.derive()
    seen: list[str] = []
    cursor = ""
    while True:
        path = f"/api/reviews/songs?show_id={show['id']}&limit=1{cursor}"
        body = ok(await archive.artist.get(path))
        seen += [review["title"] for review in body["items"]]
        if body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
    assert sorted(seen) == ["A", "B", "C"]


async def test_a_correction_after_archiving_is_derived_again(archive: Archive) -> None:
    loser, deal = await archive.songs("Loser", "Deal")
    show = await archive.show("Loser")
    await archive.derive()
    editor = await editor_of(archive.artist, show["id"])
    await editor.add("Deal")
    await archive.derive()
    items = (await archive.played(show))["items"]
    assert [one["song_id"] for one in items] == [loser, deal]


async def test_a_rollback_after_archiving_is_for_crew_and_is_derived_again(
    archive: Archive, fan: Person
) -> None:
    await archive.songs("Loser", "Deal")
    show = await archive.show("Loser", "Deal")
    await archive.derive()
    path = f"/api/shows/{show['id']}/setlist"
    first = ok(await archive.artist.get(f"{path}/history"))["items"][-1]["seq"]
    rollback = {"command_id": str(uuid7()), "to_seq": first}
    assert (await fan.post(f"{path}/rollback", rollback)).status_code in (403, 409)
    ok(await archive.artist.post(f"{path}/rollback", rollback))
    await archive.derive()
    assert [one["title"] for one in (await archive.played(show))["items"]] == ["Loser"]


async def test_what_a_source_says_after_archiving_is_derived_again(archive: Archive) -> None:
    await archive.songs("Loser", "Deal")
    show = await archive.show("Loser", "Deal")
    await archive.derive()
    wrong = (await archive.played(show))["items"][0]["entry_id"]
    for verdict, left in (("not_played", ["Deal"]), ("played", ["Loser", "Deal"])):
        body = {"command_id": str(uuid7()), "entry_id": wrong, "verdict": verdict, "source": "tape"}
        ok(await archive.artist.post(f"/api/shows/{show['id']}/setlist/settle", body))
        await archive.derive()
        assert [one["title"] for one in (await archive.played(show))["items"]] == left


async def test_others_cannot_see_or_answer_questions(
    archive: Archive, fan: Person, guest: Person, nobody: Person
) -> None:
    await archive.songs("Loser")
    show = await archive.show("What")
    await archive.derive()
    path = f"/api/reviews/songs?show_id={show['id']}"
    (review,) = ok(await archive.artist.get(path))["items"]
    answer = f"/api/reviews/songs/{review['id']}"
    assert ok(await fan.get(path))["items"] == []
    refused(await fan.post(answer, {"dismiss": True, "reason": "x"}), 404, "unknown_review")
    refused(await fan.post(f"{answer}/undo"), 404, "unknown_review")
    refused(await guest.get(path), 403, "not_allowed")
    refused(await nobody.get(path), 401, "not_authenticated")


async def test_an_answer_is_exactly_one_of_three(archive: Archive) -> None:
    (loser,) = await archive.songs("Loser")
    show = await archive.show("What")
    await archive.derive()
    (review,) = ok(await archive.artist.get(f"/api/reviews/songs?show_id={show['id']}"))["items"]
    answer = f"/api/reviews/songs/{review['id']}"
    for body in (
        {},
        {"song_id": loser, "create": True},
        {"dismiss": True},
        {"create": True, "title": " "},
        {"song_id": "loser"},
        {"dismiss": True, "reason": "x", "more": 1},
    ):
        refused(await archive.artist.post(answer, body), 422, "validation_failed")
    made = ok(await archive.artist.post(answer, {"create": True, "title": "What's Become"}))
    assert (made["status"], made["song_title"]) == ("created", "What's Become")
    again = await archive.artist.post(answer, {"dismiss": True, "reason": "x"})
    refused(again, 409, "review_decided")


async def test_what_does_not_exist_or_is_not_yet_says_so(archive: Archive) -> None:
    show = await archive.artist.live_show()
    path = f"/api/shows/{show['id']}/performances"
    refused(await archive.artist.get(path), 409, "not_archived")
    nothing = show["id"]
    refused(await archive.artist.get(f"/api/songs/{nothing}"), 404, "unknown_song")
    refused(await archive.artist.get(f"/api/artists/{nothing}/songs"), 404, "unknown_artist")
    refused(await archive.artist.get(f"/api/reviews/songs/{nothing}"), 404, "unknown_review")
    await archive.songs("Loser")
    for query in ("sort=best", "cursor=!", "limit=0", "sort=times_played&cursor=WyJ4IiwieCJd"):
        path = f"/api/artists/{archive.artist_id}/songs?{query}"
        refused(await archive.artist.get(path), 422, "validation_failed")


async def test_a_private_shows_list_needs_its_code_and_nothing_of_it_is_told_elsewhere(
    archive: Archive, nobody: Person
) -> None:
    (loser,) = await archive.songs("Loser")
    counted = ok(await nobody.get(f"/api/songs/{loser}"))
    show = await archive.show("Loser", access="private", title="Secret party")
    await archive.derive()
    path = f"/api/shows/{show['id']}/performances"
    refused(await nobody.get(path), 403, "join_code_required")
    assert ok(await nobody.get(f"/api/songs/{loser}")) == counted
