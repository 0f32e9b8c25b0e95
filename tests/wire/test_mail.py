"""Mail as people live through it: a real node, real workers, a real mail server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import asyncpg
import pytest

from storage.embedded import StoreUrls
from tests.browser.site import Site, running_site
from tests.jobs.mail.server import MailServer, running_mail_server
from tests.wire.client import PASSWORD, Caller, made, ok
from tests.wire.conftest import new_database
from tests.wire.workers import ask, until, worker

SECRET = "shared with the provider"
MAILS = 60

LEASES_END = """
WITH ended AS (
    UPDATE messages SET due_at = now(), handed_at = handed_at - interval '1 minute'
     WHERE dedupe_key LIKE 'crowd:%' AND lease > 0 AND state IN ('queued', 'sending') RETURNING 1
) SELECT count(*) FROM ended"""


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with running_mail_server() as found:
        yield found


@pytest.fixture(scope="module")
def settings(server: MailServer) -> dict[str, str]:
    return {
        "SETROOM_MAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "SETROOM_MAIL_FROM": "Setroom <hello@setroom.test>",
        "SETROOM_MAIL_PER_SECOND": "40",
        "SETROOM_MAIL_WEBHOOK_SECRET": SECRET,
    }


@pytest.fixture(scope="module")
def site(
    embedded_stores: StoreUrls, migrated_template: str, settings: dict[str, str]
) -> Iterator[Site]:
    with (
        new_database(embedded_stores, migrated_template) as url,
        running_site(url, embedded_stores.redis_url, settings) as found,
    ):
        yield found


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage, path: str) -> str:
    """The path of a link; the site's own address differs between a node and its public one."""
    found = re.search(rf"https?://[^/\s]+(/{path}/[^\s#]+)", text_of(mail))
    assert found is not None, text_of(mail)
    return found[1]


def test_from_signing_up_to_an_address_that_bounces(
    site: Site, server: MailServer, embedded_stores: StoreUrls, settings: dict[str, str]
) -> None:
    client = site.client
    address = "zoë.müller+setroom@bücher.example".replace("zoë.müller", "zoe.mueller")
    body = {"email": address, "password": PASSWORD, "display_name": "Zoë Müller 🎸"}
    answer = client.post("/api/auth/signup", json=body, headers={"accept-language": "de-AT,en"})
    fan = Caller(client, made(answer))
    arrived = "zoe.mueller+setroom@xn--bcher-kva.example"

    def mail(subject: str) -> EmailMessage:
        def found() -> EmailMessage | None:
            return next((one for one in server.to(arrived) if subject in one["Subject"]), None)

        there: EmailMessage = until(subject, found)
        return there

    with worker(site.database_url, embedded_stores.redis_url, settings):
        welcome = mail("Willkommen")
        assert welcome["Subject"] == "Willkommen bei Setroom, Zoë Müller 🎸"
        assert welcome["To"].addresses[0].display_name == "Zoë Müller 🎸"
        kinds = [part.get_content_type() for part in welcome.iter_parts()]
        assert kinds == ["text/plain", "text/html"]

        choices = "/api/auth/profile/mail"
        assert ok(fan.get(choices))["verified"] is False
        assert client.post(link_in(welcome, "mail/verify")).status_code == 200
        assert ok(fan.get(choices))["verified"] is True

        # The button that a mail program shows beside the sender.
        one_click = str(welcome["List-Unsubscribe"]).strip("<>").partition("/mail/")[2]
        posted = {"List-Unsubscribe": "One-Click"}
        assert client.post(f"/mail/{one_click}", data=posted).status_code == 200
        assert ok(fan.get(choices))["types"]["welcome"] == {"frequency": "never"}

        password = {"current_password": PASSWORD, "new_password": "another long passphrase"}
        ok(fan.post("/api/auth/password", password))
        changed = mail("Passwort")
        assert changed["List-Unsubscribe"] is None

        message_id = str(changed["Message-ID"])
        event = {"id": "e1", "event": "bounce", "bounce_type": "hard", "address": address}
        raw = json.dumps({"events": [event | {"message_id": message_id}]}).encode()
        signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        headers = {"X-Setroom-Signature": f"sha256={signature}"}
        answer = client.post("/webhooks/mail/bounces", content=raw, headers=headers)
        assert answer.status_code == 204, answer.text
        assert ok(fan.get(choices))["suppressed"] == "bounced"

        before = len(server.to(arrived))
        again = {"current_password": "another long passphrase", "new_password": PASSWORD}
        ok(fan.post("/api/auth/password", again))
        until(
            "the next notice to be suppressed",
            lambda: ask(
                site.database_url,
                "SELECT count(*) FROM messages WHERE state = 'suppressed' AND reason = 'bounced'",
            ),
        )
        assert len(server.to(arrived)) == before


def test_who_was_there_reads_what_was_chosen_and_what_was_played(
    site: Site, server: MailServer, embedded_stores: StoreUrls, settings: dict[str, str]
) -> None:
    band = site.artist("mail-band@example.com")
    show_id = band.live_show(title="Barton Hall & more")["id"]
    band.fill_setlist(show_id, [("set1", "Loser"), ("encore1", "Ripple <reprise>")])
    round_id = band.open_round(show_id, "What comes last?", "Ripple", "Dark Star")
    address = "night-owl@example.com"
    body = {"email": address, "password": PASSWORD, "display_name": "Ann"}
    fan = Caller(site.client, made(site.client.post("/api/auth/signup", json=body)))
    asyncio.run(prove(site.database_url, address))
    ok(fan.vote(round_id, "o1"))
    band.post(f"/api/rounds/{round_id}/close")
    band.post(f"/api/shows/{show_id}/close")

    def mail(subject: str) -> EmailMessage:
        def found() -> EmailMessage | None:
            return next((one for one in server.to(address) if subject in one["Subject"]), None)

        there: EmailMessage = until(subject, found)
        return there

    with worker(site.database_url, embedded_stores.redis_url, settings):
        results = text_of(mail("The results: Barton Hall & more"))
        assert "What comes last? (1 vote)" in results
        assert "100 %  * Ripple" in results
        band.post(f"/api/shows/{show_id}/archive")
        morning = "SELECT due_at > now() FROM messages WHERE kind = 'RECAP' AND show_id = $1"
        until("a recap", lambda: ask(site.database_url, morning, show_id) is not None)
        hurry = "UPDATE messages SET due_at = now() WHERE kind = 'RECAP' RETURNING 1"
        ask(site.database_url, hurry)
        recap = text_of(mail("Barton Hall & more: what was played"))
        assert "1  Loser" in recap
        assert "2  Ripple <reprise>" in recap


def test_a_worker_that_is_killed_in_the_middle_sends_nothing_twice(
    site: Site, server: MailServer, embedded_stores: StoreUrls, settings: dict[str, str]
) -> None:
    asyncio.run(queue_mails(site.database_url, MAILS))
    # Each answer takes a while, so that a kill meets mails that are half handed over.
    server.on_data = lambda envelope: time.sleep(0.02)
    arrived = server.arrived

    def to_crowd() -> Counter[str]:
        return Counter(
            envelope.rcpt_tos[0] for envelope, _ in arrived if "crowd" in envelope.rcpt_tos[0]
        )

    redis_url = embedded_stores.redis_url
    with worker(site.database_url, redis_url, settings) as process:
        until("a third of the mails", lambda: len(to_crowd()) >= MAILS // 3)
        process.kill()
        process.wait()
    # What it held would be another's in half a minute, and what it had begun would be judged as
    # long after: nobody needs to sit through that.
    assert ask(site.database_url, LEASES_END) > 0, "it held nothing: this shows nothing"
    with worker(site.database_url, redis_url, settings):
        until("the rest", lambda: rest(site.database_url) == 0)

    counts = to_crowd()
    assert set(counts.values()) == {1}, "nobody got it twice"
    # The kill may meet the moment between the note and the last byte: then nobody knows.
    in_doubt = ask(
        site.database_url, "SELECT count(*) FROM messages WHERE error_code = 'unconfirmed'"
    )
    assert MAILS - len(counts) <= in_doubt <= 4, "nobody was left out without a word"


def rest(database_url: str) -> Any:
    return ask(
        database_url,
        "SELECT count(*) FROM messages WHERE dedupe_key LIKE 'crowd:%' AND state <> 'sent'",
    )


async def prove(database_url: str, address: str) -> None:
    """As if the button behind the link had been pressed."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO mail_recipients (account_id, verified_address, verified_at) "
            "SELECT id, lower(email), now() FROM accounts WHERE email = $1 "
            "ON CONFLICT (account_id) DO UPDATE SET verified_address = excluded.verified_address, "
            "verified_at = now()",
            address,
        )
    finally:
        await connection.close()


async def queue_mails(database_url: str, count: int) -> None:
    """Mails to people whose addresses are proven."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO accounts (id, kind, email, password_hash, display_name) "
            "SELECT uuidv7(), 'user', 'crowd' || n || '@example.test', 'x', 'Fan ' || n "
            "FROM generate_series(1, $1::int) n",
            count,
        )
        await connection.execute(
            "INSERT INTO mail_recipients (account_id, verified_address, verified_at) "
            "SELECT id, email, now() FROM accounts WHERE email LIKE 'crowd%'"
        )
        await connection.execute(
            "INSERT INTO messages (id, account_id, kind, channel, sender, language, payload, "
            "dedupe_key, priority, created_at, due_at) "
            "SELECT uuidv7(), id, 'WELCOME', 'mail', 'hello@setroom.test', 'en', "
            '\'{"type": "welcome", "step": 3}\', \'crowd:\' || id, 2, now(), now() '
            "FROM accounts WHERE email LIKE 'crowd%'"
        )
    finally:
        await connection.close()
