"""Which log a connection leads to. A turn of another one is refused before it is sent."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from rooms.epoch import epoch_of
from rooms.ports import AnotherLog, Turn
from storage.rooms.failures import not_writing
from storage.rooms.reading import EPOCH_BASE

ASK_TIMEOUT_S = 2.0


class Epochs:
    """What the servers of a pool's connections say their logs are.

    Asked once for each connection: a server's timeline stays the same for as long as it runs, and a
    restore ends the connections of others. One that escaped it is dropped when it is refused here.
    """

    def __init__(self) -> None:
        self._bases: WeakKeyDictionary[object, str] = WeakKeyDictionary()

    async def check(self, connection: Any, turn: Turn) -> None:
        """Holds the turn's epoch against the connection's.

        Args:
            connection: as the pool gives it.

        Raises:
            AnotherLog: they differ.
            LogUnavailable: the server did not say.
        """
        if not turn.epoch:
            return
        base = self._bases.get(connection._con)
        if base is None:
            with not_writing():
                base = await connection.fetchval(f"SELECT {EPOCH_BASE}", timeout=ASK_TIMEOUT_S)
            self._bases[connection._con] = base
        if epoch_of(base, turn.show_id) != turn.epoch:
            raise AnotherLog("decided upon a log that is no longer this one")
