"""A blank parameter is none; a value that ends in ``=`` is one."""

from __future__ import annotations

import pytest

from server.blank_queries import without_blanks


@pytest.mark.parametrize(
    ("query", "read"),
    [
        (b"since=&epoch=&wait_s=", b""),
        (b"since=7&epoch=&wait_s=1", b"since=7&wait_s=1"),
        (b"state_vector=AA==", b"state_vector=AA=="),
        (b"flag&at=", b"flag"),
    ],
)
def test_blanks_are_left_out(query: bytes, read: bytes) -> None:
    assert without_blanks(query) == read
