"""Messages go out as mails, over the queue of all messages, to a real mail server."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import EmailMessage

import dkim
import pytest

from rooms import limits
from rooms.mail.kinds import Frequency, MailType
from rooms.mail.letters import NewDevice, PasswordChanged, Verify, Welcome, Words
from rooms.messaging.kinds import MessageKind
from server.secret import Secret
from storage.sandbox.mail import PostgresSandboxMail
from tests.jobs.mail.server import KEYS, MailServer
from tests.server.mail.conftest import Office

AT = datetime(2026, 11, 22, 0, 12, tzinfo=UTC)


async def test_a_mail_arrives_signed_in_two_bodies_and_in_the_readers_language(
    office: Office, server: MailServer
) -> None:
    account_id, address = await office.account(language="fr")
    message_id = await office.queue(MessageKind.WELCOME, Welcome(3), "w3", account_id)
    await office.lane.drain()

    assert await office.state(message_id) == ("sent", None, None)
    [(envelope, mail)] = server.arrived
    assert isinstance(mail, EmailMessage)
    assert envelope.rcpt_tos == [address]
    assert mail["Subject"] == "À ta façon"
    assert mail["From"].addresses[0].display_name == "Sétroom"
    assert mail["To"].addresses[0].display_name == "Zoë Müller"
    assert mail["Message-ID"] == f"<{message_id}@setroom.test>"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Bonjour Zoë Müller," in text.get_content()
    assert str(mail["List-Unsubscribe"]).startswith("<http://setroom.test/mail/unsubscribe/")

    key = b"v=DKIM1; k=rsa; p=" + (KEYS / "dkim.pub").read_bytes()
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        asked.append(name)
        return key

    assert dkim.verify(envelope.original_content, dnsfunc=dns)
    assert asked == [b"s1._domainkey.setroom.test."]
    signed = str(mail["DKIM-Signature"])
    assert "list-unsubscribe-post" in signed
    changed = (envelope.original_content or b"").replace(b"=C3=A9troom", b"=C3=A8troom")
    assert changed != envelope.original_content
    assert not dkim.verify(changed, dnsfunc=dns)


async def test_security_goes_to_an_address_that_is_not_proven_and_nothing_else(
    office: Office, server: MailServer
) -> None:
    account_id, address = await office.account(verified=False)
    security = NewDevice("Firefox on Android", AT)
    told = await office.queue(MessageKind.SECURITY, security, "s", account_id)
    first = await office.queue(MessageKind.WELCOME, Welcome(1), "w1", account_id)
    second = await office.queue(MessageKind.WELCOME, Welcome(2), "w2", account_id)
    await office.lane.drain()

    assert [await office.state(one) for one in (told, first, second)] == [
        ("sent", None, None),
        ("sent", None, None),
        ("suppressed", "unverified", None),
    ]
    subjects = {str(mail["Subject"]): mail for mail in server.to(address)}
    assert subjects.keys() == {"New sign-in to your account", "Welcome to Setroom, Zoë Müller"}
    assert subjects["New sign-in to your account"]["List-Unsubscribe"] is None


async def test_a_dead_address_gets_nothing_more_until_it_is_proven_again(
    office: Office, server: MailServer
) -> None:
    account_id, address = await office.account()
    server.on_rcpt = lambda _: "550 5.1.1 nobody here"
    first = await office.queue(MessageKind.WELCOME, Welcome(3), "1", account_id)
    await office.lane.drain()
    server.on_rcpt = lambda _: None
    second = await office.queue(MessageKind.SECURITY, PasswordChanged(AT), "2", account_id)
    await office.lane.drain()

    assert await office.state(first) == ("failed", "no_mailbox", "5.1.1")
    assert await office.state(second) == ("suppressed", "bounced", None)
    assert server.mails == []
    kept = await office.pool.fetchrow("SELECT * FROM mail_suppressions")
    assert address not in str(dict(kept))

    verify = await office.queue(MessageKind.SECURITY, Verify(), "3", account_id)
    await office.lane.drain()
    assert await office.state(verify) == ("sent", None, None)
    await office.mail.people.verify(account_id, address, office.clock.now())
    third = await office.queue(MessageKind.WELCOME, Welcome(3), "4", account_id)
    await office.lane.drain()
    assert await office.state(third) == ("sent", None, None)


async def test_what_is_refused_for_now_is_tried_again(office: Office, server: MailServer) -> None:
    account_id, address = await office.account()
    server.on_rcpt = lambda _: "451 4.7.1 greylisted, come back"
    message_id = await office.queue(MessageKind.WELCOME, Welcome(3), "1", account_id)
    await office.lane.drain()

    state = await office.state(message_id)
    assert state == ("sending", "refused_for_now", "4.7.1")
    waits = await office.pool.fetchval(
        "SELECT extract(epoch FROM due_at - now()) FROM messages WHERE id = $1", message_id
    )
    assert waits >= 50, "greylisting wants minutes"
    server.on_rcpt = lambda _: None
    await office.pool.execute("UPDATE messages SET due_at = now() WHERE id = $1", message_id)
    await office.lane.drain()
    assert await office.state(message_id) == ("sent", None, None)
    assert len(server.to(address)) == 1


@pytest.mark.parametrize(
    ("kind", "breaks", "copies", "code"),
    [
        (MessageKind.WELCOME, 1, 1, "unconfirmed"),
        (MessageKind.SECURITY, 1, 2, None),
        (MessageKind.SECURITY, 99, 2, "unconfirmed"),
    ],
)
async def test_a_doubt_after_the_last_byte_is_repeated_once_and_for_security_alone(
    office: Office,
    server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    kind: MessageKind,
    breaks: int,
    copies: int,
    code: str | None,
) -> None:
    monkeypatch.setattr(limits, "LOOKUP_AFTER_S", 0.0)
    monkeypatch.setattr(limits, "SENDER_PAUSE_S", 0.0)
    account_id, address = await office.account()
    letter = Welcome(3) if kind is MessageKind.WELCOME else PasswordChanged(AT)
    server.on_data = lambda _: "drop" if len(server.mails) < breaks else None
    message_id = await office.queue(kind, letter, "1", account_id)
    await office.lane.drain()

    assert await office.state(message_id) == ("sent", None, code)
    mails = server.to(address)
    assert len(mails) == copies
    assert len({str(mail["Message-ID"]) for mail in mails}) == 1


async def test_a_worker_that_died_before_the_last_byte_has_lost_nothing(
    office: Office, server: MailServer
) -> None:
    account_id, address = await office.account()
    message_id = await office.queue(MessageKind.WELCOME, Welcome(3), "1", account_id)
    # As a worker leaves it that was killed between taking the message and handing it over.
    await office.pool.execute(
        "UPDATE messages SET state = 'sending', lease = 1, attempts = 1, "
        "handed_at = now() - interval '1 minute', due_at = now() WHERE id = $1",
        message_id,
    )
    await office.lane.drain()
    await office.pool.execute("UPDATE messages SET due_at = now() WHERE id = $1", message_id)
    await office.lane.drain()

    assert await office.state(message_id) == ("sent", None, None)
    assert len(server.to(address)) == 1


@pytest.mark.parametrize("office", [{"mail_per_second": 10.0}], indirect=True)
async def test_twenty_mails_keep_the_pace(office: Office, server: MailServer) -> None:
    people = [await office.account() for _ in range(20)]
    for number, (account_id, _) in enumerate(people):
        await office.queue(MessageKind.WELCOME, Welcome(3), str(number), account_id)
    began = time.monotonic()
    await office.lane.drain()

    assert time.monotonic() - began >= 19 / 10 * 0.95, "ten a second, by all workers together"
    assert len(server.mails) == 20
    assert {tuple(envelope.rcpt_tos) for envelope, _ in server.arrived} == {
        (address,) for _, address in people
    }
    assert len(server.peers) <= limits.MAIL_CONNECTIONS_MAX


async def test_what_is_wanted_weekly_waits_and_what_is_not_wanted_stays(
    office: Office, server: MailServer
) -> None:
    show_id = await office.show()
    weekly, _ = await office.account()
    never, _ = await office.account()
    now = office.clock.now()
    for account_id, every in ((weekly, Frequency.WEEKLY), (never, Frequency.NEVER)):
        await office.mail.people.choose(account_id, {MailType.BROADCAST: every}, "account", now)
    ids = [
        await office.queue(
            MessageKind.BROADCAST, Words("Doors at nine"), account_id, account_id, show_id=show_id
        )
        for account_id in (weekly, never)
    ]
    await office.lane.drain()

    assert [await office.state(one) for one in ids] == [
        ("suppressed", "in_digest", None),
        ("suppressed", "unsubscribed", None),
    ]
    assert server.mails == []
    kept = await office.pool.fetchrow("SELECT account_id, kind, frequency FROM mail_collected")
    assert [str(value) for value in kept.values()] == [weekly, "BROADCAST", "weekly"]


@pytest.mark.parametrize("office", [{"mail_url": Secret("sandbox:")}], indirect=True)
async def test_without_a_server_mails_are_kept_for_the_panel(
    office: Office, server: MailServer
) -> None:
    account_id, address = await office.account()
    message_id = await office.queue(MessageKind.WELCOME, Welcome(3), "1", account_id)
    await office.lane.drain()

    assert await office.state(message_id) == ("sent", None, None)
    assert server.mails == []
    mailbox = PostgresSandboxMail(office.pool)
    [kept] = await mailbox.visible_to(None, None, 10)
    assert (kept.recipient, kept.subject) == (address, "Make it yours")
    whole = await mailbox.one(kept.mail_id, None)
    assert whole is not None
    assert b"DKIM-Signature:" in whole.raw
