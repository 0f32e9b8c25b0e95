"""Which websocket protocol uvicorn is given: ours, while uvicorn's inside is the one we know."""

from __future__ import annotations

import asyncio
from types import CodeType

import structlog

log = structlog.get_logger(__name__)

FALLBACK = "websockets-sansio"
"""uvicorn's own protocol on the same library; rooms then write by plain ASGI `send`."""

_METHODS = (
    "connection_lost data_received handle_bytes handle_close handle_connect handle_cont "
    "handle_parser_exception handle_ping handle_pong handle_text keepalive_timeout receive "
    "on_task_complete run_asgi send send_500_response send_receive_event_to_app shutdown "
    "start_keepalive stop_keepalive"
).split()
_ATTRIBUTES = frozenset(
    "close_sent close_timer close_timeout conn disconnected handshake_complete logger loop queue "
    "read_paused transport".split()
)


def websocket_protocol() -> type[asyncio.Protocol] | str:
    """What to pass as ``uvicorn.Config(ws=…)``."""
    missing = unexpected(_uvicorn_protocol())
    if not missing:
        from server.egress.swift import SwiftProtocol

        return SwiftProtocol
    log.warning("fast_egress_unavailable", missing=sorted(missing))
    return FALLBACK


def unexpected(protocol: type | None) -> set[str]:
    """What `server.egress.protocol` builds upon and this class does not have."""
    if protocol is None:
        return {"WebSocketsSansIOProtocol"}
    missing = {name for name in _METHODS if not callable(getattr(protocol, name, None))}
    code = getattr(vars(protocol).get("__init__"), "__code__", None)
    stored = set(code.co_names) if isinstance(code, CodeType) else set()
    return missing | (_ATTRIBUTES - stored)


def _uvicorn_protocol() -> type | None:
    try:
        from uvicorn.protocols.websockets import websockets_sansio_impl
    except ImportError:
        return None
    return getattr(websockets_sansio_impl, "WebSocketsSansIOProtocol", None)
