"""Who is counted as one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from rooms.accuracy.clusters import Rater, find_clusters

DOORS = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)
ENTRIES = [f"e{at}" for at in range(20)]
WRONG = ENTRIES[:8]


def crowd(
    people: int, seed: int = 1, *, accuracy: float = 0.9, spread_s: float = 600
) -> list[Rater]:
    """People who judge for themselves, all made while they waited at the doors."""
    dice = random.Random(seed)
    return [
        Rater(
            account_id=f"a{at:04d}",
            made_at=DOORS + timedelta(seconds=dice.random() * spread_s),
            ratings={
                entry: (-1 if entry in WRONG else 1) * (1 if dice.random() < accuracy else -1)
                for entry in ENTRIES
                if dice.random() < 0.7
            },
        )
        for at in range(people)
    ]


def gang(people: int, *, made_at: datetime, apart_s: float, name: str = "x") -> list[Rater]:
    """People who say one thing: that what is wrong is right."""
    return [
        Rater(
            account_id=f"{name}{at:03d}",
            made_at=made_at + timedelta(seconds=at * apart_s),
            ratings=dict.fromkeys(WRONG, 1),
        )
        for at in range(people)
    ]


def test_one_device_is_one_cluster() -> None:
    raters = [
        Rater("a", DOORS, "phone"),
        Rater("b", DOORS + timedelta(days=9), "phone"),
        Rater("c", DOORS, "tablet"),
        Rater("d", DOORS),
    ]
    found = find_clusters(raters)
    assert found.keys() == {"a", "b"}
    assert found["a"] == found["b"]


def test_one_account_that_came_twice_is_a_cluster() -> None:
    found = find_clusters([Rater("a", DOORS), Rater("a", DOORS), Rater("b", DOORS)])
    assert found.keys() == {"a"}


def test_a_crowd_made_at_the_doors_is_no_cluster() -> None:
    for seed in range(5):
        assert len(find_clusters(crowd(150, seed))) <= 4


def test_a_crowd_that_agrees_on_everything_is_no_cluster() -> None:
    assert find_clusters(crowd(100, accuracy=1.0)) == {}


def test_those_who_dissent_together_are_one_cluster_although_made_apart() -> None:
    hostile = gang(20, made_at=DOORS - timedelta(days=400), apart_s=86_400)
    found = find_clusters([*crowd(150), *hostile])
    assert {found.get(one.account_id) for one in hostile} == {found["x000"]}
    honest = [account for account in found if account.startswith("a")]
    assert len(honest) <= 4


@pytest.mark.parametrize(("apart_s", "found"), [(20.0, 3), (86_400.0, 0)])
def test_accounts_made_together_need_less_common_dissent(apart_s: float, found: int) -> None:
    hostile = [
        Rater(one.account_id, one.made_at, ratings=dict.fromkeys(WRONG[:5], 1))
        for one in gang(3, made_at=DOORS - timedelta(days=90), apart_s=apart_s)
    ]
    clusters = find_clusters([*crowd(150), *hostile])
    assert sum(account.startswith("x") for account in clusters) == found


def test_accounts_made_together_that_do_not_move_together_are_no_cluster() -> None:
    quiet = [
        Rater(f"q{at}", DOORS - timedelta(days=90, seconds=at), ratings={entry: 1})
        for at, entry in enumerate(ENTRIES[8:14])
    ]
    assert not any(account.startswith("q") for account in find_clusters([*crowd(150), *quiet]))


def test_a_known_cluster_stays_and_takes_in_new_members_under_its_key() -> None:
    raters = [
        Rater("b", DOORS, "phone", cluster="c-old"),
        Rater("c", DOORS, cluster="c-old"),
        Rater("a", DOORS, "phone"),
    ]
    assert find_clusters(raters) == dict.fromkeys(("a", "b", "c"), "c-old")


def test_a_known_member_who_is_here_alone_is_in_no_cluster() -> None:
    assert find_clusters([Rater("b", DOORS, cluster="c-old"), Rater("c", DOORS)]) == {}


def test_the_order_of_raters_does_not_matter() -> None:
    raters = [*crowd(60), *gang(12, made_at=DOORS - timedelta(days=90), apart_s=5)]
    found = find_clusters(raters)
    for seed in range(3):
        shuffled = list(raters)
        random.Random(seed).shuffle(shuffled)
        assert find_clusters(shuffled) == found


def test_many_new_guests_do_not_make_the_others_a_gang() -> None:
    """Fifty guests say the opposite of what thirty people of good record say: by heads the
    thirty are few, but they weigh more."""
    records = [
        Rater(one.account_id, one.made_at, weight=2.5, ratings=one.ratings) for one in crowd(30)
    ]
    opposite = {entry: 1 if entry in WRONG else -1 for entry in ENTRIES}
    guests = [
        Rater(f"x{at:03d}", DOORS + timedelta(seconds=10 * at), weight=0.5, ratings=opposite)
        for at in range(50)
    ]
    found = find_clusters([*records, *guests])
    assert not any(account.startswith("a") for account in found)


def test_a_few_heavy_accounts_do_not_make_the_others_a_gang() -> None:
    heavy = [
        Rater(one.account_id, one.made_at, weight=3.0, ratings=one.ratings)
        for one in gang(15, made_at=DOORS - timedelta(days=400), apart_s=86_400)
    ]
    light = [
        Rater(one.account_id, one.made_at, weight=0.5, ratings=one.ratings) for one in crowd(60)
    ]
    found = find_clusters([*light, *heavy])
    assert not any(account.startswith("a") for account in found)


def test_people_who_err_on_the_same_hard_entries_are_no_cluster() -> None:
    dice = random.Random(5)
    hard = ENTRIES[:6]
    raters = [
        Rater(
            one.account_id,
            one.made_at,
            ratings={
                entry: (1 if dice.random() < 0.45 else -1) if entry in hard else value
                for entry, value in one.ratings.items()
            },
        )
        for one in crowd(150, accuracy=0.8)
    ]
    assert len(find_clusters(raters)) <= 3


def test_raters_beyond_one_block_are_compared_like_the_others() -> None:
    hostile = gang(30, made_at=DOORS - timedelta(days=400), apart_s=86_400)
    found = find_clusters([*crowd(1_200), *hostile])
    assert {found.get(one.account_id) for one in hostile} == {found["x000"]}
    assert sum(account.startswith("a") for account in found) <= 3
