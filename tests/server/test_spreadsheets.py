"""CSV files run nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from server.spreadsheets import as_csv


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.sampled_from("=+-@\t\r\n＝＋－＠"), st.text(max_size=30))
def test_no_text_is_a_formula(sign: str, rest: str) -> None:
    (cell,) = read(as_csv(("a",), [(sign + rest.replace("\0", ""),)]))[1]
    assert cell.startswith("'")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=60))
def test_every_other_text_comes_back_as_it_was(text: str) -> None:
    (cell,) = read(as_csv(("a",), [(text,)]))[1]
    assert cell in (text, f"'{text}")


def test_numbers_times_and_truth_are_plain() -> None:
    at = datetime(2027, 5, 8, 20, 0, 0, 123, tzinfo=UTC)
    text = as_csv(("a", "b", "c", "d"), [(-3, True, at, None)])
    assert text.splitlines()[1] == '-3,"yes","2027-05-08T20:00:00+00:00",""'


@given(st.text("\u200b\u00a0 \ufeff\u2060", max_size=90), st.sampled_from("=+-@＝"))
def test_signs_that_nobody_sees_hide_no_formula(unseen: str, sign: str) -> None:
    (cell,) = read(as_csv(("a",), [(f"{unseen}{sign}cmd|' /C calc'!A0",)]))[1]
    assert cell.startswith("'")
