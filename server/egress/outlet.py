"""When a transport's descriptor may be written to past the transport (`server.egress.bulk`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from server.egress.port import NO_OUTLET


class Outlet:
    """What the handles of sockets and of event streams have in common.

    ``outlet`` is the descriptor while it may be written to: the handle is open, the transport has
    nothing queued, and there is no TLS. The transport's marks are set to zero, so that it asks for
    a pause whenever it could not send all of something, whoever wrote it, and says when all of it
    is sent. Its protocol passes both on, and `_shut_outlet` comes before every ending.
    """

    __slots__ = ("_changed", "_descriptor", "_subject", "_transport", "outlet")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._changed: Callable[[Any], None] | None = None
        self._subject: Any = None
        self._descriptor = NO_OUTLET
        self.outlet = NO_OUTLET

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """Calls back with ``subject``, at once, when ``outlet`` changes; ``None``: no more."""
        self._changed = changed
        self._subject = subject if changed is not None else None

    def fall_behind(self) -> None:
        """The transport asks for a pause: something is queued."""
        self._now(NO_OUTLET)

    def catch_up(self) -> None:
        """The transport has nothing queued any more (under TLS: not much)."""
        self._now(self._descriptor)

    def _find_outlet(self) -> None:
        transport = self._transport
        known = transport.get_extra_info("socket")
        if known is None or transport.get_extra_info("sslcontext") is not None:
            return
        transport.set_write_buffer_limits(high=0)
        self._descriptor = known.fileno()
        if not transport.get_write_buffer_size():
            self._now(self._descriptor)

    def _shut_outlet(self) -> None:
        self._descriptor = NO_OUTLET
        self._now(NO_OUTLET)

    def _now(self, outlet: int) -> None:
        if outlet != self.outlet:
            self.outlet = outlet
            if self._changed is not None:
                self._changed(self._subject)
