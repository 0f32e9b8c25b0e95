"""What stands in an event stream (WHATWG HTML section 9.2.6), and what is read back of it."""

from __future__ import annotations

import pytest

from rooms import limits
from rooms.fanout import event_stream


def test_a_place_comes_back_as_it_went() -> None:
    event_id = event_stream.place_id("5f0c", 124).decode()
    assert event_stream.read_place(event_id) == (124, "5f0c")


@pytest.mark.parametrize(
    "text",
    [
        *"|124|:124|5f0c:|5f0c:-1|5f0c:1.5|5f0c:¹|a b:1|5f0c:0x1|a:b:1".split("|"),
        "x" * 65 + ":1",
        "5f0c:" + "9" * 19,
    ],
)
def test_what_is_no_place_of_ours_is_none(text: str) -> None:
    assert event_stream.read_place(text) is None


def test_the_padding_is_one_comment_of_its_size() -> None:
    assert len(event_stream.PADDING) == limits.STREAM_PADDING_BYTES
    assert event_stream.PADDING.startswith(b":") and event_stream.PADDING.count(b"\n") == 2


def test_an_end_says_why_and_when_to_come_back() -> None:
    spread = event_stream.close_event(1012, "reconnect_in=3.2s")
    assert spread.startswith(b"retry: 3200\nevent: close\n")
    assert spread.endswith(b'data: {"code":1012,"reason":"reconnect_in=3.2s"}\n\n')
    assert not event_stream.close_event(4410, "removed").startswith(b"retry")
    assert event_stream.close_event(4029, "too many sockets").startswith(b"retry: ")
