"""Names that look like another name, and those that only belong to another language."""

from __future__ import annotations

import itertools

import pytest

from server.shows.look_alikes import looks

FAKES = [
    ("Jerry Garcia", "Jеrry Garсiа"),  # Cyrillic е, с, а
    ("Jerry Garcia", "Јerry Gаrсіа"),  # Cyrillic Ј, а, с, і
    ("Jerry Garcia", "𝐉𝐞𝐫𝐫𝐲 𝐆𝐚𝐫𝐜𝐢𝐚"),
    ("Jerry Garcia", "Ｊｅｒｒｙ Ｇａｒｃｉａ"),
    ("Jerry Garcia", "Jerry  Garcia ⭐✔"),
    ("Jerry Garcia", "jerry_garcia"),
    ("Jerry Garcia", "Jérry García"),
    ("Jerry Garcia", "Jerry\u200b Gar\u00adcia"),
    ("Grateful Dead", "Gratefu1 Dead"),
    ("Grateful Dead", "GratefuI Dead"),
    ("Phil Lesh", "РΗΙL LΕЅΗ"),  # Cyrillic Р, Ѕ and Greek Η, Ι, Ε
    ("Phil Lesh", "PhiI Lesh"),
    ("Bob Weir", "B0b Weir"),
    ("Bob Weir", "Воb Wеіr"),  # Cyrillic В, о, е, і
    ("Mickey Hart", "rnickey Hart"),
    ("Νίκος", "Nικoς"),  # Latin N, o among Greek
    ("Сергей", "Cepгeй"),  # Latin C, e, p, e among Cyrillic
    ("Setroom", "Ѕеtrооm"),
]


@pytest.mark.parametrize(("name", "fake"), FAKES)
def test_what_looks_the_same_is_the_same(name: str, fake: str) -> None:
    assert not looks(name).isdisjoint(looks(fake))


ORDINARY = [
    *("Jerry", "Terry", "Gerry", "Bob", "Rob", "Phil", "Bill", "Anna", "Ana María", "Zoë", "Iris"),
    *("Сергей", "Анна Петрова", "Олександр", "Игорь", "Наташа", "Роза", "Тарас"),
    *("Νίκος", "Ελένη", "Γιώργος", "Σοφία", "Δημήτρης"),
    *("محمد", "فاطمة", "علي", "يوسف", "سارة", "نور"),
    *("דוד", "שרה", "יוסי", "נועה"),
    *("山田太郎", "佐藤花子", "王伟", "李娜", "김민준", "박서연"),
    *("राहुल", "प्रिया", "ศิริพร", "Nguyễn Văn An", "Trần Thị Bình", "Łukasz", "Jürgen", "Søren"),
    *("Rosa", "Pam", "Tapac Ivan", "Hatawa Ann", "o7", "1977", "Deadhead 77"),
]


def test_ordinary_names_of_all_languages_are_different_people() -> None:
    alike = [
        (one, other)
        for one, other in itertools.combinations(ORDINARY, 2)
        if not looks(one).isdisjoint(looks(other))
    ]
    assert alike == []


@pytest.mark.parametrize("name", ORDINARY)
def test_no_ordinary_name_looks_like_a_bands(name: str) -> None:
    stage = ("Grateful Dead", "The Band", "Jerry Garcia", "Phil Lesh", "Setroom", "U2", "Moby")
    assert all(looks(name).isdisjoint(looks(one)) for one in stage)


@pytest.mark.parametrize("name", ["", "⭐⭐⭐", "…", "🎸"])
def test_a_name_of_pictures_looks_like_no_name(name: str) -> None:
    assert looks(name) == frozenset()
