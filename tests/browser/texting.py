"""A node and a worker whose texts and mails a sandbox takes, and people with only a phone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from redis import Redis

from rooms.messaging.kinds import Channel
from rooms.messaging.senders import MESSAGES_PER_SECOND, Sender
from server.settings_checks import SANDBOX_NUMBER
from storage.embedded import StoreUrls
from storage.messaging.throughput import MICROSECONDS, SCRIPT, key_of
from tests.browser.conftest import fresh_database
from tests.browser.site import PASSWORD, SECRET_KEY, Caller, Site, running_site

SANDBOX: Final = {"SETROOM_SMS": "sandbox", "SETROOM_MAIL_URL": "sandbox:"}

REDIS_DATABASE: Final = 13
"""Of Valkey: a worker takes every job that it finds, so it looks where no other test puts any."""


@contextmanager
def texting_site(stores: StoreUrls, template: str) -> Iterator[Site]:
    """A node with its worker on a database of their own."""
    redis_url = urlsplit(stores.redis_url)._replace(path=f"/{REDIS_DATABASE}").geturl()
    with (
        fresh_database(stores, template) as database_url,
        running_site(database_url, redis_url, SANDBOX) as site,
        _running("worker", environment(site, redis_url)),
    ):
        _setroom(
            environment(site, redis_url),
            "create-user", "--email", ADMIN, "--role", "admin", "--password", PASSWORD,
        )  # fmt: skip
        yield site


ADMIN: Final = "root@example.com"
"""The address of whoever runs the site."""


def environment(site: Site, redis_url: str) -> dict[str, str]:
    """Of processes beside the node."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SETROOM_")}
    own = {
        "SETROOM_DATABASE_URL": site.database_url,
        "SETROOM_REDIS_URL": redis_url,
        "SETROOM_SECRET_KEY": SECRET_KEY,
        "SETROOM_PUBLIC_URL": site.url,
        "SETROOM_PORT": str(urlsplit(site.url).port),
        "SETROOM_LOG_LEVEL": "warning",
    }
    return clean | own | SANDBOX


@contextmanager
def _running(command: str, variables: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "server.cli", command], env=dict(variables))
    try:
        yield
        assert process.poll() is None, f"the {command} ended with {process.returncode}"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _setroom(variables: Mapping[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        env=dict(variables),
        check=True,
        capture_output=True,
    )


@contextmanager
def busy_number(stores: StoreUrls) -> Iterator[None]:
    """The sandbox's number has no turn for anything, for up to a minute; afterwards at once."""
    url = urlsplit(stores.redis_url)._replace(path=f"/{REDIS_DATABASE}").geturl()
    address = "".join(SANDBOX_NUMBER.split())
    sender = Sender(Channel.SMS, address, MESSAGES_PER_SECOND["short_code"])
    with Redis.from_url(url) as redis:
        script = redis.register_script(SCRIPT)
        hour_us = 3600 * MICROSECONDS
        script(keys=[key_of(sender)], args=[hour_us, 0, 1])
        yield
        redis.delete(key_of(sender))


def phones(artist: Caller, show: Mapping[str, Any], count: int) -> list[str]:
    """Ids of so many sandbox phones that have joined a show and confirmed."""
    made = artist.post("/api/sandbox/phones", {"name": "Robin", "count": count})["items"]
    ids = [phone["id"] for phone in made]
    for phone_id in ids:
        text(artist, phone_id, f"JOIN {show['join_code']}")
        text(artist, phone_id, "YES")
    return ids


def text(artist: Caller, phone_id: str, body: str) -> Any:
    """What a sandbox phone is answered."""
    return artist.post(f"/api/sandbox/phones/{phone_id}/texts", {"body": body})["replies"]
