"""A room as the guard sees it: a live document, its twin, bindings, and Yjs clients."""

from __future__ import annotations

from typing import Any

from crdt.document import SetlistDocument
from crdt.document_limits import DEFAULT_LIMITS, DocumentLimits
from crdt.guard import judge
from crdt.permissions import Editor, EditRules
from crdt.schema import SetlistEntry
from crdt.verdicts import Accepted, Forbidden, Repaired, Verdict
from tests.crdt.yjs_oracle import YjsDocument, YjsOracle


class Client:
    """A Yjs client in JavaScript with its own offline queue."""

    def __init__(self, room: RoomModel, editor: Editor) -> None:
        self.room = room
        self.editor = editor
        self.yjs: YjsDocument = room.oracle.document()
        self.outbox: list[bytes] = []
        self.inbox: list[bytes] = []
        self.connected = False
        self.closed_for: Forbidden | None = None

    def edit(self, *changes: list[Any]) -> list[bytes]:
        """Edit locally; sent by :meth:`flush`."""
        updates = self.yjs.edit(*changes)
        if self.connected:
            self.outbox += updates
        return updates

    def flush(self) -> list[Verdict]:
        """Send what waits; one verdict each. A forbidden update closes the socket."""
        verdicts: list[Verdict] = []
        while self.outbox and self.connected:
            verdict = self.room.receive(self.editor, self.outbox.pop(0))
            verdicts.append(verdict)
            if isinstance(verdict, Forbidden):
                self.closed_for = verdict
                self.disconnect()
        return verdicts

    def take(self) -> None:
        """Integrate what the room has sent."""
        if self.inbox:
            self.yjs.apply(*self.inbox)
            self.inbox.clear()

    def connect(self) -> Verdict:
        """The sync exchange: step 1 and 2 in both directions."""
        self.connected = True
        self.yjs.apply(self.room.live.encode(self.yjs.state_vector()))
        step2 = self.yjs.diff(self.room.live.state_vector())
        verdict = self.room.receive(self.editor, step2, first_sync=True)
        if isinstance(verdict, Forbidden):
            self.closed_for = verdict
            self.disconnect()
        return verdict

    def disconnect(self) -> None:
        """Lose the socket with everything in flight."""
        self.connected = False
        self.outbox.clear()
        self.inbox.clear()

    def do(self, *changes: list[Any]) -> Verdict:
        """Edit, send, and let everybody take what follows."""
        self.edit(*changes)
        (verdict,) = self.flush()
        self.room.settle()
        return verdict


class RoomModel:
    """Receives updates as an actor would, and checks after each that twin and live agree."""

    def __init__(self, oracle: YjsOracle, limits: DocumentLimits = DEFAULT_LIMITS) -> None:
        self.oracle = oracle
        self.live = SetlistDocument(limits)
        self.twin = self.live.clone()
        self.bindings: dict[int, str] = {}
        self.rules = EditRules()
        self.clients: list[Client] = []
        self.log: list[bytes] = []
        self.witness = oracle.document()

    def join(self, participant_id: str, role: str = "fan") -> Client:
        """A new client, connected and synced."""
        client = Client(self, Editor(participant_id, role))
        self.clients.append(client)
        client.connect()
        return client

    def receive(self, editor: Editor, update: bytes, first_sync: bool = False) -> Verdict:
        """Judge, then do what the verdict says."""
        verdict = judge(self.twin, update, editor, self.rules, self.bindings, first_sync=first_sync)
        match verdict:
            case Forbidden():
                if verdict.twin_dirty:
                    self.twin = self.live.clone()
            case Accepted() | Repaired():
                self.bindings.update({b.client_id: b.participant_id for b in verdict.new_clients})
                if verdict.update is not None:
                    self.publish(verdict.update)
        assert self.twin.entries() == self.live.entries()
        assert self.twin.clocks == self.live.clocks
        return verdict

    def publish(self, update: bytes) -> None:
        """Store and relay, as after a commit: to everybody, the sender included."""
        self.log.append(update)
        self.live.apply(update)
        self.witness.apply(update)
        for client in self.clients:
            if client.connected:
                client.inbox.append(update)

    def settle(self) -> None:
        """Everybody online takes what the room has sent."""
        for client in self.clients:
            client.take()

    def entries(self) -> dict[str, dict[str, Any]]:
        """The raw document on the server, as JSON."""
        raw: dict[str, dict[str, Any]] = self.live.root.to_py() or {}
        return raw

    def titles(self) -> list[str]:
        """Titles in playing order."""
        return [entry.title for entry in self.live.entries()]

    def assert_converged(self) -> None:
        """Server, twin, every online client, and one that only saw the log, are equal."""
        self.settle()
        expected = self.entries()
        assert self.twin.root.to_py() == expected
        expected = _present(expected)
        assert _present(self.witness.entries()) == expected
        for client in self.clients:
            if client.connected:
                assert _present(client.yjs.entries()) == expected
        fresh = self.oracle.document()
        fresh.apply(self.live.encode())
        assert _present(fresh.entries()) == expected
        assert fresh.state()["roots"] in ([], ["entries"])
        fresh.free()
        reloaded = SetlistDocument.from_update(self.live.encode(), self.live.limits)
        assert reloaded.entries() == self.live.entries()
        assert reloaded.places.current == self.live.places.current
        mirror = {entry_id: self.live.read(entry_id) for entry_id in expected}
        assert mirror == {entry_id: self.live.entry(entry_id) for entry_id in expected}

    def entry(self, entry_id: str) -> SetlistEntry:
        """One entry; fails if it is not there."""
        entry = self.live.entry(entry_id)
        assert entry is not None, f"{entry_id} is gone"
        return entry


def _present(entries: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Without fields that are ``undefined``: JavaScript leaves them out, Python says None."""
    return {
        entry_id: {name: value for name, value in fields.items() if value is not None}
        for entry_id, fields in entries.items()
    }
