"""Section 4: which requests become a socket, and what the others are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""Those of RFC 6455 section 1.3."""

GOOD = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


@dataclass(frozen=True)
class Handshake:
    """One line of the table.

    Args:
        section: of RFC 6455.
        title: what is tried.
        headers: of the request, in order.
        status: of the answer.
        has: headers of the answer, by their names in small letters.
        lacks: headers that it must not have.
        request: method and version.
        remark: why the answer is what it is.
        everywhere: whether uvicorn's own protocol answers alike.
    """

    section: str
    title: str
    headers: tuple[tuple[str, str], ...]
    status: int
    has: dict[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    request: tuple[str, str] = ("GET", "HTTP/1.1")
    remark: str = ""
    everywhere: bool = True

    def encoded(self, path: str) -> bytes:
        """The request's head."""
        method, version = self.request
        lines = [f"{method} {path} {version}", *(f"{name}: {text}" for name, text in self.headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _with(**changes: str | None) -> tuple[tuple[str, str], ...]:
    """The good headers, some of them other or (``None``) absent; ``_`` stands for ``-``."""
    wanted = {name.replace("_", "-").lower(): text for name, text in changes.items()}
    merged = [(name, wanted.pop(name.lower(), text)) for name, text in GOOD.items()]
    merged += wanted.items()
    return tuple((name, text) for name, text in merged if text is not None)


OPENED = {
    "upgrade": "websocket",
    "connection": "upgrade",
    "sec-websocket-accept": ACCEPT.lower(),
}
UPGRADE_REQUIRED = {"sec-websocket-version": "13"}
PLAIN = "no handshake at all, so a plain call of an address that speaks WebSocket"


def handshakes() -> Iterator[Handshake]:
    """Good ones, broken ones, and offers."""
    yield Handshake("4.2.2", "a good handshake", _with(), 101, OPENED)
    yield from _spelling()
    yield from _missing()
    yield from _keys()
    yield from _versions()
    yield from _offers()


def _spelling() -> Iterator[Handshake]:
    for name in ("WebSocket", "WEBSOCKET", "webSocket"):
        yield Handshake("4.2.1", f"Upgrade: {name}", _with(Upgrade=name), 101, OPENED)
    for text in ("upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade, keep-alive", " Upgrade "):
        yield Handshake("4.2.1", f"Connection: {text}", _with(Connection=text), 101, OPENED)
    small = tuple((name.lower(), text) for name, text in GOOD.items())
    yield Handshake("4.2.1", "header names in small letters", small, 101, OPENED)
    large = tuple((name.upper(), text) for name, text in GOOD.items())
    yield Handshake("4.2.1", "header names in capitals", large, 101, OPENED)
    yield Handshake("4.2.1", "headers in another order", tuple(reversed(_with())), 101, OPENED)
    yield Handshake("4.2.1", "further headers", _with(X_Anything="1", Cookie="a=b"), 101, OPENED)


def _missing() -> Iterator[Handshake]:
    yield Handshake("4.2.1", "no Upgrade", _with(Upgrade=None), 426, remark=PLAIN)
    yield Handshake("4.2.1", "no Connection", _with(Connection=None), 426, remark=PLAIN)
    yield Handshake(
        "4.2.1", "Connection: keep-alive", _with(Connection="keep-alive"), 426, remark=PLAIN
    )
    yield Handshake("4.2.1", "Upgrade: h2c", _with(Upgrade="h2c"), 426, remark=PLAIN)
    yield Handshake("4.2.1", "Upgrade: websocketx", _with(Upgrade="websocketx"), 426, remark=PLAIN)
    yield Handshake("4.2.1", "no Host", _with(Host=None), 400)
    yield Handshake("4.2.1", "Host twice", (*_with(), ("Host", "elsewhere.example")), 400)
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        yield Handshake(
            "4.2.1", method, _with(), 405, {"allow": "get"}, request=(method, "HTTP/1.1")
        )
    yield Handshake("4.2.1", "HEAD", _with(), 405, {"allow": "get"}, request=("HEAD", "HTTP/1.1"))
    yield Handshake("4.2.1", "HTTP/1.0", _with(), 505, request=("GET", "HTTP/1.0"))
    yield Handshake(
        "4.2.1", "Upgrade twice", (*_with(), ("Upgrade", "websocket")), 426,
        remark="asked for twice is asked for unclearly",
    )  # fmt: skip


def _keys() -> Iterator[Handshake]:
    bad = {
        "none": None,
        "empty": "",
        "of 15 bytes": "MDEyMzQ1Njc4OWFiY2Rl",
        "of 17 bytes": "MDEyMzQ1Njc4OWFiY2RlZmc=",
        "not base64": "this is not base64!!!!!!",
        "base64 without its padding": KEY.rstrip("="),
        "base64 with a space in it": "dGhlIHNhb XBsZSBub25jZQ==",
    }
    for name, key in bad.items():
        yield Handshake(
            "4.2.1", f"Sec-WebSocket-Key: {name}", _with(Sec_WebSocket_Key=key), 400,
            lacks=("sec-websocket-accept",),
        )  # fmt: skip
    yield Handshake(
        "11.3.1", "Sec-WebSocket-Key twice", (*_with(), ("Sec-WebSocket-Key", KEY)), 400,
        lacks=("sec-websocket-accept",),
    )  # fmt: skip
    yield Handshake(
        "4.2.2", "another key", _with(Sec_WebSocket_Key="AQIDBAUGBwgJCgsMDQ4PEC=="), 101,
        {"sec-websocket-accept": "ofs0wdat5noxf2gqm7zj2ytetzm="},
        remark="bits beyond the last byte are nobody's business",
    )  # fmt: skip


def _versions() -> Iterator[Handshake]:
    for version in ("0", "7", "8", "12", "14", "255", "256", "x", "13, 8", "013", ""):
        yield Handshake(
            "4.4", f"Sec-WebSocket-Version: {version or 'empty'}",
            _with(Sec_WebSocket_Version=version), 426, UPGRADE_REQUIRED, everywhere=False,
        )  # fmt: skip
    yield Handshake(
        "4.2.1", "no Sec-WebSocket-Version", _with(Sec_WebSocket_Version=None), 426,
        UPGRADE_REQUIRED, everywhere=False,
    )  # fmt: skip
    yield Handshake(
        "11.3.5", "Sec-WebSocket-Version twice", (*_with(), ("Sec-WebSocket-Version", "13")), 400
    )


def _offers() -> Iterator[Handshake]:
    chosen = {"sec-websocket-protocol": "setroom.v1"}
    subprotocols: tuple[tuple[str, dict[str, str]], ...] = (
        ("setroom.v1", chosen),
        ("chat, setroom.v1, superchat", chosen),
        ("setroom.v1,setroom.v2", chosen),
        ("chat", {}),
        ("SETROOM.V1", {}),
        ("setroom.v2", {}),
        ("setroom.v1x", {}),
    )
    for offered, answered in subprotocols:
        yield Handshake(
            "4.2.2", f"subprotocols: {offered}", _with(Sec_WebSocket_Protocol=offered), 101,
            OPENED | answered, () if answered else ("sec-websocket-protocol",),
            remark="" if answered else "chosen is none; the room then speaks Yjs only",
        )  # fmt: skip
    twice = (*_with(Sec_WebSocket_Protocol="chat"), ("Sec-WebSocket-Protocol", "setroom.v1"))
    yield Handshake("11.3.4", "subprotocols in two headers", twice, 101, OPENED | chosen)
    for offered in (
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=10; client_no_context_takeover",
        "x-webkit-deflate-frame",
        "permessage-bzip2, permessage-deflate",
        "an-extension; of=nobody",
    ):
        yield Handshake(
            "9.1", f"extensions: {offered}", _with(Sec_WebSocket_Extensions=offered), 101, OPENED,
            ("sec-websocket-extensions",),
            remark="none is agreed upon: no bomb, no 50 KiB a connection, no state between frames",
        )  # fmt: skip
    yield Handshake(
        "10.2", "Origin: of the same host", _with(Origin="http://127.0.0.1"), 101, OPENED
    )
    for origin in ("https://elsewhere.example", "null", "http://127.0.0.1.elsewhere.example"):
        yield Handshake(
            "10.2", f"Origin: {origin}", _with(Origin=origin), 403, lacks=("sec-websocket-accept",)
        )
    yield Handshake(
        "10.2", "Origin twice", (*_with(Origin="http://127.0.0.1"), ("Origin", "null")), 400,
        lacks=("sec-websocket-accept",),
    )  # fmt: skip
