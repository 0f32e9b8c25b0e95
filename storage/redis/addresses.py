"""What ``SETROOM_REDIS_URL`` may say, and what it means.

======================================================================  =========================
``redis://[user:password@]host[:6379][/db]``                            one server, or an address
                                                                        that moves with it (DNS)
``redis+sentinel://[user:password@]host[:26379],host/service[?db=0]``   the primary that these
                                                                        sentinels name
``redis+cluster://[user:password@]host[:6379],host``                    a cluster, found by any of
                                                                        these nodes
``unix:///path[?db=0]``                                                 one server on this machine
======================================================================  =========================

``rediss…`` is the same over TLS. After ``?`` stand the server's certificates
(``ssl_ca_certs``, ``ssl_certfile``, ``ssl_keyfile``: files; ``ssl_cert_reqs=none`` for a server
whose certificate nobody signed; ``ssl_check_hostname=false``) and, of sentinels that want one,
``sentinel_username`` and ``sentinel_password``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

SCHEMES: Final = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)

REDIS_PORT: Final = 6379
SENTINEL_PORT: Final = 26379
HOSTS_MAX: Final = 64
"""Nodes that are asked where the others are; the others need not be named."""

_TLS_OPTIONS: Final = (
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_cert_reqs",
    "ssl_check_hostname",
)
_OPTIONS: Final = frozenset({"db", "sentinel_username", "sentinel_password", *_TLS_OPTIONS})
_FALSE: Final = frozenset({"false", "no", "0"})


class Form(Enum):
    """What answers at the address."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


class RedisAddress(Struct, frozen=True):
    """A parsed address. Holds passwords: its text says where, and nothing else.

    Attributes:
        hosts: (host, port); of a sentinel service its sentinels, of a cluster some of its nodes.
        path: of a unix socket, else empty.
        service: the name that sentinels know the primary by.
        tls: arguments for connections over TLS; ``None``: without.
    """

    form: Form
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    service: str = ""
    db: int = 0
    username: str | None = None
    password: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    tls: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        where = self.path or ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"RedisAddress({self.form.value} {where})"

    __str__ = __repr__

    @property
    def credentials(self) -> dict[str, Any]:
        """What a connection says first."""
        said = {"username": self.username, "password": self.password}
        return {name: value for name, value in said.items() if value}


def parse(url: str) -> RedisAddress:
    """Reads an address.

    Raises:
        ValueError: what is wrong, without anything secret.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(f"does not begin with one of {', '.join(f'{one}://' for one in SCHEMES)}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise ValueError(f"{unknown[0]} is no option of it")
    form = Form(parts.scheme.partition("+")[2] or "single")
    username, password, places = _authority(parts.netloc)
    if parts.scheme == "unix":
        return RedisAddress(
            form, path=parts.path, db=_db(options), username=username, password=password
        )
    hosts = _hosts(places, SENTINEL_PORT if form is Form.SENTINEL else REDIS_PORT)
    path = unquote(parts.path.strip("/"))
    match form:
        case Form.SINGLE:
            if len(hosts) > 1:
                raise ValueError("several hosts need redis+sentinel:// or redis+cluster://")
            db = _db({"db": path} if path else options)
        case Form.SENTINEL:
            if not path:
                raise ValueError("the service's name is missing, …host:26379/service")
            db = _db(options)
        case Form.CLUSTER:
            db = _db({"db": path} if path else options)
            if db:
                raise ValueError("a cluster has the database 0 alone")
    return RedisAddress(
        form,
        hosts=hosts,
        service=path if form is Form.SENTINEL else "",
        db=db,
        username=username,
        password=password,
        sentinel_username=options.get("sentinel_username"),
        sentinel_password=options.get("sentinel_password"),
        tls=_tls(options) if parts.scheme.startswith("rediss") else None,
    )


def _authority(netloc: str) -> tuple[str | None, str | None, str]:
    """User, password and the rest."""
    credentials, at, places = netloc.rpartition("@")
    if not at:
        return None, None, places
    username, _, password = credentials.partition(":")
    return unquote(username) or None, unquote(password) or None, places


def _hosts(places: str, default_port: int) -> tuple[tuple[str, int], ...]:
    hosts = []
    for place in places.split(","):
        try:
            parts = urlsplit(f"//{place}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError("a port is no number up to 65535") from None
        if host:
            hosts.append((host, port or default_port))
    if not hosts:
        raise ValueError("no host is named")
    if len(hosts) > HOSTS_MAX:
        raise ValueError(f"more than {HOSTS_MAX} hosts")
    return tuple(hosts)


def _db(options: Mapping[str, str]) -> int:
    text = options.get("db", "0")
    if not (text.isascii() and text.isdigit()):
        raise ValueError("the database is no number")
    return int(text)


def _tls(options: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: options[name] for name in _TLS_OPTIONS if options.get(name, "") != ""
    }
    if "ssl_check_hostname" in given:
        given["ssl_check_hostname"] = given["ssl_check_hostname"].lower() not in _FALSE
    elif given.get("ssl_cert_reqs") == "none":
        given["ssl_check_hostname"] = False
    return given
