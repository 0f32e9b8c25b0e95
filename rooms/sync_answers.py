"""The two halves of a Yjs sync with one room, encoded once for everybody who asks the same."""

from __future__ import annotations

from typing import Final

from crdt.document import SetlistDocument
from crdt.frames import encode_sync_step1, encode_sync_step2
from rooms.replica import Replica

KEPT_MAX: Final = 8
"""Answers kept of one state of the document: newcomers have nothing, those who come back have all
of it or stand at the few places where others left it. The largest is the whole document."""


class SyncAnswers:
    """Answers of the document as it is, thrown away when it moves.

    A document changes with events alone, so the log's ``seq`` says which state it is in.
    """

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._of: tuple[SetlistDocument | None, int] = (None, -1)
        self._step1 = b""
        self._step2: dict[bytes, bytes] = {}

    def step1(self) -> bytes:
        """The document's state vector."""
        self._look()
        if not self._step1:
            self._step1 = encode_sync_step1(self._replica.document.state_vector())
        return self._step1

    def step2(self, state_vector: bytes) -> bytes:
        """What a client with this state vector lacks.

        Raises:
            crdt.errors.DecodeError: not a state vector.
        """
        self._look()
        answer = self._step2.get(state_vector)
        if answer is None:
            answer = encode_sync_step2(self._replica.document.encode(state_vector))
            if len(self._step2) < KEPT_MAX:
                self._step2[state_vector] = answer
        return answer

    def _look(self) -> None:
        document, seq = self._of
        if document is not self._replica.document or seq != self._replica.head.seq:
            self._of = (self._replica.document, self._replica.head.seq)
            self._step1 = b""
            self._step2.clear()
