"""What a door gets back for a command."""

from __future__ import annotations

from msgspec import UNSET, Struct

from rooms.errors import RoomError
from rooms.messages import Ack, Reject


class SetlistRefusal(Struct, frozen=True):
    """Entries of an update that were repaired for one reason."""

    code: str
    detail: str
    entry_ids: tuple[str, ...]


class SetlistAnswer(Struct, frozen=True, tag="setlist_answer", tag_field="t"):
    """What became of one Yjs update: durable, repaired, or its socket closes.

    Attributes:
        seq: the room's head once the update is durable.
        refused: what was repaired and why; empty when all of it was accepted.
        close: close code and reason when the update could not be taken at all.
    """

    seq: int
    refused: tuple[SetlistRefusal, ...] = ()
    close: tuple[int, str] | None = None


Answer = Ack | Reject | SetlistAnswer


def reject(command_id: str, error: RoomError) -> Reject:
    """The websocket view of an error."""
    return Reject(
        command_id=command_id,
        code=error.code,
        detail=error.detail,
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
        meanwhile=UNSET if error.meanwhile is None else error.meanwhile,
    )
