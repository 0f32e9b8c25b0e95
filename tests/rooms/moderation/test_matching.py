"""Words are found however they are spelled, and never inside other words."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rooms.moderation.matching import WordMatcher, folded, is_findable

LIST = ("shit", "ass", "boob", "Cabrón", "coño", "camel toe", "hijo de puta", "tit", "🖕")
MATCHER = WordMatcher(LIST)
PLAIN = ("shit", "boob", "camel toe", "hijo de puta")
LEET = {"a": "4@", "b": "8", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Shit!", "shit"),
        ("oh, SHIT...", "shit"),
        ("sh1t", "shit"),
        ("$h!t", "shit"),
        ("shiiiiit", "shit"),
        ("shiit", "shit"),
        ("shhhit", "shit"),
        ("shits", "shit"),
        ("s.h.i.t", "shit"),
        ("s h i t", "shit"),
        ("s-h-i-t", "shit"),
        ("shit_head", "shit"),
        ("s\u200bh\u00adit", "shit"),
        ("ｓｈｉｔ", "shit"),
        ("ѕhіt", "shit"),
        ("śhît", "shit"),
        ("a$$", "ass"),
        ("@ss", "ass"),
        ("assss", "ass"),
        ("b00bs", "boob"),
        ("cabron", "Cabrón"),
        ("COÑO", "coño"),
        ("cam3l   toe", "camel toe"),
        ("hijo-de-puta", "hijo de puta"),
        ("tiiit", "tit"),
        ("take that 🖕🏽", "🖕"),
    ],
)
def test_a_word_is_found_however_it_is_spelled(text: str, found: str) -> None:
    assert MATCHER.found_in(text) == (found,)


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe",
        "as you like",
        "classic assassins pass the bass",
        "año",
        "cono",
        "455",
        "camel, and then a toe",
        "hijo de Pedro",
        "titt",
        "shitt",
        "Titanic",
        "shitake",
        "u s a",
        "",
        "...",
        "$$$",
    ],
)
def test_what_only_holds_or_resembles_a_word_is_none(text: str) -> None:
    assert MATCHER.found_in(text) == ()


@given(
    st.sampled_from(LIST[:-1]),
    st.text(string.ascii_lowercase, min_size=1, max_size=6),
    st.text(string.ascii_lowercase, max_size=6),
)
def test_letters_around_a_word_make_it_another(word: str, before: str, after: str) -> None:
    assume(before[-1] != folded(word)[0])  # a letter said longer is the same letter
    assert word not in MATCHER.found_in(f"{before}{word}{after}")


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A word, and the same with signs for letters within it, in any case, stretched."""
    word = draw(st.sampled_from(PLAIN))
    parts = []
    for part in word.split():
        forms = [
            draw(st.sampled_from(letter + letter.upper() + LEET.get(letter, "")))
            for letter in part[1:-1]
        ]
        spelled = [part[0], *forms, part[-1]]
        # Twice is how other words are spelled.
        parts.append("".join(one * draw(st.sampled_from((1, 3, 4))) for one in spelled))
    return word, draw(st.sampled_from((" ", "  ", "-", ", "))).join(parts)


@given(disguised())
def test_signs_case_and_stretching_change_nothing(said: tuple[str, str]) -> None:
    word, spelled = said
    assert word in MATCHER.found_in(f"well {spelled} then")


@given(st.text(max_size=600), st.lists(st.text(max_size=60), max_size=5))
def test_any_text_and_any_list_can_be_looked_at(text: str, own: list[str]) -> None:
    for found in MATCHER.found_in(text, own):
        assert found in LIST or found in own


@given(st.text(string.ascii_letters + " ", min_size=1, max_size=30))
def test_what_is_findable_is_found_as_it_is_written(entry: str) -> None:
    assume(is_findable(entry))
    assert entry in WordMatcher((entry,)).found_in(f"so: {entry}, you see")


def test_the_crews_own_words_are_found_beside_the_list() -> None:
    own = ("Ticketmaster", "バカ", "sold out")
    found = MATCHER.found_in("t1cketmaster is shit, sold  out", own)
    assert found == ("Ticketmaster", "shit", "sold out")
    assert MATCHER.found_in("このバカめ", own) == ("バカ",)
    assert MATCHER.found_in("t1cketmaster") == ()


@pytest.mark.parametrize(
    ("entry", "findable"), [("!!", False), ("", False), ("🖕", True), ("a", True)]
)
def test_what_says_nothing_is_never_found(entry: str, findable: bool) -> None:
    assert is_findable(entry) is findable
