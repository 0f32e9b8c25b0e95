"""Screens at a show: made by crew, let in by their own token, nobody in the room, ended at once."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.browser.site import Site, running_site
from tests.wire.client import (
    WAIT_S,
    Caller,
    Json,
    Socket,
    is_uuid7,
    made,
    new_id,
    ok,
    refused,
    socket_at,
)
from tests.wire.doors.event_source import EventSource


class Display:
    """A display and the client that it calls with."""

    def __init__(self, client: httpx.Client, body: Json) -> None:
        self.client = client
        self.id = body["id"]
        self.show_id = body["show_id"]
        self.body = body

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.body['token']}"}

    def ticket(self) -> httpx.Response:
        return self.client.post(f"/api/displays/{self.id}/ticket", headers=self.headers)

    def facts(self) -> httpx.Response:
        return self.client.get(f"/api/displays/{self.id}/facts", headers=self.headers)

    def poll(self, **place: Any) -> httpx.Response:
        path = f"/api/shows/{self.show_id}/poll"
        return self.client.get(path, headers=self.headers, params=place)

    @contextmanager
    def socket(self, **query: Any) -> Iterator[Socket]:
        with socket_at(made(self.ticket())["url"], **query) as socket:
            yield socket


def display(crew: Caller, show_id: str, kind: str = "big_screen", name: str = "Left") -> Display:
    body = {"kind": kind, "name": name}
    return Display(crew.client, made(crew.post(f"/api/shows/{show_id}/displays", body)))


def listed(crew: Caller, show_id: str) -> list[Json]:
    items: list[Json] = ok(crew.get(f"/api/shows/{show_id}/displays"))["items"]
    return items


def test_the_token_is_told_once_and_stands_where_no_log_sees_it(artist: Caller) -> None:
    show = artist.show()
    made_now = display(artist, show["id"], "stage", "  Amp \n left ").body
    assert is_uuid7(made_now["id"]) and made_now["kind"] == "stage"
    assert made_now["name"] == "Amp left"
    address = urlsplit(made_now["url"])
    assert address.path == f"/stage/{made_now['id']}" and address.query == ""
    assert address.fragment == made_now["token"]
    screen = display(artist, show["id"]).body
    assert urlsplit(screen["url"]).path == f"/screen/{screen['id']}"
    answer = artist.get(f"/api/shows/{show['id']}/displays")
    assert made_now["token"] not in answer.text and screen["token"] not in answer.text
    assert [item["id"] for item in ok(answer)["items"]] == [screen["id"], made_now["id"]]
    assert all(item["revoked_at"] is None for item in ok(answer)["items"])


def test_the_same_key_makes_one_display(artist: Caller) -> None:
    show_id = artist.show()["id"]
    body, headers = {"kind": "stage", "name": "Amp"}, {"Idempotency-Key": new_id()}
    path = f"/api/shows/{show_id}/displays"
    first = made(artist.post(path, body, headers=headers))
    again = made(artist.post(path, body, headers=headers))
    assert again["id"] == first["id"] and len(listed(artist, show_id)) == 1
    # The first answer got lost: the token in the second one is the one that counts.
    ok(Display(artist.client, again).ticket(), 201)
    refused(Display(artist.client, first).ticket(), 401, "invalid_token")


def test_only_crew_makes_lists_and_ends_displays(artist: Caller, fan: Caller) -> None:
    show_id = artist.live_show()["id"]
    one = display(artist, show_id)
    for kind in ("stage", "big_screen"):
        body = {"kind": kind, "name": "Mine"}
        refused(fan.post(f"/api/shows/{show_id}/displays", body), 403, "not_allowed")
    refused(fan.get(f"/api/shows/{show_id}/displays"), 403, "not_allowed")
    refused(fan.call("DELETE", f"/api/displays/{one.id}"), 403, "not_allowed")
    # A curator belongs to the crew and does not see what a stage display shows.
    crew = {"members": [{"account_id": fan.id, "role": "curator"}]}
    ok(artist.put(f"/api/shows/{show_id}/crew", crew))
    body = {"kind": "stage", "name": "Mine"}
    refused(fan.post(f"/api/shows/{show_id}/displays", body), 403, "not_allowed")
    ok(
        artist.put(
            f"/api/shows/{show_id}/crew", {"members": [{**crew["members"][0], "role": "moderator"}]}
        )
    )
    moderated = display(fan, show_id, "stage")
    assert {item["id"] for item in listed(artist, show_id)} == {one.id, moderated.id}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "projector", "name": "x"},
        {"kind": "stage"},
        {"kind": "stage", "name": ""},
        {"kind": "stage", "name": " \u202e "},
        {"kind": "stage", "name": "x" * 61},
    ],
)
def test_what_is_no_display_is_refused_by_field(artist: Caller, body: Json) -> None:
    problem = refused(artist.post(f"/api/shows/{artist.show()['id']}/displays", body), 422)
    assert problem["errors"][0]["field"] in ("kind", "name")


def test_a_screen_knows_how_many_voted_and_not_for_what(
    artist: Caller, fan: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    screen = display(artist, show_id)
    path, token = f"/api/displays/{screen.id}/turnout", screen.headers
    hidden = artist.open_round(show_id, visibility="after_vote")
    never = artist.open_round(show_id, visibility="never")
    assert ok(artist.client.get(path, headers=token)) == {"voters": {hidden: 0}}
    for voter in (fan, guest):
        for round_id in (hidden, never):
            ok(voter.vote(round_id, "o1"))
    said = artist.client.get(path, headers=token)
    assert ok(said) == {"voters": {hidden: 2}} and "o1" not in said.text
    refused(artist.get(path), 401, "not_authenticated")
    ok(artist.post(f"/api/rounds/{hidden}/close"))
    assert ok(artist.client.get(path, headers=token)) == {"voters": {}}


def test_a_show_has_so_many_displays_and_no_more(artist: Caller) -> None:
    show_id = artist.show()["id"]
    all_of_them = [display(artist, show_id, name=f"Screen {n}") for n in range(20)]
    body = {"kind": "stage", "name": "One more"}
    refused(artist.post(f"/api/shows/{show_id}/displays", body), 409, "too_many_displays")
    ok(artist.call("DELETE", f"/api/displays/{all_of_them[3].id}"), 204)
    display(artist, show_id)
    states = [item["revoked_at"] is None for item in listed(artist, show_id)]
    assert states == [True] * 20 + [False]


def test_a_display_is_nobody(artist: Caller) -> None:
    for kind in ("stage", "big_screen"):
        show_id = artist.live_show(access="private")["id"]
        one = display(artist, show_id, kind)
        with one.socket() as screen:
            you = (welcome := screen.welcome())["you"]
            assert you["display"] == kind and you["can"] == []
            assert you["participant_id"] == one.id and you["admitted"]
            assert welcome["state"]["head_count"] == {"participants": 0}
            for name, args in (
                ("post_chat", {"text": "hello"}),
                ("lock_setlist", {}),
                ("react", {"kind": "clap"}),
                ("mute_participant", {"participant_id": artist.id}),
            ):
                reject = screen.give(name, **args)
                assert (reject["t"], reject["code"]) == ("reject", "not_allowed")
            with artist.socket(show_id) as crew:
                crew.welcome()
                polled = ok(one.poll())
                assert polled["state"]["head_count"] == {"participants": 1}, "the artist alone"


def test_the_stage_sees_what_crew_sees_and_the_big_screen_what_the_rest_sees(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    hidden = artist.open_round(show_id, visibility="manual")
    after_vote = artist.open_round(show_id, visibility="after_vote")
    always = artist.open_round(show_id, visibility="always")
    stage, screen = display(artist, show_id, "stage"), display(artist, show_id)
    with stage.socket() as on_stage, screen.socket() as on_screen:
        views = {
            name: {
                view["round_id"]: view.get("tally") for view in socket.welcome()["state"]["rounds"]
            }
            for name, socket in (("stage", on_stage), ("screen", on_screen))
        }
        assert all(views["stage"][one] for one in (hidden, after_vote, always))
        assert views["screen"][always] and not views["screen"][hidden]
        assert not views["screen"][after_vote]
        for round_id in (hidden, after_vote, always):
            ok(guest.vote(round_id, "o2"))
        seen = {}
        while len(seen) < 3:
            tally = on_stage.state("tally")["data"]
            if tally["votes"] == 1:
                seen[tally["round_id"]] = tally
        assert seen.keys() == {hidden, after_vote, always}
        shown = on_screen.until(
            lambda message: message.get("name") == "tally" and message["data"]["votes"] == 1
        )
        assert shown["data"]["round_id"] == always
        ok(artist.post(f"/api/rounds/{hidden}/close"))
        ok(artist.post(f"/api/rounds/{hidden}/reveal"))
        assert on_stage.event("round_closed")["data"]["result"]["votes"] == 1
        assert on_screen.event("round_closed")["data"].get("result") is None
        assert on_screen.event("round_revealed")["data"]["result"]["winners"] == ["o2"]
        tallies = [one["data"] for one in on_screen.texts if one.get("name") == "tally"]
        assert {one["round_id"] for one in tallies} == {always}


@pytest.mark.parametrize("kind", ["stage", "big_screen"])
def test_a_private_show_needs_no_code_of_its_displays_at_any_door(
    artist: Caller, guest: Caller, kind: str
) -> None:
    show = artist.live_show(access="private")
    one = display(artist, show["id"], kind)
    refused(guest.get(f"/api/shows/{show['id']}/poll"), 403, "join_code_required")
    polled = ok(one.poll())
    assert polled["you"]["display"] == kind and polled["state"]["head_count"]["participants"] == 0
    base = str(one.client.base_url).rstrip("/")
    with one.socket() as socket:
        socket.welcome()
        ok(artist.command(show["id"], "announce", text="Ten minutes"))
        assert socket.event("announcement_posted")["data"]["text"] == "Ten minutes"
    place = {"since": polled["seq"], "epoch": polled["epoch"], "cursor": polled["cursor"]}
    news = ok(one.poll(**place, wait_s=5))
    assert news["recovered"] and [event["name"] for event in news["events"]] == [
        "announcement_posted"
    ]
    by_ticket = f"{base}/api/shows/{show['id']}/stream?ticket={made(one.ticket())['ticket']}"
    for address, headers in (
        (f"{base}/api/shows/{show['id']}/stream", one.headers),
        (by_ticket, {}),
    ):
        source = EventSource(address, headers)
        said = []
        ends_at = time.monotonic() + WAIT_S
        while not said and time.monotonic() < ends_at:
            said = source.receive(WAIT_S)
        assert f'"display":"{kind}"' in said[0].data
        source.abort()
    assert (
        ok(artist.get(f"/api/shows/{show['id']}/poll"))["state"]["head_count"]["participants"] <= 1
    )


def test_a_revoked_display_is_let_go_at_every_door_of_every_node(
    artist: Caller, node: Site, wire_database: str, embedded_stores: Any
) -> None:
    show_id = artist.live_show()["id"]
    one, other = display(artist, show_id), display(artist, show_id, "stage")
    with running_site(wire_database, embedded_stores.redis_url) as second:
        away = Display(second.client, one.body)
        polled = ok(away.poll())
        place = {"since": polled["seq"], "epoch": polled["epoch"], "cursor": polled["cursor"]}
        source = EventSource(f"{second.url}/api/shows/{show_id}/stream", one.headers)
        with one.socket() as here, away.socket() as there, other.socket() as kept:
            for socket in (here, there, kept):
                socket.welcome()
            ticket = made(one.ticket())["url"]
            ok(artist.call("DELETE", f"/api/displays/{one.id}"), 204)
            assert (here.close_code(), there.close_code()) == (4403, 4403)
            ends_at = time.monotonic() + WAIT_S
            while not source.over and time.monotonic() < ends_at:
                source.receive(WAIT_S)
            assert b'"code":4403' in source.raw
            for refusal in (away.poll(**place), away.ticket(), one.facts()):
                refused(refusal, 403, "display_revoked")
            with socket_at(ticket) as late:
                assert late.close_code() == 4403
            ok(artist.call("DELETE", f"/api/displays/{one.id}"), 204)
            ok(artist.command(show_id, "announce", text="Still here"))
            assert kept.event("announcement_posted")["data"]["text"] == "Still here"
    items = {item["id"]: item for item in listed(artist, show_id)}
    assert items[one.id]["revoked_at"] and items[other.id]["revoked_at"] is None
    assert items[one.id]["last_seen_at"]


def test_a_ticket_resumes_after_a_break(artist: Caller) -> None:
    show_id = artist.live_show()["id"]
    url = made(display(artist, show_id).ticket())["url"]
    with socket_at(url) as first:
        welcome = first.welcome()
    ok(artist.command(show_id, "announce", text="Missed"))
    with socket_at(url, since=welcome["seq"], epoch=welcome["epoch"]) as again:
        assert again.welcome()["recovered"]
        assert again.event("announcement_posted")["data"]["text"] == "Missed"


def test_a_token_opens_its_own_show_alone_and_no_call_of_a_person(
    artist: Caller, nobody: Caller
) -> None:
    one = display(artist, artist.live_show()["id"], "stage")
    elsewhere = artist.live_show()["id"]
    other = display(artist, elsewhere)
    moved = Display(one.client, one.body | {"show_id": elsewhere})
    refused(moved.poll(), 403, "not_allowed")
    swapped = Display(one.client, other.body | {"token": one.body["token"]})
    refused(swapped.ticket(), 401, "invalid_token")
    ticket = made(one.ticket())["url"]
    with socket_at(ticket.replace(one.show_id, elsewhere)) as socket:
        assert socket.close_code() == 4403
    for path in (f"/api/shows/{one.show_id}/crew", "/api/auth/profile", "/api/shows?mine=true"):
        refused(nobody.get(path, headers=one.headers), 401, "invalid_token")
    command = {"command_id": new_id(), "name": "announce", "args": {"text": "x"}}
    answer = nobody.post(f"/api/shows/{one.show_id}/commands", command, headers=one.headers)
    refused(answer, 401, "invalid_token")
    for token in ("", "display-", one.body["token"][:-1] + "!", one.body["token"][:-1], "x" * 5000):
        bad = Display(one.client, one.body | {"token": token or "-"})
        assert bad.ticket().status_code == 401
    last = one.body["token"][-1]
    forged = one.body["token"][:-1] + ("A" if last != "A" else "B")
    refused(Display(one.client, one.body | {"token": forged}).ticket(), 401, "invalid_token")
    refused(nobody.post(f"/api/displays/{new_id()}/ticket", headers=one.headers), 401)
    refused(nobody.post(f"/api/displays/{one.id}/ticket"), 401, "not_authenticated")
    refused(artist.call("DELETE", f"/api/displays/{new_id()}"), 404, "unknown_display")


def test_the_facts_hold_what_a_screen_shows(artist: Caller, guest: Caller) -> None:
    venue = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}
    show = artist.show(access="hybrid", venue=venue, artists=[{"name": "The Band"}])
    one = display(artist, show["id"])
    before = ok(one.facts())
    assert before["show"]["status"] == "draft"
    assert before["check_in"] is None and before["sms"] is None
    ok(artist.post(f"/api/shows/{show['id']}/publish"))
    facts = ok(one.facts())
    assert facts["show"] == before["show"] | {"status": "published"}
    assert facts["show"]["artists"] == ["The Band"] and facts["show"]["venue"] == "Barton Hall"
    join = facts["join"]
    assert join["code"] == show["join_code"]
    assert join["url"] == f"http://{join['address']}"
    page = guest.get(join["url"])
    assert page.status_code == 303
    assert page.headers["location"] == f"/shows/{show['slug']}?code={show['join_code']}"
    code = facts["check_in"]["code"]
    assert ok(artist.get(f"/api/shows/{show['id']}/check-in-code"))["code"] == code
    ok(guest.post(f"/api/shows/{show['id']}/ticket", {"join_code": join["code"]}), 201)
    ok(guest.post(f"/api/shows/{show['id']}/check-in", {"code": code}))
    public = ok(display(artist, artist.live_show()["id"]).facts())
    assert public["join"]["code"] is None
    assert "?" not in guest.get(public["join"]["url"]).headers["location"]
    mistyped = f"/j/{show['join_code'].lower()[:3]}-{show['join_code'][3:]}"
    assert guest.get(mistyped).headers["location"] == page.headers["location"]
    for nowhere in ("/j/AAAAAA", "/j/x", "/j/" + "y" * 50):
        assert guest.get(nowhere).status_code == 404


def test_the_qr_path_is_read_by_a_scanner(artist: Caller) -> None:
    show = artist.live_show(access="private")
    join = ok(display(artist, show["id"]).facts())["join"]
    scale = 4
    picture = Image.new("L", (join["qr"]["modules"] * scale,) * 2, 255)
    draw = ImageDraw.Draw(picture)
    run = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")
    assert run.sub("", join["qr"]["path"]) == ""
    for x, y, width, back in (map(int, found) for found in run.findall(join["qr"]["path"])):
        assert width == back
        box = (x * scale, y * scale, (x + width) * scale - 1, (y + 1) * scale - 1)
        draw.rectangle(box, fill=0)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [join["url"]]
    assert join["code"] in join["url"]


def test_nobody_reads_a_token_in_the_store(artist: Caller, wire_database: str) -> None:
    one = display(artist, artist.show()["id"])

    async def rows() -> str:
        connection = await asyncpg.connect(wire_database)
        found = await connection.fetch("SELECT displays::text FROM displays WHERE id = $1", one.id)
        audit = await connection.fetch(
            "SELECT action, after::text FROM audit_log WHERE subject = $1", f"display:{one.id}"
        )
        await connection.close()
        assert [row["action"] for row in audit] == ["make_display"]
        return str(found) + str(audit)

    with ThreadPoolExecutor(1) as pool:
        text = pool.submit(asyncio.run, rows()).result()
    assert one.body["token"] not in text
