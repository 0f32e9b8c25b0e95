"""A finished show played again: what fans saw, in order, from any moment."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar

from crdt.edits import remove_entry
from rooms.events import ChatPosted, Event, SlowModeSet
from rooms.participants import SYSTEM
from rooms.ports import Turn
from server.replay import keyframes
from storage.ids import uuid7
from tests.server.http import Person, made, ok, refused
from tests.server.setlist.night import history
from tests.server.setlist.test_setlists import editor_of

Json = dict[str, Any]


def path(show: Json, rest: str = "") -> str:
    return f"/api/shows/{show['id']}/replay{rest}"


async def command(person: Person, show: Json, name: str, **args: Any) -> Json:
    body = {"command_id": str(uuid7()), "name": name, "args": args}
    answer: Json = ok(await person.post(f"/api/shows/{show['id']}/commands", body))
    return answer


async def played(person: Person, show: Json, limit: int = 500) -> tuple[Json, list[Json]]:
    """The header and all events, page by page."""
    page = ok(await person.get(path(show, f"?limit={limit}")))
    header, events = page["header"], page["events"]
    while page["next_after_seq"] is not None:
        after = page["next_after_seq"]
        page = ok(await person.get(path(show, f"?limit={limit}&after_seq={after}")))
        assert page["header"] is None
        events += page["events"]
    return header, events


async def state(person: Person, show: Json, query: str) -> Json:
    found: Json = ok(await person.get(path(show, f"/state?{query}")))
    return found


async def finished(artist: Person, guest: Person, **changes: Any) -> Json:
    """A night with something of everything, closed."""
    show = await artist.show(**changes)
    band = await editor_of(artist, show["id"])
    await band.add("Secret of the draft")
    await band.send(remove_entry(band.document, band.document.entries()[0].id))
    ok(await artist.post(f"/api/shows/{show['id']}/publish"))
    ok(await artist.post(f"/api/shows/{show['id']}/open"))
    if show["access"] == "private":
        made(await guest.post(f"/api/shows/{show['id']}/ticket", {"join_code": show["join_code"]}))
    fan = await editor_of(guest, show["id"])
    await fan.add("Bertha")
    await command(guest, show, "post_chat", text="a line that stays \u0000 in the log")
    rude = await command(guest, show, "post_chat", text="a rude line")
    await command(artist, show, "set_now_playing", entry_id=fan.document.entries()[0].id)
    opened = await artist.open_round(show["id"], title="Best of the night", visibility="never")
    body = {"command_id": "v", "picks": [{"option_id": "o2"}]}
    ok(await guest.post(f"/api/rounds/{opened['id']}/vote", body))
    ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    await command(artist, show, "announce", text="Good night")
    await fan.add("Althea", section="encore1")
    await command(artist, show, "remove_chat", chat_message_id=rude["data"]["chat_message_id"])
    ok(await artist.post(f"/api/shows/{show['id']}/close"))
    return show


async def test_a_night_is_played_again_in_order(artist: Person, guest: Person) -> None:
    show = await finished(artist, guest)
    header, events = await played(guest, show, limit=3)
    assert [event["name"] for event in events] == [
        "show_status_changed",
        "show_status_changed",
        "setlist_changed",
        "chat_posted",
        "now_playing_changed",
        "round_opened",
        "round_closed",
        "announcement_posted",
        "setlist_changed",
        "setlist_locked",
        "show_status_changed",
    ]
    seqs = [event["seq"] for event in events]
    assert seqs == sorted(set(seqs))
    assert all(event["t"] == "event" for event in events)
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert (header["first_seq"], header["last_seq"]) == (seqs[0], seqs[-1])
    assert (header["first_at"], header["last_at"]) == (events[0]["at"], events[-1]["at"])
    assert header["events"] == len(events) == sum(header["counts"].values())
    assert header["counts"]["chat_posted"] == 1
    assert header["show"]["title"] == show["title"]
    marks = [(mark["kind"], mark.get("title", "")) for mark in header["marks"]]
    assert ("now_playing_changed", "Bertha") in marks
    assert ("round_closed", "Best of the night") in marks
    assert await played(artist, show) == (header, events)


async def test_the_room_at_every_moment_is_what_a_fan_would_have_seen(
    artist: Person, guest: Person
) -> None:
    show = await finished(artist, guest)
    header, events = await played(guest, show)
    for event in events:
        at_seq = await state(guest, show, f"seq={event['seq']}")
        assert (at_seq["seq"], at_seq["at"]) == (event["seq"], event["at"])
        seen = at_seq["state"]
        so_far = [one for one in events if one["seq"] <= event["seq"]]
        names = [one["name"] for one in so_far]
        assert len(seen["setlist"]["entries"]) == names.count("setlist_changed")
        assert len(seen["chat"]) == names.count("chat_posted")
        assert (seen["now_playing"] is not None) is ("now_playing_changed" in names)
        assert len(seen["rounds"]) == names.count("round_opened")
        assert not any("tally" in one or "result" in one for one in seen["rounds"])
        assert (
            seen["show"]["status"]
            == [
                one["data"]["status"] for one in so_far if one["name"] == "show_status_changed"
            ].pop()
        )
        by_time = await state(guest, show, f"at={event['at']}")
        assert by_time["seq"] >= event["seq"]
    last = await state(guest, show, "at=2199-01-01T00:00:00Z")
    assert last["seq"] == header["last_seq"]
    entries = ok(await guest.get(f"/api/shows/{show['id']}/setlist"))["entries"]
    assert last["state"]["setlist"] == {"locked": True, "entries": entries}
    early = await state(guest, show, "at=1977-05-08T20:00:00Z")
    assert early["seq"] == header["first_seq"]


async def test_what_was_hidden_is_in_no_byte(artist: Person, guest: Person) -> None:
    show = await finished(artist, guest)
    raw = (await artist.get(path(show))).text
    header, _ = await played(artist, show)
    for seq in range(header["first_seq"], header["last_seq"] + 1):
        raw += (await artist.get(path(show, f"/state?seq={seq}"))).text
    assert "a line that stays" in raw
    for hidden in ("a rude line", "chat_removed", "winners", "Secret of the draft", "crew_data"):
        assert hidden not in raw, hidden
    assert len(await history(artist, show)) == 4


@pytest.mark.parametrize("access", ["public", "hybrid"])
async def test_a_show_is_played_again_once_it_is_over(
    artist: Person, nobody: Person, access: str
) -> None:
    show = await artist.live_show(access=access)
    for rest in ("", "/state?seq=1"):
        refused(await nobody.get(path(show, rest)), 409, "show_not_over")
    ok(await artist.post(f"/api/shows/{show['id']}/close"))
    _, events = await played(nobody, show)
    assert events[-1]["data"]["status"] == "closed"
    refused(await nobody.get(path({"id": str(uuid7())})), 404, "unknown_show")


async def test_a_private_show_is_for_those_who_were_let_in(
    artist: Person, guest: Person, nobody: Person, fan: Person
) -> None:
    show = await finished(artist, guest, access="private")
    for stranger in (nobody, fan):
        for rest in ("", "/state?seq=3"):
            refused(await stranger.get(path(show, rest)), 403, "join_code_required")
    answer = await guest.get(path(show))
    assert ok(answer)["events"]
    assert answer.headers["cache-control"].startswith("private")
    assert ok(await artist.get(path(show)))["events"]


async def test_an_answer_is_kept_until_it_is_another(artist: Person, guest: Person) -> None:
    show = await finished(artist, guest)
    first = await guest.get(path(show))
    assert first.headers["cache-control"] == "public, no-cache"
    tag = first.headers["etag"]
    known = {"If-None-Match": f'"other", W/{tag}'}
    again = await guest.get(path(show), headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    frame = await guest.get(path(show, "/state?seq=5"))
    known_frame = {"If-None-Match": frame.headers["etag"]}
    assert (await guest.get(path(show, "/state?seq=5"), headers=known_frame)).status_code == 304
    assert (await guest.get(path(show, "/state?seq=6"), headers=known_frame)).status_code == 200
    band = await editor_of(artist, show["id"])
    await band.add("Forgotten")
    assert (await guest.get(path(show), headers=known)).status_code == 200
    ok(await artist.post(f"/api/shows/{show['id']}/archive"))
    middle = await guest.get(path(show, "?after_seq=4&limit=2"))
    assert middle.headers["cache-control"] == "public, max-age=86400, immutable"
    end = ok(await guest.get(path(show, "?after_seq=4&limit=1000")))
    assert end["next_after_seq"] is None


@pytest.mark.parametrize(
    "rest",
    [
        "?limit=0",
        "?limit=1001",
        "?after_seq=-1",
        "/state",
        "/state?seq=3&at=2026-11-21T21:30:00Z",
        "/state?seq=0",
        "/state?seq=100000",
        "/state?at=then",
    ],
)
async def test_what_cannot_be_played_is_said(artist: Person, guest: Person, rest: str) -> None:
    show = await finished(artist, guest)
    refused(await guest.get(path(show, rest)), 422, "validation_failed")


async def test_a_long_night_is_played_and_sought_in(
    artist: Person, nobody: Person, app: Litestar
) -> None:
    """More events than one answer or one keyframe holds."""
    show = await artist.live_show()
    room_log = app.state.services.room_log
    record = await room_log.load(show["id"])
    head, total = record.head, 10_500
    for start in range(0, total, 500):
        events = tuple(
            Event(
                seq=head.seq + 1 + offset,
                at=record.events[-1].at,
                data=_line(start + offset),
                participant_id=SYSTEM.participant_id,
            )
            for offset in range(500)
        )
        head = (await room_log.append(Turn(show["id"], head, events))).head
    ok(await artist.post(f"/api/shows/{show['id']}/close"))
    header, events_played = await played(nobody, show, limit=1000)
    assert header["events"] == len(events_played) >= total
    seqs = [event["seq"] for event in events_played]
    assert seqs == list(range(header["first_seq"], header["last_seq"] + 1))
    offset = record.head.seq + 1
    for number in (9_999, 5, keyframes.KEYFRAME_EVENTS * 3 - offset, 4_321, 10_499):
        found = await state(nobody, show, f"seq={offset + number}")
        newest = number - (number % 100 == 99)
        assert found["state"]["chat"][-1]["text"] == f"line {newest}"
        assert found["state"]["slow_mode_interval_s"] == (number + 1) // 100 % 600
        assert len(found["state"]["chat"]) == min(100, number + 1 - (number + 1) // 100)


def _line(number: int) -> ChatPosted | SlowModeSet:
    """A chat line; every hundredth event sets the slow mode to how many there were."""
    if number % 100 == 99:
        return SlowModeSet((number + 1) // 100 % 600)
    return ChatPosted(str(number), SYSTEM.participant_id, "Setroom", f"line {number}")


async def test_a_tally_that_is_not_in_the_log_is_not_made_up(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"], title="Encore?", visibility="always")
    body = {"command_id": "v", "picks": [{"option_id": "o2"}]}
    ok(await guest.post(f"/api/rounds/{opened['id']}/vote", body))
    seq = (await command(guest, show, "post_chat", text="vote!"))["seq"]
    ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    ok(await artist.post(f"/api/shows/{show['id']}/close"))
    (during,) = (await state(guest, show, f"seq={seq}"))["state"]["rounds"]
    assert during["status"] == "open"
    assert "tally" not in during and "result" not in during
    (after,) = (await state(guest, show, "at=2199-01-01T00:00:00Z"))["state"]["rounds"]
    assert after["result"]["options"] == {"o1": 0, "o2": 1}


async def test_what_was_crews_alone_is_in_no_replay(
    artist: Person, guest: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    said = await command(guest, show, "post_chat", text="hello")
    held = await command(guest, show, "post_chat", text="what a load of sh1t")
    assert held["data"]["held"] is True
    line = {"chat_message_id": said["data"]["chat_message_id"]}
    await command(artist, show, "set_word_filter", mode="hold", words=["resale"])
    await command(artist, show, "post_chat", text="still here")
    await command(await nobody.as_guest("Kim"), show, "report_chat", **line, reason="spam")
    ok(await artist.post(f"/api/shows/{show['id']}/close"))
    header, events = await played(nobody, show)
    names = [event["name"] for event in events]
    assert names.count("chat_posted") == header["counts"]["chat_posted"] == 2
    assert header["events"] == len(events)
    raw = (await artist.get(path(show))).text + str(header)
    for seq in range(header["first_seq"], header["last_seq"] + 1):
        raw += (await artist.get(path(show, f"/state?seq={seq}"))).text
    for hidden in ("sh1t", "resale", "held", "crew_only", "reported", "Kim", '"by"'):
        assert hidden not in raw, hidden
