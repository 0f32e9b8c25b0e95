"""A night's timeline and its results, for the crew."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from litestar import Litestar

from rooms.timeline.ports import HeadCountAt
from server.timeline.recording import HeadCountRecording
from storage.ids import uuid7
from storage.timeline.head_counts import PostgresHeadCounts
from tests.server.http import Person, ok, refused
from tests.server.replay.test_replay import command
from tests.server.setlist.test_setlists import editor_of

Json = dict[str, Any]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def timeline(artist: Person, show: Json) -> Json:
    found: Json = ok(await artist.get(f"/api/shows/{show['id']}/timeline"))
    return found


async def vote(who: Person, round_id: str, option: str) -> None:
    body = {"command_id": str(uuid7()), "picks": [{"option_id": option}]}
    ok(await who.post(f"/api/rounds/{round_id}/vote", body))


async def a_night(artist: Person, guest: Person) -> tuple[Json, Json]:
    """A live show with something of everything."""
    show = await artist.live_show()
    await command(guest, show, "post_chat", text="hello")
    await command(guest, show, "request_song", title="Ripple")
    band = await editor_of(artist, show["id"])
    await band.add("=Bertha()")
    entry_id = band.document.entries()[0].id
    await command(artist, show, "set_now_playing", entry_id=entry_id)
    await command(artist, show, "set_now_playing", entry_id=None)
    await command(artist, show, "announce", text="Encore in five")
    await command(artist, show, "lock_setlist")
    opened = await artist.open_round(show["id"], title="+1 more?", visibility="never")
    await vote(guest, opened["id"], "o2")
    ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    return show, opened


async def test_before_a_show_is_live_there_is_nothing(artist: Person) -> None:
    found = await timeline(artist, await artist.show())
    assert (found["starts_at"], found["votes"], found["marks"]) == (None, [], [])


async def test_a_live_night_is_told_as_it_stands(artist: Person, guest: Person) -> None:
    show, _ = await a_night(artist, guest)
    found = await timeline(artist, show)
    assert found["bucket_s"] == 60
    sums = {name: sum(found[name]) for name in ("votes", "chat", "edits", "requests")}
    assert sums == {"votes": 1, "chat": 1, "edits": 1, "requests": 1}
    assert len({len(found[name]) for name in (*sums, "head_count")}) == 1
    assert [(mark["kind"], mark["label"]) for mark in found["marks"]] == [
        ("show_status_changed", "live"),
        ("now_playing_changed", "=Bertha()"),
        ("announcement_posted", "Encore in five"),
        ("setlist_locked", ""),
        ("round_opened", "+1 more?"),
        ("round_closed", "+1 more?"),
    ]


async def test_a_closed_night_stays_as_it_was(artist: Person, guest: Person) -> None:
    show, _ = await a_night(artist, guest)
    ok(await artist.post(f"/api/shows/{show['id']}/close"))
    found = await timeline(artist, show)
    assert found["marks"][-1]["label"] == "closed"
    await command(guest, show, "post_chat", text="what a night")
    assert await timeline(artist, show) == found


async def test_head_counts_are_the_most_that_any_node_saw(
    artist: Person, guest: Person, app: Litestar
) -> None:
    show, _ = await a_night(artist, guest)
    counts = PostgresHeadCounts(app.state.services.pool)
    minute = datetime.fromisoformat((await timeline(artist, show))["starts_at"])
    unknown = HeadCountAt(str(uuid7()), minute, 5)
    for participants in (7, 12, 3):
        await counts.record([HeadCountAt(show["id"], minute, participants), unknown])
    await counts.record([HeadCountAt(show["id"], minute - timedelta(minutes=9), 99)])
    assert (await timeline(artist, show))["head_count"][0] == 12


async def test_what_a_node_sees_is_written_once_and_only_while_live(
    artist: Person, guest: Person, app: Litestar
) -> None:
    services = app.state.services
    show, _ = await a_night(artist, guest)
    other = await artist.show()
    written: list[HeadCountAt] = []

    class Counts:
        async def record(self, counts: list[HeadCountAt]) -> None:
            written.extend(one for one in counts if one.show_id in (show["id"], other["id"]))

    recording = HeadCountRecording(services.node, Counts(), services.clock)  # type: ignore[arg-type]
    ok(await guest.get(f"/api/shows/{show['id']}/poll?wait_s=0"))
    ok(await artist.get(f"/api/shows/{other['id']}/poll?wait_s=0"))
    await recording.look()
    minutes = {one.minute for one in written}
    assert [(one.show_id, one.participants >= 1) for one in written] == [(show["id"], True)]
    await recording.look()
    again = [one for one in written[1:] if one.minute in minutes]
    assert all(one.participants > written[0].participants for one in again)


async def test_a_timeline_and_results_are_the_crews(
    artist: Person, guest: Person, fan: Person
) -> None:
    show, _ = await a_night(artist, guest)
    curator = {"members": [{"account_id": fan.id, "role": "curator"}]}
    ok(await artist.put(f"/api/shows/{show['id']}/crew", curator))
    for name in ("timeline", "results"):
        path = f"/api/shows/{show['id']}/{name}"
        refused(await guest.get(path), 403, "not_allowed")
        refused(await fan.get(path), 403, "not_allowed")
        refused(await artist.get(f"{path}?format=xlsx"), 422, "validation_failed")
        refused(await artist.get(f"/api/shows/{uuid7()}/{name}"), 404, "unknown_show")


async def test_both_can_be_taken_along_as_tables(artist: Person, guest: Person) -> None:
    show, opened = await a_night(artist, guest)
    night = await artist.get(f"/api/shows/{show['id']}/timeline?format=csv")
    assert night.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in night.headers["content-disposition"]
    rows = rows_of(night.text)
    assert sum(int(row["votes"]) for row in rows) == 1
    assert "now_playing_changed: =Bertha()" in "".join(row["marks"] for row in rows)
    found = ok(await artist.get(f"/api/shows/{show['id']}/results"))
    (outcome,) = found["rounds"]
    assert (outcome["round_id"], outcome["status"]) == (opened["id"], "closed")
    assert outcome["config_hash"] == opened["config_hash"]
    assert outcome["result"]["channels"] == {"web": 1}
    assert [(one["label"], one["score"], one["winner"]) for one in outcome["options"]] == [
        ("One More Saturday Night", 0, False),
        ("Ripple", 1, True),
    ]
    table = rows_of((await artist.get(f"/api/shows/{show['id']}/results?format=csv")).text)
    assert [row["round"] for row in table] == ["'+1 more?"] * 2
    assert [(row["option"], row["score"], row["winner"], row["voters_web"]) for row in table] == [
        ("One More Saturday Night", "0", "no", "1"),
        ("Ripple", "1", "yes", "1"),
    ]
