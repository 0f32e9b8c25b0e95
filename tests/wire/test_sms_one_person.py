"""A phone and an app that are one person: codes, links, one vote. docs/decisions/sms.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from storage.embedded import StoreUrls
from tests.browser.site import Site, running_site
from tests.wire.client import PASSWORD, Caller, Json, made, ok, refused, unique_email
from tests.wire.conftest import be_guest, new_database, sign_up
from tests.wire.texting import SETTINGS, Phone, messages_in, new_sid

BOTH: Json = {"channels": ["web", "sms"]}


@pytest.fixture(scope="module")
def site(embedded_stores: StoreUrls, migrated_template: str) -> Iterator[Site]:
    with (
        new_database(embedded_stores, migrated_template) as url,
        running_site(url, embedded_stores.redis_url, SETTINGS) as running,
    ):
        yield running


@pytest.fixture
def crew(site: Site) -> Caller:
    return sign_up(Caller(site.client), "artist")


@pytest.fixture
def show(crew: Caller) -> Json:
    return crew.live_show(takes_sms=True)


@pytest.fixture
def guest(site: Site) -> Caller:
    return be_guest(Caller(site.client), "Robin")


@pytest.fixture
def phone(site: Site, show: Json) -> Phone:
    phone = Phone(site)
    phone.text(f"JOIN {show['join_code']}")
    return phone


def votes(crew: Caller, round_id: str) -> dict[str, int]:
    result: Json = ok(crew.post(f"/api/rounds/{round_id}/close"))["result"]
    return {"votes": result["votes"], **result["options"]}


def code_of(caller: Caller, show: Json) -> Json:
    return made(caller.post(f"/api/shows/{show['id']}/phone", {}))


def link_of(phone: Phone) -> str:
    """The token of the link that CONFIRM brings."""
    confirmed, link = messages_in(phone.send("CONFIRM"))
    assert "confirmed" in confirmed
    found = re.search(r"/c/([\w-]+)", link)
    assert found is not None, link
    return found.group(1)


def attendee_of(caller: Caller, show: Json) -> str:
    with caller.socket(show["id"]) as socket:
        return str(socket.welcome()["you"]["participant_id"])


def state_of(caller: Caller, show: Json) -> Json:
    return ok(caller.get(f"/api/shows/{show['id']}/phone"))


def test_a_code_makes_phone_and_app_one_voter(
    crew: Caller, show: Json, guest: Caller, phone: Phone
) -> None:
    round_id = crew.open_round(show["id"], who=BOTH)
    ok(guest.vote(round_id, "o1"))
    assert phone.text("2").startswith("Got it")
    assert state_of(guest, show) == {"state": "none"}
    code = code_of(guest, show)
    assert code["text"] == f"CONFIRM {code['code']}"
    assert code["number"] == SETTINGS["SETROOM_SMS_NUMBER"]
    assert state_of(guest, show) == {"state": "pending"}
    assert "one vote" in phone.text(code["text"])
    known = state_of(guest, show)
    assert known == {"state": "confirmed", "number_masked": f"+1 •••• {phone.number[-4:]}"}
    # The phone's later texts are the guest's, too.
    assert phone.text("1") == "Changed to 1 Ripple."
    assert votes(crew, round_id) == {"votes": 1, "o1": 1, "o2": 0}


def test_a_phone_that_never_joined_proves_itself_by_a_code(
    site: Site, crew: Caller, show: Json, guest: Caller
) -> None:
    for_phones = {"channels": ["web", "sms"], "identity": "phone"}
    round_id = crew.open_round(show["id"], who=for_phones)
    refused(guest.vote(round_id, "o1"), 403, "phone_required")
    phone = Phone(site)
    code = code_of(guest, show)["code"]
    assert "one vote" in phone.text(f"{code[:3]} {code[3:]}")
    ok(guest.vote(round_id, "o1"))
    assert phone.text("2") == "Changed to 2 Brokedown Palace."
    assert votes(crew, round_id) == {"votes": 1, "o1": 0, "o2": 1}


def test_codes_are_used_once_and_a_new_one_replaces_the_old(
    site: Site, show: Json, guest: Caller
) -> None:
    old, code = code_of(guest, show)["text"], code_of(guest, show)["text"]
    phone = Phone(site)
    assert "not right" in phone.text(old)
    sid = new_sid()
    first = phone.send(code, sid)
    assert "one vote" in messages_in(first)[0]
    assert phone.send(code, sid).content == first.content
    assert "expired" in Phone(site).text(code)


def test_codes_are_not_guessed(site: Site) -> None:
    phone = Phone(site)
    answers = [phone.text(f"CONFIRM {100_000 + number}") for number in range(6)]
    assert all("not right" in answer for answer in answers[:5])
    assert "Text again in" in answers[5]


def test_the_link_makes_them_one_once(
    crew: Caller, show: Json, guest: Caller, phone: Phone
) -> None:
    round_id = crew.open_round(show["id"], who=BOTH)
    phone.text("2")
    ok(guest.vote(round_id, "o1"))
    token, attendee = link_of(phone), attendee_of(guest, show)
    other = be_guest(guest, "Lee")
    theirs = attendee_of(other, show)
    refused(other.post(f"/api/attendees/{attendee}/confirm", {"token": token}), 404)
    refused(guest.post(f"/api/attendees/{attendee}/confirm", {"token": token + "x"}), 404)
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    path = f"/api/attendees/{attendee}/confirm"
    refused(guest.post(path, {"token": forged}), 404, "unknown_link")
    body = ok(guest.post(path, {"token": token}))
    assert body == {
        "attendee_id": attendee,
        "show_id": show["id"],
        "show_slug": show["slug"],
        "state": "active",
        "merged": True,
    }
    assert ok(guest.post(path, {"token": token})) == body | {"merged": False}
    again = other.post(f"/api/attendees/{theirs}/confirm", {"token": token})
    refused(again, 409, "link_used")
    assert votes(crew, round_id) == {"votes": 1, "o1": 1, "o2": 0}


def test_the_page_of_the_link_asks_before_it_confirms(
    site: Site, show: Json, guest: Caller, phone: Phone
) -> None:
    token = link_of(phone)
    for _ in range(2):  # a carrier's preview, and somebody who looks
        page = site.client.get(f"/c/{token}")
        assert page.status_code == 200
        assert "Is this your phone?" in page.text
        assert phone.number not in page.text
        assert f"•••• {phone.number[-4:]}" in page.text
        assert page.headers["cache-control"] == "no-store"
    attendee = attendee_of(guest, show)
    done = site.client.post(f"/c/{token}", headers=guest_headers(guest))
    assert done.status_code == 200
    assert "Confirmed" in done.text
    assert state_of(guest, show)["state"] == "confirmed"
    assert attendee_of(guest, show) == attendee
    assert site.client.get("/c/nothing-like-it").status_code == 410
    assert "one vote" not in site.client.get(f"/c/{token}").text


def test_a_link_from_before_the_stop_brings_nobody_back(
    site: Site, show: Json, guest: Caller, phone: Phone
) -> None:
    code_of(guest, show)
    token = link_of(phone)
    phone.text("STOP")
    phone.text("START")
    path = f"/api/attendees/{attendee_of(guest, show)}/confirm"
    refused(guest.post(path, {"token": token}), 410, "link_expired")
    assert site.client.get(f"/c/{token}").status_code == 410
    assert site.client.post(f"/c/{token}").status_code == 410
    assert state_of(guest, show)["state"] == "pending"


def test_a_tap_by_nobody_confirms_the_phone_alone(site: Site, show: Json) -> None:
    phone = Phone(site, "+4915112345601")
    phone.text(f"JOIN {show['join_code']}")
    _, link = messages_in(phone.send("BESTÄTIGEN"))
    token = link.partition("/c/")[2].split()[0]
    page = site.client.get(f"/c/{token}")
    assert 'lang="de"' in page.text
    assert "Ja, das ist mein Handy" in page.text
    assert "Bestätigt" in site.client.post(f"/c/{token}").text


def guest_headers(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.body['access_token']}"}


def test_yes_confirms_and_later_says_so(phone: Phone) -> None:
    assert len(messages_in(phone.send("yes"))) == 2
    assert "already" in phone.text("CONFIRM")


def test_yes_is_an_option_where_nothing_is_to_be_confirmed(
    crew: Caller, show: Json, phone: Phone
) -> None:
    phone.send("CONFIRM")
    crew.open_round(show["id"], "Yes", "No", who=BOTH)
    assert phone.text("yes") == "Got it: 1 Yes. Text again to change it."


def test_a_phone_moves_from_one_guest_to_the_next(
    crew: Caller, show: Json, guest: Caller, phone: Phone
) -> None:
    """Somebody lost the browser's data and came back: still one person."""
    round_id = crew.open_round(show["id"], who=BOTH)
    phone.text(code_of(guest, show)["text"])
    ok(guest.vote(round_id, "o1"))
    anew = be_guest(guest, "Robin again")
    ok(anew.vote(round_id, "o2"))
    assert "one vote" in phone.text(code_of(anew, show)["text"])
    refused(guest.vote(round_id, "o1"), 409, "participant_linked")
    assert votes(crew, round_id) == {"votes": 1, "o1": 0, "o2": 1}


def test_a_phone_of_an_account_is_not_taken_over(
    site: Site, show: Json, guest: Caller, phone: Phone
) -> None:
    fan = sign_up(Caller(site.client), "fan")
    assert "one vote" in phone.text(code_of(fan, show)["text"])
    assert "an account's" in phone.text(code_of(guest, show)["text"])
    assert state_of(fan, show)["state"] == "confirmed"
    assert state_of(guest, show)["state"] == "pending"


def test_the_phone_goes_with_its_guest_to_an_account(
    site: Site, crew: Caller, show: Json, guest: Caller, phone: Phone
) -> None:
    phone.text(code_of(guest, show)["text"])
    account = {"email": unique_email(), "password": PASSWORD, "display_name": "Robin"}
    made(Caller(site.client).post("/api/auth/signup", account))
    login = {"email": account["email"], "password": PASSWORD}
    fan = Caller(site.client, ok(guest.post("/api/auth/login", login)))
    round_id = crew.open_round(show["id"], who=BOTH)
    phone.text("1")
    ok(fan.vote(round_id, "o2"))
    assert votes(crew, round_id) == {"votes": 1, "o1": 0, "o2": 1}


def test_an_account_that_is_deleted_takes_its_phone_and_leaves_the_stop(
    site: Site, show: Json, phone: Phone
) -> None:
    fan = sign_up(Caller(site.client), "fan")
    phone.text(code_of(fan, show)["text"])
    phone.text("REQ Ripple")
    export: Json = ok(fan.get("/api/auth/export"))
    assert [one["number"] for one in export["phones"]] == [phone.number]
    assert "REQ Ripple" in [one["body"] for one in export["texts"]]
    assert {"join", "confirm"} <= {one["kind"] for one in export["consents"]}
    phone.text("STOP")
    gone: httpx.Response = fan.call("DELETE", "/api/auth/account", {"password": PASSWORD})
    assert gone.is_success, gone.text
    assert "START" in phone.text(f"JOIN {show['join_code']}"), "the STOP stands"
    assert "welcome back" in phone.text("START")
    assert "you're in" in phone.text(f"JOIN {show['join_code']}"), "as somebody new"


def test_shows_without_texts_give_no_codes(crew: Caller, guest: Caller) -> None:
    show = crew.live_show()
    refused(guest.post(f"/api/shows/{show['id']}/phone", {}), 409, "sms_not_offered")
    assert state_of(guest, show) == {"state": "none"}
