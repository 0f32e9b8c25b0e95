"""Which options a text chooses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.decide.picks import checked_picks
from rooms.rounds.problems import problems
from rooms.sms.choosing import AskBack, Choice, Chosen, Fault, Malformed, TooMany, Wished, choose
from rooms.sms.normalising import readable
from rooms.vote_config import Option, VoteConfig, VoteType
from tests.rooms.sms.ballots import (
    APPROVAL,
    BRACKET,
    BYE,
    POINTS,
    QUEUE,
    RANKED,
    SINGLE,
    SONGS,
    UPDOWN,
    WEIGHTED,
    WEIGHTED_APPROVAL,
    round_of,
)

ALL = (APPROVAL, BRACKET, POINTS, QUEUE, RANKED, SINGLE, UPDOWN, WEIGHTED, WEIGHTED_APPROVAL)


def said(config: VoteConfig, text: str) -> Choice:
    """What a body chooses."""
    return choose(config, readable(text))


def picked(config: VoteConfig, text: str) -> list[str] | Choice:
    """Codes, with their value where they have one; anything else as it is."""
    choice = said(config, text)
    if not isinstance(choice, Chosen):
        return choice
    assert [pick.option_id for pick in choice.picks] == [option.id for option in choice.options]
    return [
        pick.option_id.removeprefix("o") + ("" if pick.value is None else f"={pick.value}")
        for pick in choice.picks
    ]


def asked(config: VoteConfig, text: str) -> list[str] | Choice:
    """Codes that are asked about."""
    choice = said(config, text)
    if not isinstance(choice, AskBack):
        return choice
    return [option.code or "" for option in choice.options]


@pytest.mark.parametrize("config", [SINGLE, WEIGHTED])
@pytest.mark.parametrize(
    "text",
    [
        "2",
        "#2",
        "no. 2",
        "No 2",
        "Nr. 2",
        "nº 2",
        "2.",
        "(2)",
        "02",
        "2!",
        "2 please",
        "option 2",
        "number 2 please",
        "2️⃣",
        "２",
        "②",
        "٢",
        "two",
        "dos",
        "zwei",
        "deux",
        "blue sky",
        "BLUE SKY!!",
        "“Blue Sky”",
        "Blue  sky please",
        "2 Blue Sky",
        "2. Blue Sky",
        "I want Blue Sky",
        "play blue sky",
        "vote for blue sky",
        "Blue S",
        "blue",
    ],
)
def test_one_option_by_code_or_name(config: VoteConfig, text: str) -> None:
    assert picked(config, text) == ["2"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("truckin", "1"),
        ("Truckin’", "1"),
        ("river", "5"),
        ("The River", "5"),
        ("rock and roll", "6"),
        ("Rock & Roll", "6"),
        ("one more", "4"),
        ("One more Saturday", "4"),
    ],
)
def test_names_without_what_does_not_tell_them_apart(text: str, code: str) -> None:
    assert picked(SINGLE, text) == [code]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("blu sky", ["2"]),
        ("bleu sky", ["2"]),
        ("bluesk", ["2"]),
        ("sky", ["2"]),
        ("sugari", ["3"]),
        ("Shugaree", ["3"]),
        ("truckn", ["1"]),
        ("saturday nite", ["4"]),
        ("1 or 2", ["1", "2"]),
        ("2 or maybe 3", ["2", "3"]),
        ("2 Sugaree", ["2", "3"]),
        ("2 or so", ["2"]),
        ("I think 2", ["2"]),
        ("one", ["1", "4"]),
    ],
)
def test_what_only_resembles_is_asked_about(text: str, codes: list[str]) -> None:
    assert asked(SINGLE, text) == codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", Malformed(Fault.NO_SUCH_OPTION, 7)),
        ("0", Malformed(Fault.NO_SUCH_OPTION, 0)),
        ("22", Malformed(Fault.NO_SUCH_OPTION, 22)),
        ("vote", Malformed(Fault.NOT_UNDERSTOOD)),
        ("", Malformed(Fault.EMPTY)),
        ("!!", Malformed(Fault.EMPTY)),
        ("what a night", Malformed(Fault.NOT_UNDERSTOOD)),
        ("Dark Star", Malformed(Fault.NOT_UNDERSTOOD)),
        ("1-3", Malformed(Fault.NOT_UNDERSTOOD)),
        ("1, 2", TooMany(1)),
        ("1 2 3", TooMany(1)),
        ("1️⃣2️⃣", TooMany(1)),
        ("blue sky and sugaree", TooMany(1)),
        ("2, 2", ["2"]),
    ],
)
def test_a_single_choice_that_is_none(text: str, expected: object) -> None:
    assert picked(SINGLE, text) == expected


@pytest.mark.parametrize("config", [APPROVAL, WEIGHTED_APPROVAL])
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1,3", ["1", "3"]),
        ("1, 3", ["1", "3"]),
        ("1 3", ["1", "3"]),
        ("1 and 3", ["1", "3"]),
        ("1 y 3", ["1", "3"]),
        ("1 und 3", ["1", "3"]),
        ("1 & 3", ["1", "3"]),
        ("1+3", ["1", "3"]),
        ("1;3", ["1", "3"]),
        ("1/3", ["1", "3"]),
        ("1.3", ["1", "3"]),
        ("1\n3", ["1", "3"]),
        ("1،3", ["1", "3"]),
        ("１、３", ["1", "3"]),
        ("1️⃣3️⃣", ["1", "3"]),
        ("1️⃣ 3️⃣", ["1", "3"]),
        ("#1 #3", ["1", "3"]),
        ("no. 1, no. 3", ["1", "3"]),
        ("1, 2 and 3", ["1", "2", "3"]),
        ("1, 1, 3", ["1", "3"]),
        ("blue sky, sugaree", ["2", "3"]),
        ("Blue Sky and Sugaree", ["2", "3"]),
        ("Rock and Roll, Truckin", ["6", "1"]),
        ("blue sky + 3", ["2", "3"]),
        ("two, three", ["2", "3"]),
    ],
)
def test_several_options(config: VoteConfig, text: str, codes: list[str]) -> None:
    assert picked(config, text) == codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2,3,4", TooMany(3)),
        ("1,9", Malformed(Fault.NO_SUCH_OPTION, 9)),
    ],
)
def test_several_that_are_no_ballot(text: str, expected: object) -> None:
    assert picked(APPROVAL, text) == expected


def test_a_name_with_an_and_in_it_in_a_list_without_commas_is_asked_about() -> None:
    assert asked(APPROVAL, "Rock and Roll and Sugaree") == ["6"]


def test_one_bad_name_in_a_list_is_asked_about_and_nothing_is_counted() -> None:
    assert asked(APPROVAL, "1, blu sky") == ["2"]


def test_two_keycaps_are_one_number_where_that_is_an_option_too() -> None:
    twelve = round_of(*(f"Song {n}" for n in range(1, 13)), kind=VoteType.APPROVAL, most=3)
    assert asked(twelve, "1️⃣2️⃣") == ["12", "1", "2"]
    assert picked(round_of(*(f"Song {n}" for n in range(1, 13))), "1️⃣2️⃣") == ["12"]
    assert picked(twelve, "1️⃣0️⃣") == ["10"]
    assert picked(twelve, "🔟") == ["10"]
    assert picked(twelve, "12") == ["12"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2,1,3", ["2", "1", "3"]),
        ("2 > 1 > 3", ["2", "1", "3"]),
        ("2 then 1", ["2", "1"]),
        ("sugaree, blue sky", ["3", "2"]),
        ("2", Malformed(Fault.TOO_FEW, 2)),
        ("2,1,2", Malformed(Fault.TWICE)),
        ("1,2,3,4", TooMany(3)),
    ],
)
def test_ranked_takes_the_order_of_the_text(text: str, expected: object) -> None:
    assert picked(RANKED, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1=3 2=1", ["1=3", "2=1"]),
        ("1:3, 2:2", ["1=3", "2=2"]),
        ("1 = 3 and 2 = 1", ["1=3", "2=1"]),
        ("#1=3;#2=1", ["1=3", "2=1"]),
        ("１＝３", ["1=3"]),
        ("Blue Sky=3, Sugaree=1", ["2=3", "3=1"]),
        ("1=5 2=0", ["1=5"]),
        ("2", ["2=5"]),
        ("blue sky", ["2=5"]),
        ("1 2", Malformed(Fault.VALUES_MISSING)),
        ("1=3 2=3", Malformed(Fault.OVER_BUDGET, 5)),
        ("1=2 1=2", Malformed(Fault.TWICE)),
        ("1=0", Malformed(Fault.TOO_FEW, 1)),
        ("1=1 2=1 3=1 4=1", TooMany(3)),
        ("9=3", Malformed(Fault.NO_SUCH_OPTION, 9)),
    ],
)
def test_points(text: str, expected: object) -> None:
    assert picked(POINTS, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1 -2", ["1=1", "2=-1"]),
        ("+1-2", ["1=1", "2=-1"]),
        ("+1, −2", ["1=1", "2=-1"]),
        ("1+ 2-", ["1=1", "2=-1"]),
        ("1+,2-", ["1=1", "2=-1"]),
        ("👍1 👎2", ["1=1", "2=-1"]),
        ("1, -2", ["1=1", "2=-1"]),
        ("2", ["2=1"]),
        ("1, 3", ["1=1", "3=1"]),
        ("-blue sky +river", ["2=-1", "5=1"]),
        ("no 2", Malformed(Fault.NOT_UNDERSTOOD)),
        ("+1 -1", Malformed(Fault.TWICE)),
        ("+1 +2 +3 -4", TooMany(3)),
    ],
)
def test_for_and_against(text: str, expected: object) -> None:
    assert picked(UPDOWN, text) == expected


def test_a_hyphen_in_a_name_is_no_sign() -> None:
    hyphened = round_of("T-Bone Shuffle", "X-Ray", kind=VoteType.UPDOWN, most=2)
    assert picked(hyphened, "-T-Bone Shuffle +X-Ray") == ["1=-1", "2=1"]


@pytest.mark.parametrize(
    ("config", "text", "expected"),
    [
        (BRACKET, "1", ["1"]),
        (BRACKET, "1, 4", ["1", "4"]),
        (BRACKET, "1, 2", Malformed(Fault.SAME_PAIR)),
        (BYE, "5", Malformed(Fault.NO_OPPONENT)),
    ],
)
def test_brackets_take_one_of_each_pair(config: VoteConfig, text: str, expected: object) -> None:
    assert picked(config, text) == expected


def test_a_queue_takes_titles() -> None:
    assert said(QUEUE, "Blue Sky") == Wished("Blue Sky")
    assert said(QUEUE, "2") == Malformed(Fault.NAME_WANTED)


@pytest.mark.parametrize(
    ("labels", "text", "expected"),
    [
        (("1999", "25 or 6 to 4", "99 Luftballons"), "1999", ["1"]),
        (("1999", "25 or 6 to 4", "99 Luftballons"), "25 or 6 to 4", ["2"]),
        (
            ("1999", "25 or 6 to 4", "99 Luftballons"),
            "99",
            AskBack((Option("o3", "99 Luftballons", "3"),)),
        ),
        (("Two", "One"), "one", ["2"]),  # a name before a number word
        (("2", "1"), "2", ["2"]),  # a code before a name
        (("Hey, Hey", "My, My"), "hey hey", ["1"]),
        (("Promised Land", "The Promised Land"), "the promised land", ["2"]),
        (("Promised Land", "The Promised Land"), "promised land", ["1"]),
        (("夜に駆ける", "群青"), "群青", ["2"]),
        (("Группа крови", "Кукушка"), "кукушка", ["2"]),
        (("Группа крови", "Кукушка"), "КУКУШКА!", ["2"]),
        (("Ελλάδα", "Αγάπη"), "αγαπη", AskBack((Option("o2", "Αγάπη", "2"),))),
        (("Stop", "Help"), "stop", ["1"]),  # behind VOTE
        (("???", "!!!"), "1", ["1"]),
        (("Yes", "No"), "yes", ["1"]),
        (("Yes", "No"), "no", ["2"]),
    ],
)
def test_awkward_names(labels: tuple[str, ...], text: str, expected: object) -> None:
    assert picked(round_of(*labels), text) == expected


def test_codes_of_letters() -> None:
    letters = VoteConfig("Left or right?", (Option("l", "Left", "A"), Option("r", "Right", "b2")))
    assert picked(letters, "a") == ["l"]
    assert picked(letters, "B2") == ["r"]


def test_two_options_of_one_name_are_asked_about() -> None:
    assert asked(round_of("Jam", "Drums", "Jam"), "jam") == ["1", "3"]


def test_these_rounds_can_be_opened() -> None:
    assert [problems(config) for config in ALL] == [[]] * len(ALL)


_SIGNS = "1|2|3|4|7|12|0|,| |and|or|+|-|=|>|#|/|no. |1⃣|2⃣"
_NAMES = "Blue Sky|blu sky|sugaree|river|Rock and Roll"
PIECES = st.sampled_from(f"{_SIGNS}|{_NAMES}".split("|"))


@given(st.sampled_from(ALL), st.one_of(st.lists(PIECES, max_size=8).map(" ".join), st.text()))
def test_what_is_chosen_is_always_a_ballot_that_the_round_takes(
    config: VoteConfig, text: str
) -> None:
    choice = said(config, text)
    if isinstance(choice, Chosen):
        assert checked_picks(config, choice.picks) == choice.picks
    if isinstance(choice, AskBack):
        assert 1 <= len(choice.options) <= 3
        assert set(choice.options) <= set(config.options)


@given(st.permutations(SONGS), st.data())
def test_every_full_name_and_every_code_is_heard(labels: list[str], data: st.DataObject) -> None:
    config = round_of(*labels)
    place = data.draw(st.integers(0, len(labels) - 1))
    assert picked(config, labels[place]) == [str(place + 1)]
    assert picked(config, str(place + 1)) == [str(place + 1)]
