"""A Yjs client of our own: pycrdt behind the y-websocket protocol (y-protocols, PROTOCOL.md)."""

from __future__ import annotations

import base64
from typing import Any

from pycrdt import Doc, Map

from tests.wire.client import Socket, new_id

SYNC_STEP_1 = b"\x00\x00"
SYNC_STEP_2 = b"\x00\x01"
SYNC_UPDATE = b"\x00\x02"


class Editor:
    """A document and what changes it."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.entries: Map[Any] = self.doc.get("entries", type=Map)

    def add(self, title: str, position: str, section: str = "set1", **more: Any) -> str:
        """Adds an entry; its id."""
        entry_id = new_id()
        self.entries[entry_id] = Map(
            {"title": title, "section": section, "position": position, "segue": False} | more
        )
        return entry_id

    def changes(self, since: bytes = b"\x00") -> bytes:
        """The update that a document with this state vector lacks."""
        return self.doc.get_update(since)

    def base64(self) -> str:
        """Everything, for ``POST …/setlist/updates``."""
        return base64.b64encode(self.doc.get_update()).decode()

    def titles(self) -> list[str]:
        """Titles in playing order of one section."""
        entries = [entry.to_py() for entry in self.entries.values()]
        return [entry["title"] for entry in sorted(entries, key=lambda one: one["position"])]

    def take(self, frame: bytes) -> None:
        """Applies a frame that carries changes."""
        if frame[:2] in (SYNC_STEP_2, SYNC_UPDATE):
            self.doc.apply_update(payload(frame))

    def sync(self, socket: Socket) -> None:
        """Says what it has, gives what the server lacks, takes what it lacks."""
        socket.binary(lambda frame: frame[:2] == SYNC_STEP_1)
        socket.connection.send(SYNC_STEP_1 + buffer(self.doc.get_state()))
        socket.connection.send(SYNC_STEP_2 + buffer(self.doc.get_update()))
        self.take(socket.binary(lambda frame: frame[:2] == SYNC_STEP_2))

    def send(self, socket: Socket, since: bytes) -> None:
        """Sends what changed since a state vector, as one update."""
        socket.connection.send(SYNC_UPDATE + buffer(self.changes(since)))


def buffer(data: bytes) -> bytes:
    """Length and bytes (lib0 ``writeVarUint8Array``)."""
    length, head = len(data), bytearray()
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + data


def payload(frame: bytes) -> bytes:
    """What a sync frame carries."""
    at = 2
    while frame[at] & 0x80:
        at += 1
    return frame[at + 1 :]
