"""Delivers "call this person by another name wherever their name was kept"."""

from __future__ import annotations

from typing import Protocol

import structlog

from rooms.outbox import Effect, EffectRefused

log = structlog.get_logger(__name__)


class LogNames(Protocol):
    """The names in rooms' logs."""

    async def names_of(self, account_id: str) -> list[tuple[str, str, str]]:
        """(show, participant, name) of somebody in every room, as they are called now."""
        ...

    async def rename(self, show_id: str, participant_id: str, name: str) -> int:
        """Calls somebody by this name in everything that one room keeps."""
        ...


class RenameInLogs:
    """Handles `rooms.outbox.RENAME_IN_LOGS`. Bears repetition: it goes by the names of now."""

    def __init__(self, names: LogNames) -> None:
        self._names = names

    async def __call__(self, effect: Effect) -> None:
        """Goes through the person's rooms.

        Raises:
            EffectRefused: the effect names nobody.
        """
        account_id = effect.payload.get("account_id")
        if not isinstance(account_id, str):
            raise EffectRefused("no account_id")
        events = 0
        for show_id, participant_id, name in await self._names.names_of(account_id):
            events += await self._names.rename(show_id, participant_id, name)
        log.info("renamed_in_logs", account_id=account_id, events=events)
