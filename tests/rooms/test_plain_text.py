"""What people write stays on its line, and is to be seen."""

from __future__ import annotations

import unicodedata

import pytest

from rooms.decide.chat import clean_text
from rooms.errors import Refused
from rooms.limits import MARKS_MAX
from rooms.plain_text import says_something, without_stacks

STRUCK = "\u0337"


def test_marks_without_end_are_cut_letter_by_letter() -> None:
    assert without_stacks(f"Z{STRUCK * 40}a{STRUCK * 2}") == f"Z{STRUCK * MARKS_MAX}a{STRUCK * 2}"
    assert clean_text(f"Z{STRUCK * 40}!", 500) == f"Z{STRUCK * MARKS_MAX}!"


@pytest.mark.parametrize(
    "text",
    [
        "Tiếng Việt",
        "בְּרֵאשִׁ֖ית בָּרָ֣א",
        "كُلُّ شَيْءٍ",
        "བསྒྲུབས་",
        "ผู้ใหญ่",
        "👨‍👩‍👧‍👦 1️⃣",
    ],
)
def test_what_people_write_in_their_language_stays_as_it_is(text: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, text)
        assert without_stacks(written) == written
    assert says_something(text)


@pytest.mark.parametrize("text", ["", " ", "\u200b\u200b", "\u3164", "\u2800 \u2800", STRUCK])
def test_what_nobody_sees_says_nothing(text: str) -> None:
    assert not says_something(text)
    with pytest.raises(Refused, match="nothing to say"):
        clean_text(text, 500)


def test_empty_lines_do_not_push_the_others_off_the_screen() -> None:
    assert clean_text("one\n\n \n\n\ntwo\nthree\n\nfour\n\n\n", 500) == (
        "one\n\ntwo\nthree\n\nfour"
    )
