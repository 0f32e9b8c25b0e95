"""A night from its first song to the archive: a real node, real workers, one of them killed."""

from __future__ import annotations

import asyncio
import base64
import re
import signal
from html import unescape
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pycrdt import Doc, Map

from loadtests.demo.night import barton_hall, songs_of
from tests.browser.site import Site
from tests.wire.client import Caller, Json, new_id, ok
from tests.wire.conftest import be_guest, execute
from tests.wire.workers import ask, load_archives, until, worker


class Night:
    """A band, its catalogue, and a show of two sets and an encore."""

    def __init__(self, artist: Caller, database_url: str) -> None:
        self.artist = artist
        self.database_url = database_url
        self.band = f"Band {uuid4().hex[:8]}"
        self.show = artist.live_show(artists=[{"name": self.band}])
        self.id = str(self.show["id"])
        self.artist_id = str(self.show["artists"][0]["id"])
        self.songs = {title: str(uuid4()) for title in ("Loser", "Deal", "Ripple")}
        for title, song_id in self.songs.items():
            execute(
                database_url,
                "INSERT INTO songs (id, artist_id, title, normalised_title)"
                " VALUES ($1, $2, $3, $4)",
                song_id, self.artist_id, title, title.lower(),
            )  # fmt: skip

    def play(self, fan: Caller) -> None:
        """A fan and the artist write the list."""
        document: Doc[Map[Any]] = Doc()
        entries = document.get("entries", type=Map)
        for number, (who, section, title) in enumerate(
            (
                (fan, "set1", "Loser"),
                (self.artist, "set2", "DEAL!"),
                (fan, "set2", "Brand New"),
                (self.artist, "encore1", "Ripple"),
            )
        ):
            participant_id = who.ticket(self.id)["participant_id"]
            before = document.get_state()
            entries[f"e{number}"] = Map(
                {
                    "title": title,
                    "section": section,
                    "position": f"V{number}V",
                    "segue": title == "DEAL!",
                    "added_by": participant_id,
                }
            )
            update = base64.b64encode(document.get_update(before)).decode()
            body = {"command_id": new_id(), "update": update}
            answer = ok(who.post(f"/api/shows/{self.id}/setlist/updates", body))
            assert not answer["refused"]
            # Each writes with a client id of their own, as their browsers would.
            state = document.get_update()
            document = Doc()
            entries = document.get("entries", type=Map)
            document.apply_update(state)

    def over(self) -> None:
        """Closes and archives."""
        for step in ("close", "archive"):
            ok(self.artist.post(f"/api/shows/{self.id}/{step}"))

    def performances(self) -> Json:
        """What is told of the night."""
        return ok(self.artist.get(f"/api/shows/{self.id}/performances"))

    def archived(self) -> Json | None:
        """The same, once it is complete."""
        body = self.performances()
        return body if body["complete"] else None


@pytest.fixture
def night(node: Site, artist: Caller, nobody: Caller, wire_database: str) -> Night:
    """A night that is over and archived, with no worker there yet."""
    night = Night(artist, wire_database)
    night.play(be_guest(nobody, "Robin"))
    night.over()
    return night


def test_a_finished_night_is_archived_with_its_performances_statistics_and_log(
    night: Night, nobody: Caller
) -> None:
    events = "SELECT count(*) FROM room_events WHERE show_id = $1"
    before = ask(night.database_url, events, night.id)
    assert night.performances()["items"] == []  # nobody has been there to do it
    with worker(night.database_url):
        body = until("the night is archived", night.archived)
    assert [
        (one["ordinal"], one["section"], one["title"], one.get("song_id")) for one in body["items"]
    ] == [
        (1, "set1", "Loser", night.songs["Loser"]),
        (2, "set2", "DEAL!", night.songs["Deal"]),
        (3, "set2", "Brand New", None),
        (4, "encore1", "Ripple", night.songs["Ripple"]),
    ]
    assert body["items"][1]["segue"] is True
    songs = ok(nobody.get(f"/api/artists/{night.artist_id}/songs?sort=times_played"))["items"]
    counted = {song["title"]: song["statistics"] for song in songs}
    assert {title: one["last_place"] for title, one in counted.items()} == {
        "Loser": "opener", "Deal": "set", "Ripple": "encore",
    }  # fmt: skip
    assert all(one["last"]["id"] == night.id for one in counted.values())
    # The log stays whole: history and replay are read from it.
    assert ask(night.database_url, events, night.id) == before
    listed = ok(nobody.get(f"/api/shows/{night.id}/setlist"))["entries"]
    assert [entry["title"] for entry in listed] == ["Loser", "DEAL!", "Brand New", "Ripple"]
    replay = ok(nobody.get(f"/api/shows/{night.id}/replay"))
    assert (replay["header"]["last_seq"], replay["header"]["show"]["status"]) == (
        before, "archived",
    )  # fmt: skip
    edits = [event for event in replay["events"] if event["name"] == "setlist_changed"]
    assert [event["data"]["entries"][0]["after"]["title"] for event in edits] == [
        "Loser", "DEAL!", "Brand New", "Ripple",
    ]  # fmt: skip


def test_the_demos_night_is_archived_among_the_nights_of_the_archive(
    node: Site, artist: Caller, nobody: Caller, wire_database: str
) -> None:
    load_archives(wire_database)
    demo = barton_hall()
    show = artist.live_show(
        title=demo.venue, starts_at=f"{demo.date}T23:30:00Z", artists=[{"name": demo.artist}]
    )
    document: Doc[Map[Any]] = Doc()
    entries = document.get("entries", type=Map)
    participant_id = artist.ticket(show["id"])["participant_id"]
    played = songs_of(demo)
    for song in played:
        entries[f"e{song.number}"] = Map(
            {
                "title": song.title,
                "section": song.section,
                "position": f"V{song.number:02d}V",
                "segue": song.segue,
                "added_by": participant_id,
            }
        )
    update = base64.b64encode(document.get_update()).decode()
    body = {"command_id": new_id(), "update": update}
    ok(artist.post(f"/api/shows/{show['id']}/setlist/updates", body))
    for step in ("close", "archive"):
        ok(artist.post(f"/api/shows/{show['id']}/{step}"))

    def archived() -> Json | None:
        answer = ok(nobody.get(f"/api/shows/{show['id']}/performances"))
        return answer if answer["complete"] else None

    with worker(wire_database):
        body = until("the demo's night is archived", archived)
    assert body["pending_reviews"] == 0
    assert [(one["section"], one["title"]) for one in body["items"]] == [
        (song.section, song.title) for song in played
    ]
    loaded = ok(nobody.get("/api/shows/grateful-dead-1977-05-08"))["id"]
    from_archive = ok(nobody.get(f"/api/shows/{loaded}/performances"))
    assert from_archive["complete"]
    assert [one["song_id"] for one in from_archive["items"]] == [
        one["song_id"] for one in body["items"]
    ]
    # The archive has this very night: every song was played at the show before.
    assert {one["past"]["shows_since"] for one in body["items"]} == {1}
    (loser,) = (one for one in body["items"] if one["title"] == "Loser")
    counted = ok(nobody.get(f"/api/songs/{loser['song_id']}"))["statistics"]
    assert counted["times_played"] > loser["past"]["times_before"] > 100
    page = unescape(nobody.get(f"/shows/{show['slug']}", headers={"accept": "text/html"}).text)
    listed = [
        title.strip() for title in re.findall(r'<p class="song-title">(?:<a[^>]*>)?([^<]+)', page)
    ]
    assert listed == [song.title for song in played]


def test_the_artist_names_the_song_that_nobody_knew(night: Night) -> None:
    with worker(night.database_url):
        until("the night is archived", night.archived)
    (review,) = ok(night.artist.get(f"/api/reviews/songs?show_id={night.id}"))["items"]
    decided = ok(night.artist.post(f"/api/reviews/songs/{review['id']}", {"create": True}))
    song = ok(night.artist.get(f"/api/songs/{decided['song_id']}"))
    assert (song["title"], song["statistics"]["last_place"]) == ("Brand New", "closer")
    assert night.performances()["pending_reviews"] == 0


def test_a_worker_that_is_killed_at_it_loses_nothing_and_the_next_one_does_it_once(
    night: Night,
) -> None:
    tries = "SELECT attempts FROM outbox WHERE dedupe_key = $1"
    key = f"archive_show:{night.id}"

    async def kill_one_at_work() -> None:
        holder = await asyncpg.connect(night.database_url)
        # Whoever derives this night waits here, in the middle of it.
        lock = "SELECT {}(hashtextextended('performances ' || $1, 0))"
        await holder.execute(lock.format("pg_advisory_lock"), night.id)
        with worker(night.database_url) as process:
            await asyncio.to_thread(
                until, "a worker has begun", lambda: ask(night.database_url, tries, key)
            )
            process.send_signal(signal.SIGKILL)
            process.wait()
        await holder.close()

    asyncio.run(kill_one_at_work())
    assert not night.performances()["complete"]
    # Its lease runs out. (Two minutes and a half are not waited for here.)
    execute(night.database_url, "UPDATE outbox SET available_at = now() WHERE dedupe_key = $1", key)
    with worker(night.database_url):
        body = until("the night is archived", night.archived)
    assert [one["title"] for one in body["items"]] == ["Loser", "DEAL!", "Brand New", "Ripple"]
    counted = ok(night.artist.get(f"/api/songs/{night.songs['Loser']}"))["statistics"]
    assert counted["times_played"] == 1
    until(
        "the effect is delivered",
        lambda: ask(
            night.database_url, "SELECT delivered_at FROM outbox WHERE dedupe_key = $1", key
        ),
    )
