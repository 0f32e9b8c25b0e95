"""Frames as RFC 6455 section 5.2 wants them, judged by another implementation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from rooms.fanout.framing import binary_frame, split_frames, text_frame


def read(frames: bytes) -> list[tuple[Opcode, bool, bytes]]:
    client = Protocol(CLIENT, state=OPEN, max_size=None)
    client.receive_data(frames)
    assert client.parser_exc is None
    return [(one.opcode, one.fin, bytes(one.data)) for one in client.events_received()]  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_every_form_of_the_length_is_read_back(size: int) -> None:
    payload = b"x" * size
    assert read(text_frame(payload)) == [(Opcode.TEXT, True, payload)]
    assert read(binary_frame(payload)) == [(Opcode.BINARY, True, payload)]


@pytest.mark.parametrize(("size", "header"), [(125, 2), (126, 4), (65535, 4), (65536, 10)])
def test_the_shortest_form_of_the_length_is_used(size: int, header: int) -> None:
    assert len(binary_frame(b"x" * size)) == size + header


MESSAGES = st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=8)


@settings(max_examples=100, deadline=None)
@given(MESSAGES)
def test_joined_frames_come_apart_as_they_were(messages: list[tuple[bool, bytes]]) -> None:
    joined = b"".join(
        text_frame(payload) if is_text else binary_frame(payload) for is_text, payload in messages
    )
    assert split_frames(joined) == messages
    assert [data for _, _, data in read(joined)] == [payload for _, payload in messages]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_what_is_no_whole_frame_is_refused(data: bytes) -> None:
    try:
        messages = split_frames(data)
    except ValueError:
        return
    assert [payload for _, _, payload in read(data)] == [payload for _, payload in messages]
