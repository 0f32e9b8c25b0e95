"""A web node in a process of its own, and what tests prepare on it over HTTP."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from pycrdt import Doc, Map

SECRET_KEY = "a key for browser tests, long enough to sign with"
PASSWORD = "a long enough passphrase"
READY_S = 200.0
"""It answers after some seconds of work, which a starved machine gives it in some minutes."""


class Caller:
    """Somebody who calls the API."""

    def __init__(self, client: httpx.Client, body: dict[str, Any], email: str = "") -> None:
        self.client = client
        self.body = body
        self.email = email

    def post(self, path: str, json: object = None, *, status: int | None = None) -> Any:
        """The body of a successful answer."""
        answer = self.client.post(path, json={} if json is None else json, headers=self.headers)
        assert answer.status_code == status if status else answer.is_success, answer.text
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        """The body of a successful answer."""
        answer = self.client.get(path, headers=self.headers)
        assert answer.is_success, answer.text
        return answer.json()

    def live_show(self, **changes: Any) -> dict[str, Any]:
        """A show of this person's whose room is open."""
        show = {"title": "Barton Hall", "starts_at": "2027-05-08T19:00:00Z", "access": "public"}
        created: dict[str, Any] = self.post("/api/shows", show | changes)
        self.post(f"/api/shows/{created['id']}/publish")
        opened: dict[str, Any] = self.post(f"/api/shows/{created['id']}/open")
        return opened

    def open_round(self, show_id: str, title: str, *labels: str, **config: Any) -> str:
        """A round that takes votes; its id."""
        options = [{"id": f"o{at}", "label": label} for at, label in enumerate(labels, start=1)]
        body = {"config": {"title": title, "options": options} | config}
        round_id: str = self.post(f"/api/shows/{show_id}/rounds", body)["id"]
        self.post(f"/api/rounds/{round_id}/open")
        return round_id

    def command(self, show_id: str, name: str, **args: Any) -> Any:
        """Gives a command over HTTP."""
        body = {"command_id": os.urandom(8).hex(), "name": name, "args": args}
        return self.post(f"/api/shows/{show_id}/commands", body)

    def fill_setlist(self, show_id: str, songs: list[tuple[str, str]]) -> None:
        """Adds (section, title) pairs in one update. Their ids are ``song-0``, ``song-1``…"""
        body = {"command_id": os.urandom(8).hex(), "update": setlist_update(songs)}
        self.post(f"/api/shows/{show_id}/setlist/updates", body)

    def titles(self, show_id: str) -> list[str]:
        """The setlist's export."""
        return [entry["title"] for entry in self.get(f"/api/shows/{show_id}/setlist")["entries"]]

    @property
    def headers(self) -> dict[str, str]:
        token = self.body.get("access_token")
        return {"authorization": f"Bearer {token}"} if token else {}


class Site:
    """A running node."""

    def __init__(self, url: str, client: httpx.Client, database_url: str = "") -> None:
        self.url = url
        self.database_url = database_url
        self.client = client

    def artist(self, email: str = "artist@example.com") -> Caller:
        """A new account that may make shows."""
        body = {
            "email": email,
            "password": PASSWORD,
            "display_name": "The Band",
            "role": "artist",
        }
        return Caller(self.client, Caller(self.client, {}).post("/api/auth/signup", body), email)

    def sign_in(self, email: str) -> Caller:
        """The account of this address, whose password is `PASSWORD`."""
        body = {"email": email, "password": PASSWORD}
        return Caller(self.client, Caller(self.client, {}).post("/api/auth/login", body), email)

    def guest(self, display_name: str) -> Caller:
        """A new guest."""
        body = {"display_name": display_name}
        return Caller(self.client, Caller(self.client, {}).post("/api/auth/guest", body))


@contextmanager
def running_site(
    database_url: str, redis_url: str, settings: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """A node on these stores, on any free port, for as long as the block lasts.

    Args:
        settings: further variables of its environment.

    Raises:
        RuntimeError: it ended or did not answer in time.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        listener.set_inheritable(True)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = start_node(listener, database_url, redis_url, settings)
        try:
            with httpx.Client(base_url=url, timeout=30) as client:
                wait_ready(process, client)
                yield Site(url, client, database_url)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_node(
    listener: socket.socket,
    database_url: str,
    redis_url: str,
    settings: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """A node that takes connections from a socket that listens already."""
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SETROOM_")}
    return subprocess.Popen(
        [sys.executable, "-m", "server.cli", "serve", "--fd", str(listener.fileno())],
        env=clean
        | {
            "SETROOM_DATABASE_URL": database_url,
            "SETROOM_REDIS_URL": redis_url,
            "SETROOM_SECRET_KEY": SECRET_KEY,
            "SETROOM_PUBLIC_URL": url,
            "SETROOM_DRAIN_S": "0",
            "SETROOM_LOG_LEVEL": "warning",
        }
        | dict(settings or {}),
        pass_fds=[listener.fileno()],
    )


def wait_ready(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    """Returns once it can serve.

    Raises:
        RuntimeError: it ended or did not answer in time.
    """
    ends_at = time.monotonic() + READY_S
    said = "nothing"
    while time.monotonic() < ends_at:
        if process.poll() is not None:
            raise RuntimeError(f"the node ended with {process.returncode}")
        try:
            answer = client.get("/health/ready")
            if answer.status_code == 200:
                return
            said = answer.text
        except httpx.TransportError as error:
            said = type(error).__name__
        time.sleep(0.05)
    raise RuntimeError(f"the node is not ready; it said: {said}")


def setlist_update(songs: list[tuple[str, str]], first: int = 0) -> str:
    """A Yjs update in base64 that adds (section, title) pairs in order, numbered from ``first``."""
    doc: Doc[Any] = Doc()
    entries = doc.get("entries", type=Map)
    for number, (section, title) in enumerate(songs, first):
        entries[f"song-{number}"] = Map(
            {"title": title, "section": section, "position": f"V{number:03d}V", "segue": False}
        )
    return base64.b64encode(doc.get_update()).decode()
