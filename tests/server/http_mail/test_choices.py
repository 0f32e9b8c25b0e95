"""What people choose of mails: in their account, by a link, by one click."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from rooms.mail.kinds import MailType
from server.mail.links import SignedMailLinks
from tests.server.conftest import client_of
from tests.server.http import Person, ok, refused

PATH = "/api/auth/profile/mail"


def links_of(app: Litestar) -> SignedMailLinks:
    settings = app.state.services.settings
    return SignedMailLinks(settings.secret_key, "")


def unsubscribe_link(app: Litestar, person: Person, kind: MailType = MailType.RECAP) -> str:
    return links_of(app).unsubscribe(person.id, kind, app.state.services.clock.now())


async def frequency(person: Person, kind: str) -> str:
    found: str = ok(await person.get(PATH))["types"][kind]["frequency"]
    return found


@pytest.fixture
async def browser(app: Litestar) -> Any:
    """Somebody who is not signed in, in German."""
    async with client_of(app) as client:
        client.headers["accept-language"] = "de"
        yield client


async def test_what_was_not_chosen_has_its_default(fan: Person) -> None:
    found = ok(await fan.get(PATH))

    assert found["address"] == fan.email
    assert (found["verified"], found["suppressed"], found["language"]) == (False, None, "en")
    assert {kind: one["frequency"] for kind, one in found["types"].items()} == {
        "welcome": "immediate",
        "new_show": "immediate",
        "reminder": "immediate",
        "digest": "weekly",
        "results": "immediate",
        "recap": "immediate",
        "broadcast": "immediate",
    }


async def test_what_is_left_out_stays(fan: Person) -> None:
    body = {"types": {"recap": {"frequency": "daily"}}, "language": "fr"}
    ok(await fan.put(PATH, body))
    found = ok(await fan.put(PATH, {"types": {"results": {"frequency": "never"}}}))

    assert found["language"] == "fr"
    types = found["types"]
    assert (types["recap"]["frequency"], types["results"]["frequency"]) == ("daily", "never")
    hourly = {"types": {"recap": {"frequency": "hourly"}}}
    refused(await fan.put(PATH, hourly), 422, "validation_failed")


async def test_a_guest_has_no_mails_to_choose(guest: Person) -> None:
    assert ok(await guest.get(PATH))["address"] is None
    refused(await guest.put(PATH, {"types": {"recap": {"frequency": "never"}}}), 403, "not_allowed")
    refused(await guest.post(f"{PATH}/verify"), 403, "not_allowed")


async def test_looking_at_the_link_changes_nothing(
    app: Litestar, fan: Person, browser: httpx.AsyncClient
) -> None:
    link = unsubscribe_link(app, fan)
    answer = await browser.get(link)

    assert answer.status_code == 200
    assert "No more of these" in answer.text
    assert fan.email not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "script" not in answer.text
    assert (await browser.head(link)).status_code == 200
    assert await frequency(fan, "recap") == "immediate"


async def test_one_click_of_a_mail_program_unsubscribes(
    app: Litestar, fan: Person, browser: httpx.AsyncClient
) -> None:
    link = unsubscribe_link(app, fan)
    for _ in range(2):
        answer = await browser.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200

    assert await frequency(fan, "recap") == "never"
    assert await frequency(fan, "results") == "immediate"
    source = await app.state.services.pool.fetchval(
        "SELECT source FROM mail_preferences WHERE account_id = $1", fan.id
    )
    assert source == "one_click"


async def test_the_page_lets_choose_without_a_script(
    app: Litestar, fan: Person, browser: httpx.AsyncClient
) -> None:
    link = unsubscribe_link(app, fan)
    saved = await browser.post(link, data={"do": "save", "NEW_SHOW": "weekly", "DIGEST": "x"})
    assert "Saved." in saved.text
    assert await frequency(fan, "new_show") == "weekly"
    assert await frequency(fan, "digest") == "weekly"

    await browser.post(link, data={"do": "none"})
    types = ok(await fan.get(PATH))["types"]
    assert {one["frequency"] for one in types.values()} == {"never"}


async def test_a_link_that_is_not_ours_or_too_old_opens_nothing(
    app: Litestar, fan: Person, browser: httpx.AsyncClient
) -> None:
    now = app.state.services.clock.now()
    old = links_of(app).unsubscribe(fan.id, MailType.RECAP, now - timedelta(days=401))
    verify = links_of(app).verify(fan.id, fan.email, now)
    swapped = verify.replace("/mail/verify/", "/mail/unsubscribe/")
    for link in (old, swapped, "/mail/unsubscribe/x", unsubscribe_link(app, fan)[:-2]):
        answer = await browser.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 404, link
        assert "Dieser Link gilt nicht mehr" in answer.text
    assert await frequency(fan, "recap") == "immediate"


async def test_an_address_is_proven_by_a_button_not_by_a_look(
    app: Litestar, fan: Person, browser: httpx.AsyncClient
) -> None:
    link = links_of(app).verify(fan.id, fan.email, app.state.services.clock.now())
    assert fan.email in (await browser.get(link)).text
    assert ok(await fan.get(PATH))["verified"] is False

    for _ in range(2):
        assert (await browser.post(link)).status_code == 200
    assert ok(await fan.get(PATH))["verified"] is True


async def test_a_link_for_another_address_proves_nothing(
    app: Litestar, fan: Person, browser: httpx.AsyncClient
) -> None:
    now = app.state.services.clock.now()
    link = links_of(app).verify(fan.id, "other@example.com", now)

    assert (await browser.post(link)).status_code == 409
    assert ok(await fan.get(PATH))["verified"] is False


async def test_without_a_mail_server_nobody_is_promised_a_mail(fan: Person) -> None:
    refused(await fan.post(f"{PATH}/verify"), 409, "mail_off")


async def test_a_link_to_prove_an_address_is_mailed_a_few_times(
    app: Litestar, fan: Person, start_node: Any
) -> None:
    from server.secret import Secret

    node = await start_node(mail_url=Secret("sandbox:"))
    async with client_of(node) as client:
        there = fan.at(client)
        for _ in range(5):
            assert ok(await there.post(f"{PATH}/verify"), 202) == {"address": fan.email}
        refused(await there.post(f"{PATH}/verify"), 429, "rate_limited")
    kinds = await app.state.services.pool.fetch(
        "SELECT kind, channel, payload ->> 'type' AS letter FROM messages WHERE account_id = $1",
        fan.id,
    )
    assert {tuple(row.values()) for row in kinds} == {("SECURITY", "mail", "verify")}
    assert len(kinds) == 5


async def test_what_was_chosen_is_exported_and_goes_with_the_account(
    app: Litestar, fan: Person
) -> None:
    ok(await fan.put(PATH, {"types": {"recap": {"frequency": "never"}}, "language": "es"}))
    exported = ok(await fan.get("/api/auth/export"))
    assert [(one["kind"], one["frequency"]) for one in exported["mail_preferences"]] == [
        ("RECAP", "never")
    ]
    password = {"password": "a long enough passphrase"}
    assert (await fan.call("DELETE", "/api/auth/account", password)).status_code == 204
    for table in ("mail_preferences", "mail_recipients"):
        count = await app.state.services.pool.fetchval(
            f"SELECT count(*) FROM {table} WHERE account_id = $1", fan.id
        )
        assert count == 0, table
