"""Hands finished mails to a mail server, over a few connections that are kept."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol, TypeAlias

import structlog
from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from msgspec import Struct

from jobs.mail.relay_address import RelayAddress
from rooms import limits
from rooms.mail.replies import Reply, Stage, understand

log = structlog.get_logger(__name__)

_DOT: Final = re.compile(rb"(?m)^\.")


class Posting(Struct, frozen=True):
    """A mail ready to go.

    Attributes:
        data: the whole mail, lines ended by CR LF.
        sender: reverse-path: where bounces go. ``recipient``: forward-path.
        envelope_id: comes back in bounces, where the server keeps it (RFC 3461 §4.4).
        utf8: the address is not ASCII (RFC 6531).
        show_id: the show it is about.
    """

    data: bytes
    sender: str
    recipient: str
    envelope_id: str
    utf8: bool = False
    show_id: str | None = None


class Taken(Struct, frozen=True):
    """The server has it."""


class Refused(Struct, frozen=True):
    """The server said no."""

    reply: Reply


class NotReached(Struct, frozen=True):
    """It was not handed over: no connection, or it broke before the last byte."""

    reason: str


class Lost(Struct, frozen=True):
    """The connection broke after the last byte: the server may have it."""

    reason: str


Result: TypeAlias = Taken | Refused | NotReached | Lost

BeforeLast: TypeAlias = Callable[[], Awaitable[None]]
"""Called when everything but the mail itself is agreed upon; after it, the mail may be there."""


class Relay(Protocol):
    """Takes mails."""

    async def post(self, posting: Posting, before_last: BeforeLast) -> Result:
        """Hands one over, once, within `limits.CARRIER_TIMEOUT_S` seconds."""
        ...

    async def close(self) -> None:
        """Ends its connections."""
        ...


class _Idle(Struct):
    client: SMTP
    since: float
    mails: int


class SmtpRelay:
    """A mail server. At most `limits.MAIL_CONNECTIONS_MAX` connections, each for
    `limits.MAIL_PER_CONNECTION_MAX` mails; the one used last is used next."""

    def __init__(self, address: RelayAddress, hostname: str) -> None:
        self._address = address
        self._hostname = hostname
        self._idle: list[_Idle] = []
        self._room = asyncio.Semaphore(limits.MAIL_CONNECTIONS_MAX)

    async def post(self, posting: Posting, before_last: BeforeLast) -> Result:
        """Hands one over, once."""
        crossed = False

        async def cross() -> None:
            nonlocal crossed
            await before_last()
            crossed = True

        try:
            async with asyncio.timeout(limits.CARRIER_TIMEOUT_S), self._room:
                return await self._over_some_connection(posting, cross)
        except TimeoutError:
            return Lost("timeout") if crossed else NotReached("timeout")

    async def close(self) -> None:
        """Says goodbye on every connection."""
        while self._idle:
            await _goodbye(self._idle.pop().client)

    async def _over_some_connection(self, posting: Posting, cross: BeforeLast) -> Result:
        """A connection that has been idle may be gone without a word: then a new one is used."""
        while (idle := self._pop_idle()) is not None:
            outcome = await self._over(idle, posting, cross)
            if not (isinstance(outcome, NotReached) and outcome.reason == "connection_lost"):
                return outcome
        opened = await self._open()
        if not isinstance(opened, SMTP):
            return opened
        return await self._over(_Idle(opened, time.monotonic(), 0), posting, cross)

    def _pop_idle(self) -> _Idle | None:
        while self._idle:
            idle = self._idle.pop()
            if time.monotonic() - idle.since < limits.MAIL_IDLE_S and idle.client.is_connected:
                return idle
            idle.client.close()
        return None

    async def _over(self, idle: _Idle, posting: Posting, cross: BeforeLast) -> Result:
        client, kept = idle.client, False
        try:
            result = await _converse(client, posting, cross)
            kept = isinstance(result, Taken | Refused) and client.is_connected
            if isinstance(result, Refused):
                with suppress(SMTPException, OSError):
                    await client.rset()
            return result
        finally:
            if kept and idle.mails + 1 < limits.MAIL_PER_CONNECTION_MAX:
                self._idle.append(_Idle(client, time.monotonic(), idle.mails + 1))
            else:
                client.close()

    async def _open(self) -> SMTP | NotReached | Refused:
        client = _client(self._address, self._hostname)
        try:
            await client.connect()
        except SMTPResponseException as error:
            client.close()
            return Refused(understand(Stage.LOGIN, error.code, error.message))
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            log.warning("mail_server_unreachable", error=type(error).__name__)
            return NotReached("unreachable")
        except asyncio.CancelledError:
            client.close()
            raise
        return client


async def probe(address: RelayAddress) -> str | None:
    """What speaks against sending by this server, without sending anything; ``None``: nothing."""
    client = _client(address, "localhost")
    try:
        async with asyncio.timeout(limits.CARRIER_TIMEOUT_S):
            await client.connect()
    except SMTPResponseException as error:
        return f"it says {error.code} {error.message.splitlines()[0] if error.message else ''}"
    except (SMTPException, OSError, ValueError) as error:
        return f"not reachable: {(str(error).splitlines() or [type(error).__name__])[0]}"
    finally:
        client.close()
    return None


def _client(address: RelayAddress, hostname: str) -> SMTP:
    return SMTP(
        hostname=address.host,
        port=address.port,
        username=address.username,
        password=address.password,
        local_hostname=hostname,
        use_tls=address.tls == "implicit",
        start_tls={"required": True, "auto": None}.get(address.tls, False),
        cert_bundle=address.ca_file,
        timeout=limits.CARRIER_TIMEOUT_S,
    )


async def _converse(client: SMTP, posting: Posting, cross: BeforeLast) -> Result:
    """One mail over one connection."""
    stage, crossed = Stage.SENDER, False
    try:
        options = ["SMTPUTF8"] if posting.utf8 else []
        if posting.utf8 and not client.supports_extension("smtputf8"):
            return Refused(understand(Stage.CONTENT, 553, "5.6.7 no SMTPUTF8 here"))
        if client.supports_extension("dsn"):
            options += ["RET=HDRS", f"ENVID={posting.envelope_id}"]
        encoding = "utf-8" if posting.utf8 else "ascii"
        await client.mail(posting.sender, options=options, encoding=encoding)
        stage = Stage.RECIPIENT
        await client.rcpt(posting.recipient, encoding=encoding)
        stage = Stage.CONTENT
        answer = await client.execute_command(b"DATA")
        if answer.code != 354:
            return Refused(understand(stage, answer.code, answer.message))
        await cross()
        crossed = True
        if client.protocol is None:
            return Lost("connection_lost")
        client.protocol.write(_DOT.sub(b"..", posting.data) + b".\r\n")
        answer = await client.protocol.read_response(timeout=limits.CARRIER_TIMEOUT_S)
        if answer.code != 250:
            return Refused(understand(stage, answer.code, answer.message))
        return Taken()
    except SMTPResponseException as error:
        if error.code < 200:  # what came was no answer at all
            return Lost("no_answer") if crossed else NotReached("connection_lost")
        return Refused(understand(stage, error.code, error.message))
    except (SMTPException, OSError):
        return Lost("connection_lost") if crossed else NotReached("connection_lost")


async def _goodbye(client: SMTP) -> None:
    try:
        async with asyncio.timeout(limits.MAIL_GOODBYE_S):
            await client.quit()
    except (SMTPException, OSError):
        pass
    finally:
        client.close()
