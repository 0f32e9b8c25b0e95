"""What takes its time on the wire, watched in threads while other tests run."""

from __future__ import annotations

import socket as network
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar
from urllib.parse import urlsplit

from tests.browser.site import Site
from tests.wire.client import Caller, Socket
from tests.wire.doors.event_source import EventSource

Result = TypeVar("Result")


def in_background(work: Callable[[], Result]) -> Future[Result]:
    """Runs ``work`` in a thread that keeps nobody from leaving."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # whoever asks for the result gets it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def seconds_to_heartbeat(artist: Caller, guest: Caller) -> float:
    """How long a room stays silent before its first awareness frame, which must be empty."""
    with guest.socket(artist.live_show()["id"], text=False) as socket:
        return _wait_for_heartbeat(socket)


def _wait_for_heartbeat(socket: Socket) -> float:
    began = time.monotonic()
    frame = socket.binary(lambda one: one[:1] == b"\x01", wait_s=60)
    assert frame == b"\x01\x01\x00"
    return time.monotonic() - began


def seconds_to_comment(artist: Caller, guest: Caller) -> float:
    """How long an event stream stays silent before its first comment."""
    base = str(guest.client.base_url).rstrip("/")
    headers = {"Authorization": f"Bearer {guest.body['access_token']}"}
    source = EventSource(f"{base}/api/shows/{artist.live_show()['id']}/stream", headers)
    try:
        while not source.receive(10):
            _go_on(source)  # the padding; then comes the welcome
        while source.receive(3):
            _go_on(source)  # and the first states
        comments, began = source.parser.comments, time.monotonic()
        while source.parser.comments == comments:
            assert not source.receive(29), "not as quiet as thought"
            _go_on(source)
        return time.monotonic() - began
    finally:
        source.abort()


def _go_on(source: EventSource) -> None:
    """Whoever reads a stream that is over is told nothing, at once and for ever.

    Raises:
        ConnectionError: it is over; the node went before the comment came.
    """
    if source.over:
        raise ConnectionError("the stream ended")


def seconds_to_being_let_go(node: Site, said: bytes) -> float:
    """How long a peer is kept that says this much of a handshake and no more."""
    address = urlsplit(node.url)
    assert address.hostname and address.port
    began = time.monotonic()
    with network.create_connection((address.hostname, address.port)) as peer:
        peer.settimeout(60)
        peer.sendall(said)
        while peer.recv(4096):
            pass
    return time.monotonic() - began
