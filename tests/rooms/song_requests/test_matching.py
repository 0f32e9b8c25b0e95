"""Which titles are merged, asked about or kept apart, on every title of the shipped archives.

``-s`` prints the tables of docs/decisions/requests.md.
"""

from __future__ import annotations

import lzma
from collections import Counter
from pathlib import Path
from random import Random

import pytest

import jobs.archive
from rooms.catalogue.names import normalised, title_key
from rooms.catalogue.packed import read_packed
from rooms.song_requests.matching import QueueIndex
from tests.rooms.song_requests.making import wish
from tests.rooms.song_requests.typing import typed

ARCHIVES = ("grateful-dead", "springsteen")
QUEUE = 50
"""Songs in a queue of a busy night."""


def songs_of(name: str) -> list[str]:
    """The titles of a shipped archive's songs, as they are written there."""
    path = Path(jobs.archive.__file__).parent / "data" / f"{name}.jsonl.xz"
    archive = read_packed(lzma.decompress(path.read_bytes()).splitlines())
    return [song.title for song in archive.songs]


@pytest.fixture(scope="module", params=ARCHIVES)
def titles(request: pytest.FixtureRequest) -> list[str]:
    """An artist's titles, each once."""
    return sorted({title_key(title): title for title in songs_of(request.param)}.values())


def of(titles: list[str]) -> QueueIndex:
    """A queue of these titles."""
    return QueueIndex(wish(number, title=title) for number, title in enumerate(titles))


def test_merged_are_spellings_of_one_song_only() -> None:
    """Titles that are different to the catalogue and the same to whoever types them."""
    merged: dict[str, set[str]] = {}
    for title in (title for name in ARCHIVES for title in songs_of(name)):
        merged.setdefault(title_key(title), set()).add(normalised(title))
    several = [sorted(spellings) for spellings in merged.values() if len(spellings) > 1]
    print(f"\n{len(merged)} titles; merged: {several}")
    assert len(several) == 9
    for spellings in several:
        letters = {"".join(filter(str.isalnum, one.replace("&", "and"))) for one in spellings}
        assert len(letters) == 1, spellings


def test_what_people_type_is_merged_or_asked_about(titles: list[str]) -> None:
    random = Random(7)
    made: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    keys = {title_key(title) for title in titles}
    for title in titles:
        others = random.sample(titles, QUEUE - 1)
        index = of([title, *(other for other in others if other != title)])
        for kind, text in typed(title, random).items():
            if not text.strip() or title_key(text) in keys - {title_key(title)}:
                continue  # a slip that makes the title of another song
            made[kind] += 1
            same = index.same(None, text, separate=False)
            assert same in ([], ["r0"])
            if not same and "r0" not in index.resembling(text, lambda _: True):
                missed[kind] += 1
    share = sum(missed.values()) / sum(made.values())
    print(f"\n{len(titles)} titles, {sum(made.values())} typed, missed {share:.3%}")
    for kind, count in sorted(made.items()):
        print(f"  {kind:<30} {count:>5} {missed[kind] / count:7.2%}")
    assert share < 0.02
    assert missed["one typing error"] / made["one typing error"] < 0.02
    assert missed["capitals and signs"] == missed["small letters"] == 0


def test_different_songs_are_seldom_asked_about(titles: list[str]) -> None:
    random = Random(3)
    asked = 0
    rounds = 300
    for _ in range(rounds):
        one, *others = random.sample(titles, QUEUE + 1)
        asked += bool(of(others).resembling(one, lambda _: True))
        assert of(others).same(None, one, separate=False) == []
    print(f"\nasked without need: {asked / rounds:.2%} of wishes in a queue of {QUEUE}")
    assert asked / rounds < 0.05


def test_languages_without_spaces_are_compared_by_their_letters() -> None:
    index = of(["上を向いて歩こう", "さくら", "すきやき"])
    assert index.same(None, "さくら", separate=False) == ["r1"]
    assert index.resembling("上を向いて歩こ", lambda _: True) == ["r0"]
    assert index.resembling("さ", lambda _: True) == []


def test_an_index_grows() -> None:
    index = of(["Ripple"])
    assert index.same(None, "Althea", separate=False) == []
    index.add(wish(7, "lee", title="Althea", song_id="s1"))
    assert index.same(None, "ALTHEA", separate=False) == ["r7"]
    assert index.same("s1", "whatever", separate=True) == ["r7"]
    assert index.same("s2", "Althea", separate=False) == []
    assert index.resembling("Althae", lambda one: one != "r7") == []
    assert index.by_author("p-lee") == []
    assert index.by_author("lee") == ["r7"]
