"""Titles, notes and names in the setlist that play tricks on those who read them."""

from __future__ import annotations

import pytest

from crdt.document_limits import DocumentLimits
from crdt.schema import RefusalCode, field_fault

LIMITS = DocumentLimits()


@pytest.mark.parametrize("field", ["title", "artist", "guests", "note"])
@pytest.mark.parametrize(
    "text",
    ["Band\u202egnp.exe", "\u2066Band", "Z" + "\u0341" * 7, "Lo\x00ser", "\x1b[31mLoser"],
    ids=["override", "isolate", "marks", "nul", "terminal"],
)
def test_tricks_are_refused_in_every_text(field: str, text: str) -> None:
    assert field_fault(field, text, LIMITS) is RefusalCode.INVALID_TEXT


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\u3164\u2800", "\u0301"])
def test_a_title_that_nobody_sees_is_none(text: str) -> None:
    assert field_fault("title", text, LIMITS) is RefusalCode.TITLE_MISSING


@pytest.mark.parametrize(
    "text",
    [
        "Für Elise",
        "Sigur Rós \u2013 Svefn-g-englar",
        "שָׁלוֹם\u200f (live)",
        "\u06a9\u062a\u0627\u0628\u200c\u0647\u0627",
        "👩\u200d🎤 Encore",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "བོད་ཀྱི་སྐད",
        "…",
    ],
)
def test_titles_of_every_language_stay(text: str) -> None:
    assert field_fault("title", text, LIMITS) is None
