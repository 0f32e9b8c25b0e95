"""A node that can be taken away and comes back at the same address."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time

import httpx

from tests.browser.site import start_node, wait_ready
from tests.wire.client import Caller, Json, new_id

PATIENCE_S = 120.0


class RestartingNode:
    """One web node in a process of its own. Who connects while it is away waits for it."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self.database_url = database_url
        self.redis_url = redis_url
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.set_inheritable(True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def client(self) -> httpx.Client:
        """An HTTP client of it."""
        return httpx.Client(base_url=self.url, timeout=60)

    def start(self) -> None:
        """Returns once it serves."""
        self._process = start_node(self._listener, self.database_url, self.redis_url)
        with self.client() as client:
            wait_ready(self._process, client)

    def kill(self) -> None:
        """``kill -9``."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As a deployment does: it says goodbye."""
        self._end(signal.SIGTERM)

    def close(self) -> None:
        """For good."""
        self.kill()
        self._listener.close()

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(PATIENCE_S)
            self._process = None


class Teller(threading.Thread):
    """Posts one chat line after the other, each until it is answered, whatever happens.

    Attributes:
        told: what was acknowledged: text → seq.
    """

    def __init__(self, caller: Caller, show_id: str) -> None:
        super().__init__(daemon=True)
        self.told: dict[str, int] = {}
        self._caller = caller
        self._path = f"/api/shows/{show_id}/commands"
        self._over = threading.Event()
        self._given_up = threading.Event()
        self._moved = threading.Condition()

    def run(self) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            text = f"line {number}"
            args = {"text": text}
            try:
                seq = self._say({"command_id": new_id(), "name": "post_chat", "args": args})
            except TimeoutError:
                return  # whoever waits for lines says so
            with self._moved:
                self.told[text] = seq
                self._moved.notify_all()

    def __enter__(self) -> Teller:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._given_up.set()
        self._over.set()
        self.join(PATIENCE_S)

    def wait_for(self, lines: int) -> None:
        """Waits until so many more were acknowledged."""
        with self._moved:
            goal = len(self.told) + lines
            assert self._moved.wait_for(lambda: len(self.told) >= goal, PATIENCE_S)

    def finish(self) -> int:
        """Stops after the line under way; the last seq."""
        self._over.set()
        self.join(PATIENCE_S)
        assert not self.is_alive()
        return max(self.told.values())

    def _say(self, body: Json) -> int:
        ends_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_at and not self._given_up.is_set():
            try:
                answer = self._caller.post(self._path, body)
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                seq: int = answer.json()["seq"]
                return seq
            assert answer.status_code in (429, 503), answer.text
            time.sleep(0.05)
        raise TimeoutError("the node did not come back")
