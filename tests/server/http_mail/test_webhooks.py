"""Bounces and complaints are posted, signed, and draw their conclusions once."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from server.secret import Secret
from storage.ids import uuid7
from tests.rooms.mail.reports import BOUNCE, COMPLAINT, OURS
from tests.server.conftest import client_of
from tests.server.http import Person, ok, refused

SECRET = "shared with the provider"
_numbers = itertools.count(1)


class Provider:
    """A mail provider who posts what became of mails."""

    def __init__(self, client: httpx.AsyncClient, pool: Any) -> None:
        self.client = client
        self.pool = pool

    async def post(self, path: str, body: bytes, secret: str = SECRET) -> httpx.Response:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Setroom-Signature": f"sha256={signature}"}
        return await self.client.post(path, content=body, headers=headers)

    async def say(self, **event: Any) -> httpx.Response:
        event.setdefault("id", f"e{next(_numbers)}")
        return await self.post("/webhooks/mail/bounces", msgspec.json.encode({"events": [event]}))

    async def mail(self, address: str) -> str:
        """A mail to somebody that was sent; its id."""
        message_id = str(uuid7())
        await self.pool.execute(
            "INSERT INTO messages (id, account_id, kind, channel, sender, language, dedupe_key, "
            "priority, state, created_at, due_at) SELECT $1::uuid, id, 'RECAP', 'mail', 'x', 'en', "
            "$1::uuid::text, 2, 'sent', now(), now() FROM accounts WHERE email = $2",
            message_id,
            address,
        )
        return message_id

    async def state(self, message_id: str) -> tuple[str, str | None, str | None]:
        row = await self.pool.fetchrow(
            "SELECT state, reason, error_code FROM messages WHERE id = $1", message_id
        )
        return tuple(row)


@pytest_asyncio.fixture(loop_scope="session")
async def provider(start_node: Any) -> AsyncIterator[Provider]:
    node = await start_node(mail_webhook_secret=Secret(SECRET), mail_url=Secret("sandbox:"))
    async with client_of(node) as client:
        yield Provider(client, node.state.services.pool)


async def suppressed(person: Person) -> str | None:
    found: str | None = ok(await person.get("/api/auth/profile/mail"))["suppressed"]
    return found


async def test_only_who_shares_the_secret_is_believed(provider: Provider, fan: Person) -> None:
    body = msgspec.json.encode(
        {"events": [{"id": "x", "event": "complaint", "address": fan.email}]}
    )
    path = "/webhooks/mail/bounces"
    refused(await provider.post(path, body, "another"), 403, "invalid_signature")
    refused(await provider.client.post(path, content=body), 403, "invalid_signature")
    refused(await provider.post("/webhooks/mail/dsn", b"x", ""), 403, "invalid_signature")
    # A node without a secret believes nobody, not even an empty one.
    refused(await Provider(fan.client, None).post(path, body, ""), 403, "invalid_signature")
    assert await suppressed(fan) is None


async def test_a_hard_bounce_suppresses_and_fails_its_mail(provider: Provider, fan: Person) -> None:
    message_id = await provider.mail(fan.email)
    answer = await provider.say(
        event="bounce",
        address=fan.email.upper(),
        bounce_type="hard",
        status="5.1.1",
        message_id=f"<{message_id}@setroom.test>",
    )

    assert answer.status_code == 204, answer.text
    assert await suppressed(fan) == "bounced"
    assert await provider.state(message_id) == ("failed", "bounced", "5.1.1")


async def test_soft_bounces_suppress_when_nothing_arrives_in_between(
    provider: Provider, fan: Person
) -> None:
    async def bounce(times: int) -> None:
        for _ in range(times):
            await provider.say(event="bounce", address=fan.email, status="4.2.2")

    await bounce(4)
    await provider.say(event="delivered", address=fan.email)
    await bounce(4)
    assert await suppressed(fan) is None
    await bounce(1)
    assert await suppressed(fan) == "bounced"


async def test_an_event_that_is_posted_again_changes_nothing(
    provider: Provider, fan: Person
) -> None:
    for _ in range(9):
        await provider.say(id=f"same {fan.id}", event="bounce", address=fan.email, status="4.2.2")

    assert await suppressed(fan) is None


async def test_a_complaint_suppresses_and_a_proof_lifts_it(provider: Provider, fan: Person) -> None:
    message_id = await provider.mail(fan.email)
    await provider.say(event="complaint", address=fan.email, message_id=f"<{message_id}@x.test>")
    assert await suppressed(fan) == "complained"
    assert await provider.state(message_id) == ("sent", None, None), "it did arrive"

    there = fan.at(provider.client)
    assert (await there.post("/api/auth/profile/mail/verify")).status_code == 202
    services: Any = provider.client._transport.app.state.services  # type: ignore[attr-defined]
    from server.mail.links import SignedMailLinks

    links = SignedMailLinks(services.settings.secret_key, "")
    link = links.verify(fan.id, fan.email, services.clock.now())
    assert (await provider.client.post(link)).status_code == 200
    assert await suppressed(fan) is None


async def test_a_delivery_is_the_last_word(provider: Provider, fan: Person) -> None:
    message_id = await provider.mail(fan.email)
    name = f"<{message_id}@setroom.test>"
    await provider.say(event="delivered", address=fan.email, message_id=name)
    await provider.say(event="bounce", address=fan.email, bounce_type="soft", message_id=name)

    assert await provider.state(message_id) == ("delivered", None, None)


async def test_a_bounce_comes_as_the_mail_that_it_is(provider: Provider, fan: Person) -> None:
    message_id = await provider.mail(fan.email)
    text = BOUNCE.replace(OURS, message_id).replace("bounce-1@", f"{fan.id}@")
    raw = text.replace("ann@example.org", fan.email).encode()
    for _ in range(2):
        assert (await provider.post("/webhooks/mail/dsn", raw)).status_code == 204

    assert await suppressed(fan) == "bounced"
    assert await provider.state(message_id) == ("failed", "bounced", "5.1.1")


async def test_a_complaint_comes_as_the_mail_that_it_is(provider: Provider, fan: Person) -> None:
    message_id = await provider.mail(fan.email)
    text = COMPLAINT.replace(OURS, message_id).replace("fbl-7@", f"{fan.id}@")
    raw = text.replace("ann@example.org", fan.email).encode()
    assert (await provider.post("/webhooks/mail/dsn", raw)).status_code == 204

    assert await suppressed(fan) == "complained"


@pytest.mark.parametrize("shape", [BOUNCE, COMPLAINT], ids=["bounce", "complaint"])
async def test_anybody_may_write_a_report_and_silences_nobody(
    provider: Provider, fan: Person, artist: Person, shape: str
) -> None:
    """Whoever forwards mails to our bounce address signs all of them, forged ones too."""
    others = await provider.mail(artist.email)
    for number, known in enumerate((OURS, others)):
        name = f"forged-{fan.id}-{number}@"
        text = shape.replace(OURS, known).replace("bounce-1@", name).replace("fbl-7@", name)
        raw = text.replace("ann@example.org", fan.email).encode()
        assert (await provider.post("/webhooks/mail/dsn", raw)).status_code == 204

    assert await suppressed(fan) is None
    assert await suppressed(artist) is None
    assert (await provider.state(others))[0] == "sent"


async def test_what_is_no_report_is_told_so(provider: Provider) -> None:
    refused(await provider.post("/webhooks/mail/dsn", b"Subject: x\n\nhi"), 422, "not_a_report")
    path = "/webhooks/mail/bounces"
    refused(await provider.post(path, b"{"), 400, "malformed_request")
    refused(await provider.post(path, b'{"events": [{"id": "1"}]}'), 400, "malformed_request")
