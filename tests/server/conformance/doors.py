"""Servers that cases are tried at: the product's own, around an application that echoes."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from rooms.fanout.framing import binary_frame, text_frame
from rooms.messages import CloseCode
from server.cli.web import web_node
from server.egress.fallback import AsgiEgress
from server.egress.inlet import HOLD, READING
from server.egress.port import EXTENSION, Egress
from server.egress.select import FALLBACK
from server.rooms import asgi
from server.settings import Settings


@dataclass(frozen=True)
class Door:
    """Where to knock."""

    port: int
    tls: ssl.SSLContext | None = None


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Sends every message back by whatever egress the server offers, as the room's door does."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 426, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await receive()
    if not asgi.origin_is_allowed(scope, frozenset()):
        await send({"type": "websocket.close", "code": CloseCode.NOT_ALLOWED})
        return
    await asgi.accept(send, text=asgi.wants_text(scope))
    fast = asgi.egress_of(scope)
    fallback = AsgiEgress(send) if fast is None else None
    writing = asyncio.ensure_future(fallback.run()) if fallback is not None else None
    egress = fast or fallback
    assert egress is not None
    try:
        while (message := await receive())["type"] == "websocket.receive":
            said = message.get("text")
            egress.write(
                binary_frame(message["bytes"]) if said is None else text_frame(said.encode())
            )
    finally:
        if writing is not None:
            writing.cancel()


class Echo:
    """The same, called with each message as a room's session is (`server.egress.inlet`)."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def text(self, text: bytes) -> None:
        """A whole text."""
        self._egress.write(text_frame(text))

    def binary(self, data: bytes) -> None:
        """A whole binary message."""
        self._egress.write(binary_frame(data))

    def closed(self) -> None:
        """No more comes."""


async def echo_by_calls(scope: Any, receive: Any, send: Any) -> None:
    """Lets itself be called with messages, where the server offers that."""
    await receive()
    await send({"type": "websocket.accept", HOLD: True})
    scope["extensions"][READING](Echo(scope["extensions"][EXTENSION]))


@asynccontextmanager
async def door(
    settings: Settings,
    *,
    app: Any = echo,
    fast: bool = True,
    certificate: Path | None = None,
) -> AsyncIterator[Door]:
    """The server of ``setroom serve`` as it is configured there.

    Args:
        app: what echoes.
        fast: our protocol; otherwise uvicorn's own, as where its inside is not the known one.
        certificate: of `make_certificate`, to speak TLS.
    """
    config: uvicorn.Config = web_node(settings, app).config
    config.lifespan = "off"
    if not fast:
        config.ws = FALLBACK
    if certificate is not None:
        config.ssl_certfile = config.ssl_keyfile = str(certificate)
    server = _Started(config)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.up.wait()
    trusted = None
    if certificate is not None:
        trusted = ssl.create_default_context(cafile=str(certificate))
    try:
        yield Door(listener.getsockname()[1], trusted)
    finally:
        server.should_exit = True
        await task


def make_certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    path = folder / "node.pem"
    subprocess.run(
        [
            *"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(),
            *"-days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1".split(),
            *("-keyout", str(path), "-out", str(folder / "certificate.pem")),
        ],
        check=True,
        capture_output=True,
    )
    with path.open("a") as both:
        both.write((folder / "certificate.pem").read_text())
    return path


class _Started(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()
