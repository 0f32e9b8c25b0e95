"""Makes messages of the channel mail."""

from __future__ import annotations

from datetime import datetime

from rooms.mail.letters import Letter, payload_of
from rooms.messaging.kinds import PRIORITIES, Channel, MessageKind
from rooms.messaging.ports import NewMessage
from rooms.messaging.senders import Sender
from rooms.ports import NewId


class Maker:
    """Makes messages from one sender.

    Args:
        sender: whose lane sends them.
        new_id: makes their ids.
    """

    def __init__(self, sender: Sender, new_id: NewId) -> None:
        self._sender = sender
        self._new_id = new_id

    def make(
        self,
        kind: MessageKind,
        letter: Letter,
        dedupe_key: str,
        language: str,
        due_at: datetime,
        *,
        account_id: str | None = None,
        address: str | None = None,
        show_id: str | None = None,
        attendee_id: str | None = None,
        expires_at: datetime | None = None,
    ) -> NewMessage:
        """A message. ``dedupe_key``: the same one again is the same mail."""
        return NewMessage(
            message_id=self._new_id(),
            kind=kind,
            channel=Channel.MAIL,
            sender=self._sender.address,
            language=language,
            dedupe_key=f"mail:{dedupe_key}",
            due_at=due_at,
            priority=PRIORITIES[kind],
            show_id=show_id,
            attendee_id=attendee_id,
            account_id=account_id,
            address=address,
            payload=payload_of(letter),
            expires_at=expires_at,
        )
