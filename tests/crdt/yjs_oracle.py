"""Talks to the long-lived Node process that runs Yjs (``oracle/oracle.mjs``)."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from itertools import count
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "oracle"


class OracleError(AssertionError):
    """Yjs raised: whatever it was given, a browser could not have taken it either."""


class YjsOracle:
    """One Node process; every call is one line there and one back."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "oracle.mjs"],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._names = count()

    def ask(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send a batch; raise on the first error."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(requests) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise OracleError("the Yjs process ended")
        answers: list[dict[str, Any]] = json.loads(line)
        for answer in answers:
            if "error" in answer:
                raise OracleError(answer["error"])
        return answers

    def one(self, op: str, **arguments: Any) -> dict[str, Any]:
        """Send one request."""
        return self.ask([{"op": op, **arguments}])[0]

    def document(self) -> YjsDocument:
        """A new Y.Doc with its own random client id."""
        return YjsDocument(self, f"d{next(self._names)}")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


class YjsDocument:
    """One Y.Doc in the oracle."""

    def __init__(self, oracle: YjsOracle, name: str) -> None:
        self._oracle = oracle
        self.name = name
        self.client_id: int = oracle.one("create", name=name)["client_id"]

    def edit(self, *changes: list[Any]) -> list[bytes]:
        """Run changes in one Yjs transaction; the updates that it emitted (one or none)."""
        answer = self._oracle.one("edit", name=self.name, changes=list(changes))
        return [b64decode(update) for update in answer["updates"]]

    def track_undo(self) -> None:
        """From now on local edits can be undone."""
        self._oracle.one("track", name=self.name)

    def undo(self, redo: bool = False) -> list[bytes]:
        """Undo (or redo) the last local edit; the updates that it emitted."""
        answer = self._oracle.one("undo", name=self.name, redo=redo)
        return [b64decode(update) for update in answer["updates"]]

    def apply(self, *updates: bytes) -> None:
        """Integrate updates from elsewhere."""
        encoded = [b64encode(update).decode() for update in updates]
        self._oracle.one("apply", name=self.name, updates=encoded)

    def diff(self, state_vector: bytes | None = None) -> bytes:
        """What somebody with ``state_vector`` lacks: a sync step 2."""
        vector = None if state_vector is None else b64encode(state_vector).decode()
        answer = self._oracle.one("diff", name=self.name, state_vector=vector)
        return b64decode(answer["update"])

    def state(self) -> dict[str, Any]:
        """``entries`` as JSON, non-empty ``roots``, ``state_vector``, ``pending``."""
        return self._oracle.one("state", name=self.name)

    def entries(self) -> dict[str, Any]:
        """The entries as JSON; raises if something is pending."""
        state = self.state()
        assert not state["pending"], "Yjs holds something as pending"
        entries: dict[str, Any] = state["entries"]
        return entries

    def state_vector(self) -> bytes:
        """The encoded state vector."""
        return b64decode(self.state()["state_vector"])

    def free(self) -> None:
        """Destroy it."""
        self._oracle.one("free", name=self.name)
