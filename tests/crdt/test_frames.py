"""The wire: our frames are those of lib0 and y-protocols, and nothing else passes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map, create_awareness_message, create_sync_message, create_update_message

from crdt.awareness import (
    AwarenessState,
    decode_awareness,
    departed,
    encode_awareness_states,
    restrict,
)
from crdt.errors import DecodeError, DecodeFault
from crdt.frames import (
    EMPTY_AWARENESS_FRAME,
    Auth,
    AwarenessFrame,
    QueryAwareness,
    SyncStep1,
    SyncStep2,
    SyncUpdate,
    decode_frame,
    encode_auth_denied,
    encode_awareness,
    encode_query_awareness,
    encode_sync_step1,
    encode_sync_step2,
    encode_update,
)
from crdt.state_vector import decode_state_vector, encode_state_vector
from crdt.varint import VARUINT_MAX, ByteReader, encode_string, encode_varuint


@given(st.integers(0, VARUINT_MAX))
def test_integers_come_back(value: int) -> None:
    reader = ByteReader(encode_varuint(value))
    assert reader.varuint() == value
    reader.expect_end()


@given(st.text())
def test_text_comes_back_whatever_its_script(text: str) -> None:
    reader = ByteReader(encode_string(text))
    assert reader.string() == text
    reader.expect_end()


@given(st.binary(max_size=40))
@settings(max_examples=300)
def test_an_integer_that_is_read_is_in_its_shortest_form(data: bytes) -> None:
    reader = ByteReader(data)
    try:
        value = reader.varuint()
    except DecodeError:
        return
    assert encode_varuint(value) == data[: reader.position]


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x00", b"\xff" * 8, b"\xff" * 7 + b"\x7f"])
def test_wrong_integers_are_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        ByteReader(data).varuint()


@pytest.mark.parametrize(
    ("data", "value"),
    [(b"\x00", 0), (b"\x41", -1), (b"\x3f", 63), (b"\x80\x01", 64), (b"\xc1\x01", -65)],
)
def test_signed_integers(data: bytes, value: int) -> None:
    assert ByteReader(data).varint() == value


@given(st.binary(max_size=200))
def test_frames_come_back(body: bytes) -> None:
    assert decode_frame(encode_sync_step1(body)) == SyncStep1(body)
    assert decode_frame(encode_sync_step2(body)) == SyncStep2(body)
    assert decode_frame(encode_update(body)) == SyncUpdate(body)
    assert decode_frame(encode_awareness(body)) == AwarenessFrame(body)


def test_other_frames() -> None:
    assert decode_frame(encode_query_awareness()) == QueryAwareness()
    assert decode_frame(encode_auth_denied("nö")) == Auth("nö")
    assert decode_frame(EMPTY_AWARENESS_FRAME) == AwarenessFrame(b"\x00")
    assert decode_awareness(b"\x00") == ()


def test_frames_are_those_of_the_library() -> None:
    document: Doc[object] = Doc()
    document.get("entries", type=Map)["x"] = "y"
    assert decode_frame(create_sync_message(document)) == SyncStep1(document.get_state())
    update = document.get_update()
    assert decode_frame(create_update_message(update)) == SyncUpdate(update)
    assert encode_update(update) == create_update_message(update)
    assert encode_awareness(b"abc") == create_awareness_message(b"abc")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", DecodeFault.TRUNCATED),
        (b"\x00", DecodeFault.TRUNCATED),
        (b"\x00\x03\x00", DecodeFault.UNKNOWN_TYPE),
        (b"\x04", DecodeFault.UNKNOWN_TYPE),
        (b"\x00\x02\x05abc", DecodeFault.TRUNCATED),
        (b"\x00\x02\x03abcd", DecodeFault.TRAILING_BYTES),
        (b"\x03\x00", DecodeFault.TRAILING_BYTES),
        (b"\x02\x01\x00", DecodeFault.UNKNOWN_TYPE),
        (b"\x02\x00\x02\xff\xfe", DecodeFault.UTF8),
        (b"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", DecodeFault.VARINT),
        (b"\x80\x00\x00\x00", DecodeFault.VARINT),
    ],
)
def test_wrong_frames_say_what_is_wrong(data: bytes, fault: DecodeFault) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_frame(data)
    assert caught.value.fault is fault


clocks = st.dictionaries(st.integers(0, VARUINT_MAX), st.integers(0, 2**31 - 1), max_size=8)


@given(clocks)
def test_state_vectors_come_back(vector: dict[int, int]) -> None:
    assert decode_state_vector(encode_state_vector(vector)) == vector


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x01\x05",
        b"\x02\x05\x01\x05\x02",
        b"\x00\x00",
        b"\x01\x05\xff\xff\xff\xff\x0f",
    ],
)
def test_wrong_state_vectors_are_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_state_vector(data)


def test_awareness_comes_back_and_is_restricted_to_ones_own() -> None:
    states = (
        AwarenessState(7, 3, {"user": {"name": "Ann", "colour": "#fa0"}, "cursor": [1, None]}),
        AwarenessState(8, 1, {"user": {"name": "Bob pretending"}}),
        AwarenessState(9, 2, None),
    )
    payload = encode_awareness_states(states)
    assert decode_awareness(payload) == states
    assert restrict(states, {7}) == (states[0],)
    assert departed({7: 3}) == (AwarenessState(7, 4, None),)


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (b"\x01\x05\x01\x02{]", DecodeFault.JSON),
        (b"\x01\x05\x01\x02[]", DecodeFault.JSON),
        (b"\x01\x05\x01\x04\xff\xfe\xfd\xfc", DecodeFault.UTF8),
        (b"\x02\x05\x01\x04null\x05\x02\x04null", DecodeFault.DUPLICATE),
        (b"\x02\x05\x01\x04null", DecodeFault.TRUNCATED),
        (b"\x7f" + b"\x00" * 200, DecodeFault.TOO_MANY),
        (b"\x00" * 5000, DecodeFault.TOO_LARGE),
        (b"\x01\x05\x01" + encode_string('{"a":' * 40 + "1" + "}" * 40), DecodeFault.TOO_DEEP),
        (b"\x00\x00", DecodeFault.TRAILING_BYTES),
    ],
)
def test_wrong_awareness_says_what_is_wrong(payload: bytes, fault: DecodeFault) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_awareness(payload)
    assert caught.value.fault is fault
