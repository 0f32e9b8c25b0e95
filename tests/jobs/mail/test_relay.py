"""Mails are handed to a real mail server, whatever it does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from jobs.mail.relay import Lost, NotReached, Posting, Refused, SmtpRelay, Taken, probe
from jobs.mail.relay_address import RelayAddress
from rooms import limits
from rooms.mail.replies import Verdict
from tests.jobs.mail.server import KEYS, MailServer, running_mail_server

DATA = b"Subject: Hello\r\nMessage-ID: <1@test>\r\n\r\n.A line\r\n..and two\r\n"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as found:
        yield found


@asynccontextmanager
async def relay_to(server: MailServer, **more: object) -> AsyncIterator[SmtpRelay]:
    values: dict[str, object] = {"host": "127.0.0.1", "port": server.port, "tls": "auto"}
    relay = SmtpRelay(RelayAddress(**(values | more)), "test.example")  # type: ignore[arg-type]
    try:
        yield relay
    finally:
        await relay.close()


class Mark:
    """Whether the mail may be with the server."""

    def __init__(self) -> None:
        self.crossed = 0

    async def __call__(self) -> None:
        self.crossed += 1


def posting(recipient: str = "ann@example.test", **more: object) -> Posting:
    values: dict[str, object] = {
        "data": DATA,
        "sender": "hello@setroom.test",
        "recipient": recipient,
        "envelope_id": "0193-1",
    }
    return Posting(**(values | more))  # type: ignore[arg-type]


async def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    mark = Mark()
    async with relay_to(server) as relay:
        assert await relay.post(posting(), mark) == Taken()

    [(envelope, _)] = server.arrived
    assert envelope.original_content == DATA
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@setroom.test", ["ann@example.test"])
    assert mark.crossed == 1


async def test_one_connection_carries_many(server: MailServer) -> None:
    async with relay_to(server) as relay:
        for number in range(20):
            assert await relay.post(posting(f"a{number}@example.test"), Mark()) == Taken()

    assert len(server.mails) == 20
    assert len(server.peers) == 1


async def test_a_connection_that_died_while_idle_is_replaced(server: MailServer) -> None:
    async with relay_to(server) as relay:
        assert await relay.post(posting(), Mark()) == Taken()
        server.hang_up()
        assert await relay.post(posting(), Mark()) == Taken()

    assert len(server.peers) == 2


@pytest.mark.parametrize(
    ("answer", "verdict", "reason", "code"),
    [
        ("550 5.1.1 nobody here", Verdict.NO_MAILBOX, "no_mailbox", "5.1.1"),
        ("550 no such user", Verdict.NO_MAILBOX, "no_mailbox", "550"),
        ("552 5.2.2 full", Verdict.NEVER, "mailbox_full", "5.2.2"),
        ("550 5.7.1 not from you", Verdict.NEVER, "recipient_refused", "5.7.1"),
        ("451 4.7.1 greylisted", Verdict.LATER, "refused_for_now", "4.7.1"),
        ("450 4.2.2 full for now", Verdict.LATER, "mailbox_full", "4.2.2"),
        ("421 4.3.2 going down", Verdict.ALL_LATER, "server_busy", "4.3.2"),
    ],
)
async def test_what_is_said_of_a_recipient_is_understood(
    server: MailServer, answer: str, verdict: Verdict, reason: str, code: str
) -> None:
    server.on_rcpt = lambda _: answer
    mark = Mark()
    async with relay_to(server) as relay:
        result = await relay.post(posting(), mark)

        assert isinstance(result, Refused)
        said = (result.reply.verdict, result.reply.reason, result.reply.code)
        assert said == (verdict, reason, code)
        assert mark.crossed == 0
        server.on_rcpt = lambda _: None
        assert await relay.post(posting(), mark) == Taken()


async def test_a_mail_that_is_refused_as_a_whole_was_not_taken(server: MailServer) -> None:
    server.on_data = lambda _: "554 5.7.1 this looks like spam"
    async with relay_to(server) as relay:
        result = await relay.post(posting(), Mark())

    assert isinstance(result, Refused)
    assert result.reply.verdict is Verdict.NEVER
    assert result.reply.code == "5.7.1"


async def test_a_connection_that_breaks_after_the_last_byte_leaves_a_doubt(
    server: MailServer,
) -> None:
    server.on_data = lambda _: "drop"
    mark = Mark()
    async with relay_to(server) as relay:
        assert await relay.post(posting(), mark) == Lost("connection_lost")

    assert mark.crossed == 1
    assert len(server.mails) == 1, "the doubt is real: it was there"


async def test_a_server_that_falls_silent_after_the_last_byte_leaves_a_doubt(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CARRIER_TIMEOUT_S", 0.5)
    server.on_data = lambda _: "hang"
    async with relay_to(server) as relay:
        assert await relay.post(posting(), Mark()) == Lost("timeout")


async def test_a_server_that_is_not_there_was_given_nothing() -> None:
    mark = Mark()
    relay = SmtpRelay(RelayAddress("127.0.0.1", 1, "no"), "test.example")

    assert await relay.post(posting(), mark) == NotReached("unreachable")
    assert mark.crossed == 0


async def test_who_signs_in_over_an_encrypted_line_may_send() -> None:
    signed_in = {"username": "us", "password": "hunter2", "ca_file": str(KEYS / "server.pem")}
    with running_mail_server(user="us", password="hunter2", starttls=True) as server:
        async with relay_to(server, host="localhost", tls="required", **signed_in) as relay:
            assert await relay.post(posting(), Mark()) == Taken()
        assert server.encrypted == [True]
        wrong = signed_in | {"password": "hunter3"}
        async with relay_to(server, host="localhost", tls="required", **wrong) as relay:
            refused = await relay.post(posting(), Mark())

    assert isinstance(refused, Refused)
    assert (refused.reply.verdict, refused.reply.reason) == (Verdict.ALL_LATER, "login_refused")


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail() -> None:
    with running_mail_server(starttls=True) as server:
        async with relay_to(server, host="localhost", tls="required") as relay:
            assert await relay.post(posting(), Mark()) == NotReached("unreachable")
        assert server.mails == []


async def test_a_server_without_encryption_gets_no_mail_where_it_is_required(
    server: MailServer,
) -> None:
    async with relay_to(server, tls="required") as relay:
        result = await relay.post(posting(), Mark())

    assert isinstance(result, NotReached | Refused)
    assert server.mails == []


async def test_an_address_beyond_ascii_goes_where_it_is_understood(server: MailServer) -> None:
    async with relay_to(server) as relay:
        address = "zoë@example.test"
        assert await relay.post(posting(address, utf8=True), Mark()) == Taken()

    [(envelope, _)] = server.arrived
    assert envelope.rcpt_tos == [address]
    assert "SMTPUTF8" in server.mail_options[0]


async def test_a_server_is_tried_without_sending_anything() -> None:
    with running_mail_server(user="us", password="hunter2", starttls=True) as server:
        here = RelayAddress(
            "localhost", server.port, "required", "us", "hunter2", str(KEYS / "server.pem")
        )
        assert await probe(here) is None
        wrong = RelayAddress(
            "localhost", server.port, "required", "us", "x", str(KEYS / "server.pem")
        )
        assert "535" in (await probe(wrong) or "")
        assert "not reachable" in (await probe(RelayAddress("localhost", 1, "auto")) or "")
    assert server.mails == []
