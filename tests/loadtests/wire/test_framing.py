"""The y-websocket frames that the Python client speaks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import YSyncMessageType, create_sync_message, create_update_message

from loadtests.wire import framing
from loadtests.wire.setlist import SetlistDocument


@given(st.integers(min_value=0, max_value=2**53))
def test_a_varuint_is_read_back(value: int) -> None:
    data = b"x" + framing.varuint(value)
    assert framing.read_varuint(data, 1) == (value, len(data))


@given(st.sampled_from([framing.STEP_1, framing.STEP_2, framing.UPDATE]), st.binary(max_size=300))
def test_a_sync_frame_is_read_back(step: int, payload: bytes) -> None:
    assert framing.decode(framing.sync(step, payload)) == framing.SyncFrame(step, payload)


@given(st.binary(max_size=300))
def test_an_awareness_frame_is_read_back(payload: bytes) -> None:
    assert framing.decode(framing.awareness(payload)) == framing.AwarenessFrame(payload)


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_truncated_frame_is_refused(payload: bytes, data: st.DataObject) -> None:
    frame = framing.sync(framing.UPDATE, payload)
    cut = data.draw(st.integers(min_value=0, max_value=len(frame) - 1))
    with pytest.raises(framing.FramingError):
        framing.decode(frame[:cut])


def test_bytes_left_over_are_refused() -> None:
    with pytest.raises(framing.FramingError):
        framing.decode(framing.sync(framing.UPDATE, b"a") + b"b")


def test_frames_are_those_of_another_implementation() -> None:
    document = SetlistDocument(random.Random(1))
    with document.local() as updates:
        document.add("Dark Star", "set1", "p")
    (update,) = updates
    assert framing.sync(framing.UPDATE, update) == create_update_message(update)
    assert framing.sync(framing.STEP_1, document.state_vector()) == create_sync_message(
        document.doc
    )
    assert framing.STEP_2 == YSyncMessageType.SYNC_STEP2
