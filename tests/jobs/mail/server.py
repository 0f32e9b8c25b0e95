"""A mail server on the loopback, in a thread of its own, that does as tests tell it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

KEYS = Path(__file__).parent / "keys"

Says = Callable[[Envelope], str | None]


@dataclass
class MailServer:
    """What arrived, and what is said to whom.

    Attributes:
        on_rcpt: answers to a recipient; ``None``: yes.
        on_data: answers to a mail; ``"drop"`` ends the connection without a word, before which it
            is kept; ``"hang"`` says nothing at all.
        arrived: mails in the order they came, with their envelopes.
        peers: connections that were opened.
    """

    port: int = 0
    on_rcpt: Callable[[str], str | None] = lambda _: None
    on_data: Says = lambda _: None
    arrived: list[tuple[Envelope, EmailMessage]] = field(default_factory=list)
    peers: set[tuple[str, int]] = field(default_factory=set)
    mail_options: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    transports: list[Any] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def mails(self) -> list[EmailMessage]:
        return [mail for _, mail in self.arrived]

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for envelope, mail in self.arrived if envelope.rcpt_tos == [address]]

    def hang_up(self) -> None:
        """Ends every connection without a word."""

        async def abort() -> None:
            for transport in self.transports:
                transport.abort()

        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(abort(), self.loop).result(10)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.transports.append(server.transport)
        self.peers.add(session.peer)
        self.mail_options.append(options)
        self.encrypted.append(session.ssl is not None)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 fine"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if (answer := self.on_rcpt(address)) is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del session
        answer = self.on_data(envelope)
        if answer is None or answer == "drop":
            content = envelope.original_content or b""
            mail: Any = message_from_bytes(content, policy=policy.default)
            self.arrived.append((envelope, mail))
        if answer == "drop":
            server.transport.abort()
        if answer == "hang":
            await asyncio.sleep(3600)
        return answer or "250 2.0.0 taken"


@contextmanager
def running_mail_server(
    server: MailServer | None = None,
    *,
    user: str | None = None,
    password: str = "",
    starttls: bool = False,
) -> Iterator[MailServer]:
    """A server on any free port, for as long as the block lasts.

    Args:
        user: only who signs in may send.
        starttls: it offers encryption with the certificate of ``keys``, and asks for it.
    """
    found = server or MailServer()
    context = None
    if starttls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(KEYS / "server.pem", KEYS / "server.key")

    def authenticate(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        good = (data.login, data.password) == ((user or "").encode(), password.encode())
        return AuthResult(success=good, handled=False)

    def protocol() -> SMTP:
        return SMTP(
            found,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=context,
            require_starttls=starttls,
            authenticator=authenticate if user else None,
            auth_required=user is not None,
            auth_require_tls=starttls,
            loop=asyncio.get_running_loop(),
        )

    loop = found.loop = asyncio.new_event_loop()
    ready = threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        listening = await loop.create_server(protocol, "127.0.0.1", 0)
        found.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        listening.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(60)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()
