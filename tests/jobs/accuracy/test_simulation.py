"""The simulation: the same every time, calibrated as wanted, and written down as it is."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from jobs.accuracy import simulate
from jobs.accuracy.simulate import QUICK
from jobs.accuracy.simulation.dice import Dice
from jobs.accuracy.simulation.experiments import (
    Bin,
    breaks_at,
    calibration_error,
    measure,
    reliability,
)
from jobs.accuracy.simulation.findings import BRIER_MAX, Findings, find_out
from jobs.accuracy.simulation.nights import nights
from jobs.accuracy.simulation.people import Gang
from jobs.accuracy.simulation.report import figure, tables
from jobs.accuracy.simulation.season import Caps, Judged
from jobs.archive.packaged import PackagedArchive
from rooms.accuracy.confidence import EntryState
from rooms.accuracy.rule import RULE_VERSION


@pytest.fixture(scope="module")
def found() -> Findings:
    """A quick run, once."""
    return find_out(QUICK)


def test_confidence_is_calibrated_as_wanted_in_the_stated_setting(found: Findings) -> None:
    assert found.stated.entries > 1_000
    assert found.stated.brier <= BRIER_MAX


def test_more_raters_are_right_more_often(found: Findings) -> None:
    for by_count in (found.newcomers, found.experienced):
        assert by_count[8].brier < by_count[1].brier
        assert by_count[8].right > by_count[1].right
    assert found.experienced[8].right > found.newcomers[8].right


def test_capping_known_clusters_keeps_a_majority_from_winning(found: Findings) -> None:
    half = next(one for one in found.attacks[Gang.AGED_ACCOUNTS] if one.share == 0.5)
    assert half.targets[Caps.NONE].wrong > 0.3
    assert half.targets[Caps.ALL].wrong < 0.05


def test_found_clusters_keep_a_tenth_of_new_accounts_from_making_the_truth_disputed(
    found: Findings,
) -> None:
    tenth = next(one for one in found.attacks[Gang.NEW_ACCOUNTS] if one.share == 0.1)
    assert tenth.targets[Caps.FOUND].right > tenth.targets[Caps.NONE].right
    assert found.honest_capped < 0.01


def test_sealed_nights_take_a_gangs_weight(found: Findings) -> None:
    first, last = found.persistent[0], found.persistent[-1]
    assert last.weight < 0.6 * first.weight


def test_a_run_is_the_same_every_time() -> None:
    season = nights(PackagedArchive.SPRINGSTEEN, 5)
    assert season == nights(PackagedArchive.SPRINGSTEEN, 5)
    assert Dice("seed").some(range(100), 10) == Dice("seed").some(range(100), 10)
    assert Dice("seed").some(range(100), 10) != Dice("other").some(range(100), 10)


def test_a_night_is_what_was_played_with_titles_that_were_not() -> None:
    for night in nights(PackagedArchive.GRATEFUL_DEAD, 10):
        true = {entry.title for entry in night.entries if entry.true}
        wrong = {entry.title for entry in night.entries if not entry.true}
        assert len(wrong) == round(len(true) / 4)
        assert not true & wrong


def test_what_is_measured_by_hand() -> None:
    some = [
        Judged(0.9, EntryState.CONFIRMED, true=True, raters=5),
        Judged(0.1, EntryState.STRUCK, true=False, raters=5),
        Judged(0.8, EntryState.CONFIRMED, true=False, raters=5),
        Judged(0.6, EntryState.DISPUTED, true=True, raters=1),
    ]
    got = measure(some)
    assert (got.right, got.wrong, got.leaning, got.raters) == (0.5, 0.25, 0.75, 4)
    assert (got.confirmed_wrong, got.struck_wrong) == (0.5, 0)
    assert got.brier == pytest.approx((0.01 + 0.01 + 0.64 + 0.16) / 4)
    assert [one.entries for one in reliability(some)] == [1, 1, 1, 1]
    assert calibration_error([Bin(3, 0.5, 1.0), Bin(1, 0.9, 0.9)]) == pytest.approx(0.375)
    assert breaks_at([(0.1, 0.01), (0.2, 0.06), (0.3, 0.5)]) == 0.2
    assert breaks_at([(0.1, 0.01)]) is None


def test_the_page_is_written_between_its_marks(found: Findings, tmp_path: Path) -> None:
    page = tmp_path / "accuracy.md"
    page.write_text(f"before\n{simulate.BEGIN}\nold\n{simulate.END}\nafter\n")
    simulate.write(found, tmp_path)
    text = page.read_text()
    assert tables(found) in text and "old" not in text
    assert text.startswith("before") and text.endswith("after\n")
    ElementTree.fromstring((tmp_path / "accuracy.svg").read_text())
    assert figure(found) == (tmp_path / "accuracy.svg").read_text()
    page.write_text("no place")
    with pytest.raises(ValueError, match="has no"):
        simulate.write(found, tmp_path)


def test_the_published_page_is_of_this_rule_and_keeps_to_its_promise() -> None:
    page = (simulate.DOCS / "accuracy.md").read_text()
    assert f"Rule version {RULE_VERSION}." in page
    published = re.search(r"\*\*Brier score (0\.\d+)\*\*", page)
    assert published is not None and float(published[1]) <= BRIER_MAX
