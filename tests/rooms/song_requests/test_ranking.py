"""Fairness: docs/decisions/requests.md, "The order"."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.song_requests.ranking import fair_order
from rooms.song_requests.requests import UNDECIDED, RequestStatus, SongRequest
from tests.rooms.song_requests.making import wish, wishes

Queue = tuple[list[SongRequest], dict[str, int]]
HAD = (RequestStatus.PLAYING, RequestStatus.PLAYED)


def order(requests: list[SongRequest], **support: int) -> list[str]:
    return [one.song_request_id for one in fair_order(requests, support)]


def test_everybodys_first_wish_comes_before_anybodys_second() -> None:
    queue = [wish(1, "ann"), wish(2, "ann"), wish(3, "ann"), wish(4, "bob"), wish(5, "cleo")]
    assert order(queue, r1=9, r2=90, r3=8, r4=1, r5=2) == ["r2", "r5", "r4", "r1", "r3"]


def test_support_decides_within_a_round_of_turns_then_who_asked_first() -> None:
    queue = [wish(1, "ann"), wish(2, "bob"), wish(3, "cleo")]
    assert order(queue, r1=1, r2=3, r3=3) == ["r2", "r3", "r1"]


def test_who_had_a_song_played_waits_behind_who_had_none() -> None:
    queue = [wish(1, "ann", status=RequestStatus.PLAYED), wish(2, "ann"), wish(3, "bob")]
    assert order(queue, r2=50, r3=1) == ["r3", "r2"]


def test_a_declined_wish_was_no_turn() -> None:
    queue = [wish(1, "ann", status=RequestStatus.DECLINED), wish(2, "ann"), wish(3, "bob")]
    assert order(queue, r2=50, r3=1) == ["r2", "r3"]


def turns_of(queue: list[SongRequest], ranked: list[SongRequest]) -> list[int]:
    """For each ranked request: the how manieth turn of its author it is."""
    had = Counter(one.participant_id for one in queue if one.status in HAD)
    turns = []
    for one in ranked:
        had[one.participant_id] += 1
        turns.append(had[one.participant_id])
    return turns


@settings(max_examples=150, deadline=None)
@given(wishes())
def test_nobodys_next_turn_comes_before_an_earlier_turn_of_somebody_else(queue: Queue) -> None:
    requests, support = queue
    ranked = fair_order(requests, support)
    turns = turns_of(requests, ranked)
    assert turns == sorted(turns)
    for (one, turn), (other, next_turn) in zip(
        zip(ranked, turns, strict=True),
        zip(ranked[1:], turns[1:], strict=True),
        strict=False,
    ):
        if turn == next_turn:
            liked, less = support[one.song_request_id], support[other.song_request_id]
            assert (-liked, one.number) < (-less, other.number)


@settings(max_examples=100, deadline=None)
@given(wishes(), st.randoms(use_true_random=False))
def test_the_order_depends_on_nothing_but_the_requests_and_their_support(
    queue: Queue, random: Random
) -> None:
    requests, support = queue
    shuffled = requests[:]
    random.shuffle(shuffled)
    ranked = fair_order(requests, support)
    assert fair_order(shuffled, support) == ranked
    assert sorted(one.number for one in ranked) == [
        one.number for one in requests if one.status in UNDECIDED
    ]


@settings(max_examples=100, deadline=None)
@given(wishes(), st.data())
def test_support_never_lowers_a_wish(queue: Queue, data: st.DataObject) -> None:
    requests, support = queue
    ranked = fair_order(requests, support)
    if not ranked:
        return
    chosen = data.draw(st.sampled_from(ranked))
    more = {**support, chosen.song_request_id: support[chosen.song_request_id] + 1}
    assert fair_order(requests, more).index(chosen) <= ranked.index(chosen)


@settings(max_examples=100, deadline=None)
@given(wishes())
def test_wishing_more_does_not_bring_ones_first_wish_forward(queue: Queue) -> None:
    requests, support = queue
    ranked = fair_order(requests, support)
    flood = [wish(1000 + extra, "ann") for extra in range(5)]
    after = fair_order([*requests, *flood], support)
    others = [one for one in ranked if one.participant_id != "ann"]
    assert [one for one in after if one in others] == others
    for one in others:
        ahead = {two.song_request_id for two in after[: after.index(one)]}
        turn = turns_of(requests, ranked)[ranked.index(one)]
        of_ann = [two for two in after if two.participant_id == "ann"]
        had = sum(two.status in HAD and two.participant_id == "ann" for two in requests)
        assert sum(two.song_request_id in ahead for two in of_ann) <= max(turn - had, 0)
