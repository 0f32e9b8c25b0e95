"""Votes by text on a running node, with real signatures: DOMAIN "SMS", docs/decisions/sms.md."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from storage.embedded import StoreUrls
from tests.browser.site import Site, running_site, start_node, wait_ready
from tests.wire.client import Caller, Json, ok, refused
from tests.wire.conftest import be_guest, new_database, sign_up
from tests.wire.texting import (
    ACCOUNT,
    NUMBER,
    PATH,
    SETTINGS,
    WHATSAPP,
    Phone,
    messages_in,
    new_sid,
    post_form,
    signed,
)

RECORDED = Path(__file__).parent / "twilio"


@pytest.fixture(scope="module")
def database(embedded_stores: StoreUrls, migrated_template: str) -> Iterator[str]:
    with new_database(embedded_stores, migrated_template) as url:
        yield url


@pytest.fixture(scope="module")
def site(database: str, embedded_stores: StoreUrls) -> Iterator[Site]:
    with running_site(database, embedded_stores.redis_url, SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def other(database: str, embedded_stores: StoreUrls, site: Site) -> Iterator[Site]:
    """A second node behind the same public address."""
    public = {"SETROOM_PUBLIC_URL": site.url}
    with running_site(database, embedded_stores.redis_url, SETTINGS | public) as running:
        yield running


@pytest.fixture
def crew(site: Site) -> Caller:
    return sign_up(Caller(site.client), "artist")


@pytest.fixture
def show(crew: Caller) -> Json:
    return crew.live_show(takes_sms=True)


def voters(crew: Caller, round_id: str) -> dict[str, int]:
    """The count of a round that crew closes now."""
    result: Json = ok(crew.post(f"/api/rounds/{round_id}/close"))["result"]
    return {"votes": result["votes"], **result["options"]}


def joined(site: Site, show: Json, **more: bool) -> Phone:
    phone = Phone(site, **more)
    assert "STOP" in phone.text(f"JOIN {show['join_code']}")
    return phone


def test_a_phone_joins_votes_changes_its_mind_and_sees_the_score(
    site: Site, crew: Caller, show: Json
) -> None:
    phone = Phone(site)
    welcome = phone.text(f"Join {show['join_code'].lower()}")
    for said in ("Setroom", "Barton Hall", "Msg & data rates may apply", "HELP", "STOP"):
        assert said in welcome
    assert "No round" in phone.text("2")
    round_id = crew.open_round(
        show["id"], "Blue Sky", "Ripple", "Bertha", who={"channels": ["web", "sms"]}
    )
    assert phone.text("SCORE") == "Encore?: the score is not shown now. Watch the screen."
    assert phone.text("2") == "Got it: 2 Ripple. Text again to change it."
    assert phone.text("blu sky") == "Did you mean 1 Blue Sky? Text 1."
    assert phone.text("９").startswith("There is no 9.")
    assert phone.text("blue sky") == "Changed to 1 Blue Sky."
    assert phone.text("SCORE") == "Encore?: Blue Sky 1, Ripple 0, Bertha 0."
    assert voters(crew, round_id) == {"votes": 1, "o1": 1, "o2": 0, "o3": 0}
    assert "Too late" in phone.text("2")


def test_a_text_that_comes_again_gets_the_same_answer_and_no_second_vote(
    site: Site, other: Site, crew: Caller, show: Json
) -> None:
    phone = joined(site, show)
    round_id = crew.open_round(show["id"], "Blue Sky", "Ripple", who={"channels": ["web", "sms"]})
    sid = new_sid()
    first = phone.send("1", sid)
    assert messages_in(phone.send("2")) == ["Changed to 2 Ripple."]
    for node in (site, other, site):
        again = phone.send("1", sid, at=node)
        assert again.content == first.content
    # Another round is open by then: the text still goes where it went.
    assert voters(crew, round_id) == {"votes": 1, "o1": 0, "o2": 1}
    later = crew.open_round(show["id"], "Deal", "Loser", who={"channels": ["sms"]})
    assert phone.send("1", sid, at=other).content == first.content
    assert voters(crew, later)["votes"] == 0


def test_a_node_that_dies_with_an_answer_on_its_lips_gives_the_same_one_afterwards(
    embedded_stores: StoreUrls, migrated_template: str
) -> None:
    with new_database(embedded_stores, migrated_template) as url, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        listener.set_inheritable(True)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"

        @contextmanager
        def living() -> Iterator[Site]:
            process = start_node(listener, url, embedded_stores.redis_url, SETTINGS)
            try:
                with httpx.Client(base_url=address, timeout=30) as client:
                    wait_ready(process, client)
                    yield Site(address, client, url)
            finally:
                process.kill()  # -9, with whatever was under way
                process.wait()

        sid, again = new_sid(), new_sid()
        with living() as first:
            crew = sign_up(Caller(first.client), "artist")
            show = crew.live_show(takes_sms=True)
            phone = joined(first, show)
            round_id = crew.open_round(show["id"], who={"channels": ["web", "sms"]})
            told = [phone.send("2", sid).content, phone.send("1", again).content]
        with living() as second:
            phone.site, crew.client = second, second.client
            assert [phone.send("2", sid).content, phone.send("1", again).content] == told
            assert voters(crew, round_id) == {"votes": 1, "o1": 1, "o2": 0}


def test_a_join_that_comes_again_is_answered_the_same(site: Site, other: Site, show: Json) -> None:
    phone, sid = Phone(site), new_sid()
    first = phone.send(f"JOIN {show['join_code']}", sid)
    assert phone.send(f"JOIN {show['join_code']}", sid, at=other).content == first.content
    assert "You're in Barton Hall." in phone.text(f"JOIN {show['join_code']}")


def test_stop_holds_for_every_show_until_start(site: Site, crew: Caller, show: Json) -> None:
    phone = joined(site, show)
    crew.open_round(show["id"], who={"channels": ["sms"]})
    assert "no more texts" in phone.text("stop please")
    assert phone.text("STOP") == ""
    assert "START" in phone.text("1")
    assert "Setroom" in phone.text("HELP")
    second = crew.live_show(takes_sms=True)
    assert "START" in phone.text(f"JOIN {second['join_code']}")
    assert "welcome back" in phone.text("start")
    assert "JOIN" in phone.text("1"), "START makes nobody an attendee"
    assert "you're in" in phone.text(f"JOIN {show['join_code']}")
    assert phone.text("1").startswith("Got it")


def test_what_the_carrier_has_answered_is_kept_and_not_answered_again(
    site: Site, show: Json
) -> None:
    phone = joined(site, show)
    assert phone.text("STOP", OptOutType="STOP") == ""
    assert "START" in phone.text("1")
    assert phone.text("START", OptOutType="START") == ""
    assert phone.text("HELP", OptOutType="HELP") == ""
    assert "you're in" in phone.text(f"JOIN {show['join_code']}")


def test_strangers_are_told_how_to_join(site: Site, crew: Caller) -> None:
    closed, quiet = crew.live_show(takes_sms=True), crew.live_show()
    ok(crew.post(f"/api/shows/{closed['id']}/close"))
    draft = crew.show(takes_sms=True)
    phone = Phone(site)
    assert "Text JOIN" in phone.text("2")
    assert "Text JOIN" in phone.text("hello there")
    assert "Nothing to confirm" in phone.text("YES")
    assert "no show with the code" in phone.text("JOIN ZZZZZZ")
    assert "no show with the code" in phone.text(f"JOIN {draft['join_code']}")
    assert "is over" in phone.text(f"JOIN {closed['join_code']}")
    assert "takes no texts" in phone.text(f"JOIN {quiet['join_code']}")


def test_the_code_alone_is_a_join(site: Site, show: Json) -> None:
    assert "you're in" in Phone(site).text(show["join_code"].lower())


def test_the_code_admits_to_a_private_show_and_nobody_sees_the_number(
    site: Site, crew: Caller
) -> None:
    show = crew.live_show(takes_sms=True, access="private")
    phone = joined(site, show)
    wished = phone.text("REQ Sugar Magnolia")
    assert wished == "Requested: Sugar Magnolia. If others want it too, it moves up."
    (request,) = ok(crew.get(f"/api/shows/{show['id']}/song-requests"))["items"]
    assert request["title"] == "Sugar Magnolia"
    assert request["display_name"].startswith("Fan ")
    assert phone.number[-4:] not in request["display_name"]


def test_who_was_removed_is_told_so(site: Site, crew: Caller, show: Json) -> None:
    phone = joined(site, show)
    phone.text("REQ Ripple")
    (wish,) = ok(crew.get(f"/api/shows/{show['id']}/song-requests"))["items"]
    removed = crew.command(show["id"], "remove_participant", participant_id=wish["participant_id"])
    ok(removed)
    crew.open_round(show["id"], who={"channels": ["sms"]})
    assert "removed you" in phone.text("1")
    assert "removed you" in phone.text(f"JOIN {show['join_code']}")


def test_replies_are_in_the_language_of_the_number_or_the_one_asked_for(
    site: Site, crew: Caller, show: Json
) -> None:
    crew.open_round(show["id"], "Blue Sky", "Ripple", who={"channels": ["sms"]})
    mexican = Phone(site, "+5215512345678")
    assert "AYUDA" in mexican.text(f"JOIN {show['join_code']}").upper()
    german = Phone(site, "+4915112345678")
    assert "STOP" in german.text(f"BEITRETEN {show['join_code']}")
    assert german.text("1") != mexican.text("1")
    assert mexican.text("LANG EN") == "From now on in English."
    assert mexican.text("2") == "Changed to 2 Ripple."


def test_whatsapp_is_a_phone_of_its_own(site: Site, crew: Caller, show: Json) -> None:
    phone = joined(site, show)
    same = Phone(site, phone.number, whatsapp=True)
    round_id = crew.open_round(show["id"], who={"channels": ["sms"]})
    assert "Text JOIN" in same.text("1")
    assert "you're in" in same.text(f"JOIN {show['join_code']}")
    phone.text("1")
    same.text("2")
    assert voters(crew, round_id)["votes"] == 2
    phone.text("STOP")
    assert "you're" in same.text(f"JOIN {show['join_code']}").lower()


def test_a_vote_in_the_grace_counts_and_one_after_it_does_not(
    site: Site, crew: Caller, show: Json
) -> None:
    window = {"duration_s": 1, "sms_grace_s": 60}
    phone = joined(site, show)
    with crew.socket(show["id"]) as socket:
        socket.welcome()
        round_id = crew.open_round(show["id"], who={"channels": ["web", "sms"]}, window=window)
        socket.event("round_grace_started")
    guest = be_guest(Caller(site.client), "Late")
    refused(guest.vote(round_id, "o1"), 409, "round_closed")
    assert phone.text("1").startswith("Got it")
    assert voters(crew, round_id)["votes"] == 1


# --- who may post -------------------------------------------------------------------------------


def recorded(name: str) -> list[tuple[str, str]]:
    body = (RECORDED / f"{name}.form.txt").read_text().strip()
    return parse_qsl(body, keep_blank_values=True)


@pytest.mark.parametrize("path", sorted(RECORDED.glob("inbound-*.form.txt")), ids=lambda p: p.name)
def test_recorded_bodies_are_answered_where_they_are_ours(site: Site, path: Path) -> None:
    form = recorded(path.name.removesuffix(".form.txt"))
    if dict(form)["AccountSid"] != ACCOUNT:
        refused(post_form(site, form), 403, "foreign_account")
    whatsapp = dict(form)["From"].startswith("whatsapp:")
    ours = {"AccountSid": ACCOUNT, "To": WHATSAPP if whatsapp else NUMBER}
    answers = messages_in(post_form(site, list((dict(form) | ours).items())))
    if dict(form)["From"] == "+2222":
        assert answers == [], "a short code is nobody to talk to"
    else:
        (answer,) = answers
        assert "JOIN" in answer
        again = post_form(site, list((dict(form) | ours).items()))
        assert messages_in(again) == answers


def test_a_text_to_another_number_is_taken_and_not_answered(site: Site) -> None:
    phone = Phone(site)
    assert messages_in(phone.send("HELP", To="+19255550199")) == []


def test_unsigned_and_badly_signed_webhooks_are_refused(site: Site) -> None:
    form = Phone(site).form("HELP")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    good = signed(site.url + PATH, form)
    changed = [(name, "STOP" if name == "Body" else value) for name, value in form]
    without_blank = [(name, value) for name, value in form if value]
    for signature, sent in (
        (None, form),
        ("", form),
        ("NOTRSOYDt4T1cUTdK1PDd93/VVr8B8=", form),
        ("ü", form),
        (signed(site.url + PATH, form, "another token"), form),
        (signed(site.url + PATH, without_blank), form),
        (signed("http://elsewhere.example" + PATH, form), form),
        (good, changed),
        (good, [*form, ("Extra", "1")]),
    ):
        more = {} if signature is None else {"X-Twilio-Signature": signature.encode()}
        answer = site.client.post(PATH, data=dict(sent), headers={**headers, **more})
        refused(answer, 403, "invalid_signature")


def test_repeated_parameters_a_query_and_a_json_body_may_be_signed(site: Site) -> None:
    form = [*Phone(site).form("HELP"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    (answer,) = messages_in(post_form(site, form, query="foo=1&bar=2"))
    assert "Setroom" in answer
    body = b'{"property": "value", "boolean": true}'
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    address = f"{PATH}?foo=1&bar=2&bodySHA256={digest}"
    headers = {
        "Content-Type": "application/json",
        "X-Twilio-Signature": signed(site.url + address, []),
    }
    # Signed, and still no text: it is another account's, of which it says nothing.
    refused(site.client.post(address, content=body, headers=headers), 403, "foreign_account")
    forged = site.client.post(address, content=body + b" ", headers=headers)
    refused(forged, 403, "invalid_signature")


def test_a_webhook_is_bounded(site: Site) -> None:
    form = Phone(site).form("A" * 70_000)
    assert post_form(site, form).status_code in (403, 413)
    many = [*Phone(site).form("HELP"), *((f"P{number}", "1") for number in range(300))]
    refused(post_form(site, many), 403, "invalid_signature")


def test_a_text_without_a_sid_is_malformed(site: Site) -> None:
    form = [(name, value) for name, value in Phone(site).form("HELP") if name != "MessageSid"]
    refused(post_form(site, form), 400, "malformed_webhook")


def test_without_a_carrier_nothing_is_taken(node: Site) -> None:
    form = Phone(node).form("HELP")
    refused(post_form(node, form), 403, "invalid_signature")
