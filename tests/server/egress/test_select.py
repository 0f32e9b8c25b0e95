"""The guard against another uvicorn than the one that is known."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import structlog
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.egress import select
from server.egress.swift import SwiftProtocol


def test_the_installed_uvicorn_is_as_expected() -> None:
    assert select.unexpected(WebSocketsSansIOProtocol) == set()
    assert select.websocket_protocol() is SwiftProtocol


def test_another_inside_means_the_fallback_and_one_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Renamed(asyncio.Protocol):
        def __init__(self, *args: Any) -> None:
            self.wire = None

    monkeypatch.setattr(select, "_uvicorn_protocol", lambda: Renamed)
    with structlog.testing.capture_logs() as logs:
        assert select.websocket_protocol() == select.FALLBACK
    assert [line["event"] for line in logs] == ["fast_egress_unavailable"]
    assert "transport" in logs[0]["missing"] and "handle_close" in logs[0]["missing"]


def test_no_such_module_means_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(select, "_uvicorn_protocol", lambda: None)
    assert select.websocket_protocol() == select.FALLBACK
