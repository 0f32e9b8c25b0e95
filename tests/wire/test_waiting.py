"""What the node does by itself after a while: PROTOCOL "Socket" and "Limits"."""

from __future__ import annotations

from tests.wire.conftest import Waiting


def test_a_quiet_room_sends_an_empty_awareness_update_every_20_s(waiting: Waiting) -> None:
    """Stock y-websocket providers reconnect after 30 s of silence."""
    assert 15 < waiting.heartbeat.result(90) < 30


def test_a_peer_that_never_finishes_its_handshake_is_let_go_after_5_s(waiting: Waiting) -> None:
    for peer in waiting.handshakes:
        assert 4 < peer.result(90) < 25


def test_a_quiet_stream_gets_a_comment_every_15_s(waiting: Waiting) -> None:
    """The shortest idle timeouts of proxies are 30 s. Three of the seconds are not measured."""
    assert 9 < waiting.comment.result(90) < 25
