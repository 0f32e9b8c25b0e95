"""Segments as 3GPP TS 23.038 and 23.040 have them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.sms import gsm7
from rooms.sms.segments import ALONE, PART, Encoding, Segments, segments, split, units_of

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2

CODE_PAGE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The table of 23.038, 6.2.1, in its order; 0x1B is the escape."""


def test_the_alphabet_is_that_of_the_specification() -> None:
    assert len(CODE_PAGE) == 128 and CODE_PAGE.index("\x1b") == 0x1B
    assert frozenset(CODE_PAGE) - {"\x1b"} == gsm7.BASIC
    assert frozenset("\f^{}\\[~]|€") == gsm7.EXTENSION


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(GSM7, 0, 0)),
        ("a" * 160, Segments(GSM7, 160, 1)),
        ("a" * 161, Segments(GSM7, 161, 2)),
        ("a" * 306, Segments(GSM7, 306, 2)),
        ("a" * 307, Segments(GSM7, 307, 3)),
        ("€" * 80, Segments(GSM7, 160, 1)),
        ("€" * 81, Segments(GSM7, 162, 2)),
        ("a" * 159 + "€", Segments(GSM7, 161, 2)),
        ("ж" * 70, Segments(UCS2, 70, 1)),
        ("ж" * 71, Segments(UCS2, 71, 2)),
        ("ж" * 134, Segments(UCS2, 134, 2)),
        ("ж" * 135, Segments(UCS2, 135, 3)),
        ("😀" * 35, Segments(UCS2, 70, 1)),
        ("😀" * 36, Segments(UCS2, 72, 2)),
        ("it’s", Segments(UCS2, 4, 1)),
        ("it's", Segments(GSM7, 4, 1)),
    ],
)
def test_counts(text: str, expected: Segments) -> None:
    assert segments(text) == expected


def test_one_curly_quote_makes_one_segment_three() -> None:
    assert segments("a" * 159 + "'").count == 1
    assert segments("a" * 159 + "’").count == 3


def test_an_escape_stays_with_its_character() -> None:
    text = "a" * 152 + "€" + "b" * 20
    assert split(text) == ["a" * 152, "€" + "b" * 20]


def test_a_surrogate_stays_with_its_other_half() -> None:
    text = "ж" * 66 + "😀" + "ж" * 10
    assert split(text) == ["ж" * 66, "😀" + "ж" * 10]


def test_what_is_not_split_can_need_one_segment_more() -> None:
    """306 septets, and three segments: an escape at the cut pushes the rest over."""
    text = "a" * 152 + "€" + "a" * 152
    assert segments(text) == Segments(GSM7, 306, 3)


TEXTS = st.one_of(
    st.text(alphabet=sorted(gsm7.BASIC | gsm7.EXTENSION), max_size=500),
    st.text(alphabet="aж😀€ ", max_size=300),
    st.text(max_size=300),
)


@given(TEXTS)
def test_segments_join_to_the_text_and_none_is_too_long(text: str) -> None:
    told = segments(text)
    parts = split(text)
    assert "".join(parts) == text
    assert told.count == len(parts)
    assert all(parts)
    room = ALONE if len(parts) <= 1 else PART
    assert all(units_of(part, told.encoding) <= room[told.encoding] for part in parts)
    assert told.units == sum(units_of(part, told.encoding) for part in parts)
    if told.encoding is UCS2:
        assert told.units == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(TEXTS)
def test_no_cut_comes_earlier_than_it_must(text: str) -> None:
    told, parts = segments(text), split(text)
    for part, following in pairwise(parts):
        width = units_of(following[0], told.encoding)
        assert units_of(part, told.encoding) + width > PART[told.encoding]


@given(st.text(max_size=60))
def test_a_fitting_name_is_in_the_alphabet_or_untouched(name: str) -> None:
    fitted = gsm7.fitting(name)
    assert gsm7.fits(fitted) or fitted == name
    assert gsm7.fitting(fitted) == fitted


@pytest.mark.parametrize(
    ("name", "fitted"),
    [
        ("Beyoncé", "Beyoncé"),
        ("Motörhead", "Motörhead"),
        ("Sigur Rós", "Sigur Ros"),
        ("Don’t Stop…", "Don't Stop..."),
        ("“Heroes”", '"Heroes"'),
        ("Łódź – live", "Lodz - live"),
        ("🔥 Fire 🔥", "Fire"),
        ("Ça plane pour moi", "Ça plane pour moi"),
        ("façade", "facade"),
        ("Bŭdapešť", "Budapest"),
        ("Кино", "Кино"),
        ("東京", "東京"),
        ("🔥🔥", "🔥🔥"),
    ],
)
def test_names_are_made_to_fit(name: str, fitted: str) -> None:
    assert gsm7.fitting(name) == fitted
