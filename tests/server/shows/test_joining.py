"""Tickets and codes: who gets into a room, and for how long."""

from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from rooms.ports import Clock
from server.rate_limits import Rule
from server.secret import Secret
from server.security.tickets import TicketRefused, TicketService
from server.shows import short_addresses
from storage.ids import uuid7
from tests.server.conftest import SECRET_KEY
from tests.server.http import Person, made, ok, refused

CHAT = {"command_id": "c1", "name": "post_chat", "args": {"text": "hello"}}


class Later:
    """The node's clock, moved."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    def now(self) -> Any:
        """Then."""
        return self._clock.now() + timedelta(seconds=self._seconds)


def door(app: Litestar, later_s: float = 0.0) -> TicketService:
    """The socket's door, some seconds from now."""
    services = app.state.services
    clock: Any = Later(services.clock, later_s)
    return TicketService(Secret(SECRET_KEY), services.attendees, clock, lambda: str(uuid7()))


async def test_a_ticket_lets_its_participant_in(
    artist: Person, guest: Person, app: Litestar
) -> None:
    show = await artist.live_show()
    answer = made(await guest.post(f"/api/shows/{show['id']}/ticket"))
    assert answer["url"] == f"ws://setroom.test/rooms/{show['id']}?ticket={answer['ticket']}"
    admission = await door(app).redeem(answer["ticket"], show["id"])
    who = admission.participant
    assert who.participant_id == answer["participant_id"]
    assert (who.account_id, who.role, who.guest, who.admitted) == (guest.id, "fan", True, True)
    assert who.display_name == "Robin"


async def test_a_ticket_opens_within_a_minute_and_then_until_the_session_ends(
    artist: Person, guest: Person, app: Litestar
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/ticket"
    unused = made(await guest.post(path))["ticket"]
    used = made(await guest.post(path))["ticket"]
    await door(app, 59).redeem(used, show["id"])
    with pytest.raises(TicketRefused) as refusal:
        await door(app, 61).redeem(unused, show["id"])
    assert (refusal.value.code, refusal.value.close_code) == ("ticket_expired", 4401)
    await door(app, 24 * 3600).redeem(used, show["id"])
    ok(await guest.post("/api/auth/logout"), 204)
    with pytest.raises(TicketRefused, match="session_revoked"):
        await door(app, 61).redeem(used, show["id"])


async def test_a_ticket_is_for_one_show_and_cannot_be_forged(
    artist: Person, guest: Person, app: Litestar
) -> None:
    show, other = await artist.live_show(), await artist.live_show()
    ticket = made(await guest.post(f"/api/shows/{show['id']}/ticket"))["ticket"]
    for bad, where in (
        (ticket, other["id"]),
        (ticket[:-3], show["id"]),
        (guest.token, show["id"]),
        ("", show["id"]),
        ("é.x.y", show["id"]),
    ):
        with pytest.raises(TicketRefused, match="ticket_invalid"):
            await door(app).redeem(bad, where)


async def test_who_was_removed_gets_no_ticket_and_no_use_of_an_old_one(
    artist: Person, guest: Person, app: Litestar
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/ticket"
    answer = made(await guest.post(path))
    await door(app).redeem(answer["ticket"], show["id"])
    command = {
        "command_id": "r1",
        "name": "remove_participant",
        "args": {"participant_id": answer["participant_id"]},
    }
    ok(await artist.post(f"/api/shows/{show['id']}/commands", command))
    refused(await guest.post(path), 403, "removed")
    with pytest.raises(TicketRefused) as refusal:
        await door(app).redeem(answer["ticket"], show["id"])
    assert refusal.value.close_code == 4410


async def test_a_private_show_opens_with_its_code(
    artist: Person, guest: Person, fan: Person, nobody: Person
) -> None:
    show = await artist.live_show(access="private")
    path = f"/api/shows/{show['id']}"
    for person in (guest, nobody):
        refused(await person.get(path), 403, "join_code_required")
        refused(await person.get(f"{path}/setlist"), 403, "join_code_required")
        refused(await person.get(f"{path}/rounds"), 403, "join_code_required")
    refused(await guest.post(f"{path}/ticket"), 403, "join_code_required")
    refused(await guest.post(f"{path}/commands", CHAT), 403, "join_code_required")
    refused(await guest.post(f"{path}/ticket", {"join_code": "WRONG2"}), 403, "wrong_join_code")
    typed = f" {show['join_code'][:3].lower()}-{show['join_code'][3:].lower()} "
    assert made(await guest.post(f"{path}/ticket", {"join_code": typed}))["admitted"] is True
    ok(await guest.get(f"{path}/setlist"))
    ok(await guest.post(f"{path}/commands", CHAT))
    made(await guest.post(f"{path}/ticket"))
    ok(await fan.get(f"{path}?join_code={show['join_code']}"))
    refused(await fan.get(path), 403, "join_code_required")


async def test_a_hybrid_show_is_watched_freely_and_joined_with_the_code(
    artist: Person, guest: Person
) -> None:
    show = await artist.live_show(access="hybrid")
    path = f"/api/shows/{show['id']}"
    watching = made(await guest.post(f"{path}/ticket"))
    assert watching["admitted"] is False
    ok(await guest.get(f"{path}/setlist"))
    refused(await guest.post(f"{path}/commands", CHAT), 403, "code_required")
    joined = made(await guest.post(f"{path}/ticket", {"join_code": show["join_code"]}))
    assert joined["admitted"] is True
    assert joined["participant_id"] == watching["participant_id"]
    ok(await guest.post(f"{path}/commands", CHAT | {"command_id": "c2"}))
    assert made(await guest.post(f"{path}/ticket"))["admitted"] is True


async def test_codes_cannot_be_guessed_at_leisure(artist: Person, guest: Person) -> None:
    show = await artist.live_show(access="private")
    path = f"/api/shows/{show['id']}/ticket"
    for _ in range(30):
        refused(await guest.post(path, {"join_code": "AAAAAA"}), 403, "wrong_join_code")
    answer = await guest.post(path, {"join_code": show["join_code"]})
    refused(answer, 429, "rate_limited")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_ticket_needs_somebody_and_a_show(nobody: Person, guest: Person) -> None:
    refused(await nobody.post(f"/api/shows/{guest.id}/ticket"), 401, "not_authenticated")
    refused(await guest.post(f"/api/shows/{guest.id}/ticket"), 404, "unknown_show")
    refused(await guest.post("/api/shows/nonsense/ticket"), 404, "not_found")


async def test_a_qr_code_is_an_image_of_the_shows_address(artist: Person, nobody: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/qr"
    png = await nobody.get(f"{path}?format=png&scale=4")
    assert png.headers["content-type"] == "image/png"
    assert png.content.startswith(b"\x89PNG\r\n\x1a\n")
    svg = await nobody.get(f"{path}?format=svg")
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert b"<svg" in svg.content
    refused(await nobody.get(f"{path}?format=gif"), 422, "validation_failed")
    refused(await nobody.get(f"{path}?scale=1000"), 422, "validation_failed")


async def test_the_crews_qr_code_of_a_show_with_a_code_holds_it(
    artist: Person, guest: Person
) -> None:
    show = await artist.live_show(access="hybrid")
    path = f"/api/shows/{show['id']}/qr?format=svg"
    assert (await artist.get(path)).content != (await guest.get(path)).content


async def test_one_guesser_shuts_no_public_door_and_opens_no_other(
    nobody: Person, artist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = Rule("short-addresses-of-this-test", 3, 600)
    monkeypatch.setattr(short_addresses, "SHORT_ADDRESSES_BY_ADDRESS", rule)
    public, private = await artist.live_show(), await artist.live_show(access="private")
    draft = await artist.show()
    assert (await nobody.get(f"/j/{private['join_code']}")).status_code == 303
    for _ in range(3):
        refused(await nobody.get("/j/AAAAAA"), 404, "unknown_show")
    for show in (private, draft):
        refused(await nobody.get(f"/j/{show['join_code']}"), 429, "rate_limited")
    assert (await nobody.get(f"/j/{public['join_code']}")).status_code == 303
