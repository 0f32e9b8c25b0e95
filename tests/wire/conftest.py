"""One real node on real stores for the whole folder; everybody in it is new to it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
import pytest

from storage.embedded import StoreUrls
from tests.browser.site import Site, running_site
from tests.wire.client import PASSWORD, Caller, made, unique_email
from tests.wire.patience import (
    in_background,
    seconds_to_being_let_go,
    seconds_to_comment,
    seconds_to_heartbeat,
)

_numbers = itertools.count(1)

Administer = Callable[[str], None]


@pytest.fixture(scope="package")
def wire_database(embedded_stores: StoreUrls, migrated_template: str) -> Iterator[str]:
    """A database of this folder's own."""
    with new_database(embedded_stores, migrated_template) as url:
        yield url


@pytest.fixture(scope="package")
def node(wire_database: str, embedded_stores: StoreUrls) -> Iterator[Site]:
    """A running web node."""
    with running_site(wire_database, embedded_stores.redis_url) as site:
        yield site


class Waiting(NamedTuple):
    """What is being waited for."""

    heartbeat: Future[float]
    comment: Future[float]
    handshakes: tuple[Future[float], ...]


@pytest.fixture(scope="package", autouse=True)
def waiting(node: Site) -> Waiting:
    """Begins with the first test, so that nobody waits for it in the end."""
    nobody = Caller(node.client)
    artist, guest = sign_up(nobody, "artist"), be_guest(nobody, "Quiet")
    said = (b"", b"GET /rooms/x HTTP/1.1\r\nHost: x\r\n")
    return Waiting(
        heartbeat=in_background(partial(seconds_to_heartbeat, artist, guest)),
        comment=in_background(partial(seconds_to_comment, artist, guest)),
        handshakes=tuple(
            in_background(partial(seconds_to_being_let_go, node, part)) for part in said
        ),
    )


@pytest.fixture
def nobody(node: Site) -> Caller:
    """Somebody who has not signed in."""
    return Caller(node.client)


@pytest.fixture
def artist(nobody: Caller) -> Caller:
    """A new artist."""
    return sign_up(nobody, "artist")


@pytest.fixture
def fan(nobody: Caller) -> Caller:
    """A new fan with an account."""
    return sign_up(nobody, "fan")


@pytest.fixture
def guest(nobody: Caller) -> Caller:
    """A new guest."""
    return be_guest(nobody, "Robin")


def sign_up(nobody: Caller, role: str) -> Caller:
    """A new account."""
    body = {
        "email": unique_email(),
        "password": PASSWORD,
        "display_name": f"The {role}",
        "role": role,
    }
    return Caller(nobody.client, made(nobody.post("/api/auth/signup", body)))


def be_guest(nobody: Caller, display_name: str) -> Caller:
    """A new guest."""
    answer = nobody.post("/api/auth/guest", {"display_name": display_name})
    return Caller(nobody.client, made(answer))


@contextmanager
def new_database(stores: StoreUrls, template: str) -> Iterator[str]:
    """A fresh database with every migration applied."""
    name = f"wire_{next(_numbers)}"
    execute(stores.database_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield urlsplit(stores.database_url)._replace(path=f"/{name}").geturl()
    finally:
        execute(stores.database_url, f"DROP DATABASE {name} WITH (FORCE)")


def execute(url: str, statement: str, *values: object) -> None:
    """One statement, from another thread: this one may have a loop in it."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement, *values)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result()
