"""Which options are suspected, and which crowds are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.rounds.scrutiny import VoterKind, VoterKindCount, suspicions


def counted(kind: VoterKind, **options: int) -> VoterKindCount:
    return VoterKindCount(kind, sum(options.values()), 0, options)


def test_an_option_that_newcomers_were_sent_for_is_suspected() -> None:
    crowd = counted(VoterKind.GUEST, o1=2_400, o2=1_600)
    (found,) = suspicions([crowd, counted(VoterKind.NEWCOMER, o1=12, o2=988)])
    assert (found.option_id, found.newcomers) == ("o2", 988)
    assert (found.newcomers_share, found.others_share) == (0.988, 0.4)
    assert found.deviations > 30


def test_ten_thousand_late_fans_with_everybodys_taste_are_not() -> None:
    crowd = counted(VoterKind.CHECKED_IN, o1=60, o2=40)
    late = counted(VoterKind.NEWCOMER, o1=6_000, o2=4_000)
    assert suspicions([crowd, late]) == []


def test_a_first_round_in_which_everybody_is_new_says_nothing() -> None:
    assert suspicions([counted(VoterKind.NEWCOMER, o1=0, o2=10_000)]) == []
    few = counted(VoterKind.ACCOUNT, o1=29)
    assert suspicions([few, counted(VoterKind.NEWCOMER, o2=10_000)]) == []


def test_what_newcomers_avoid_is_not_suspected() -> None:
    crowd = counted(VoterKind.GUEST, o1=500, o2=500)
    late = counted(VoterKind.NEWCOMER, o1=100, o2=900)
    assert [one.option_id for one in suspicions([crowd, late])] == ["o2"]


def test_the_clearest_comes_first() -> None:
    crowd = counted(VoterKind.GUEST, o1=800, o2=100, o3=100)
    late = counted(VoterKind.NEWCOMER, o1=100, o2=600, o3=300)
    assert [one.option_id for one in suspicions([crowd, late])] == ["o2", "o3"]


@given(
    share=st.integers(1, 99), crowd=st.integers(1, 5_000), late=st.integers(1, 5_000)
)  # fmt: skip
def test_the_same_taste_is_never_suspected(share: int, crowd: int, late: int) -> None:
    def of(kind: VoterKind, amount: int) -> VoterKindCount:
        return counted(kind, o1=share * amount, o2=(100 - share) * amount)

    assert suspicions([of(VoterKind.GUEST, crowd), of(VoterKind.NEWCOMER, late)]) == []
