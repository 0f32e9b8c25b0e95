"""Nobody repeats what was said lately."""

import random
import string

from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.phrases import LINES, SPECIALS, WRONG_TITLES

FIELDS = {"song", "next", "clock"}


def test_no_line_comes_again_while_others_are_left() -> None:
    book = Phrasebook(random.Random(1))
    lines = [book.line("any", clock="5") for _ in range(len(LINES["any"]))]
    assert None not in lines and len(set(lines)) == len(lines)
    assert book.line("any", clock="5") is None


def test_a_line_whose_field_is_missing_is_passed_over() -> None:
    book = Phrasebook(random.Random(1))
    assert all(
        "{" not in (book.line("segue", song="Loser") or "") for _ in range(len(LINES["segue"]))
    )


def test_every_line_is_short_and_asks_only_for_known_fields() -> None:
    every = [line for pool in (LINES, SPECIALS) for lines in pool.values() for line in lines]
    assert len(every) == len(set(every))
    for line in every:
        assert len(line) < 120
        assert {name for _, name, _, _ in string.Formatter().parse(line) if name} <= FIELDS


def test_slips_are_slips_of_songs_that_are_played() -> None:
    from loadtests.demo.night import barton_hall, songs_of

    titles = {song.title for song in songs_of(barton_hall())}
    assert set(WRONG_TITLES) <= titles
    assert all(wrong != right for right, wrong in WRONG_TITLES.items())
