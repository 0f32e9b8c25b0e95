"""What is planned beforehand: the evening, arrivals, traces, and the size of a night."""

import random
from collections import Counter
from itertools import pairwise

import pytest

from loadtests.capacity.costs import Costs
from loadtests.capacity.model import BadNight, Night, size
from loadtests.scenarios import night_model
from loadtests.scenarios.arrivals import SHAPES, arrivals
from loadtests.scenarios.editing import BURST, moments
from loadtests.scenarios.traces import library
from loadtests.scenarios.traces.mapping import convert
from loadtests.wire import SetlistDocument


def test_everybody_comes_once_stays_and_leaves() -> None:
    starts = [song.minute for song in night_model.songs(random.Random(1))]
    assert len(starts) == 19
    for number in range(200):
        acts = night_model.evening(random.Random(number), starts)
        kinds = Counter(act.kind for act in acts)
        assert kinds["arrive"] == kinds["leave"] == 1
        assert acts[0].kind == "arrive" and acts[-1].kind == "leave"
        assert acts[-1].minute <= night_model.END


def test_an_evening_is_its_seed() -> None:
    assert night_model.evening(random.Random(3), [50.0]) == night_model.evening(
        random.Random(3), [50.0]
    )


@pytest.mark.parametrize("shape", list(SHAPES))
def test_arrivals_lie_within_their_window(shape: str) -> None:
    due = arrivals(500, 20.0, SHAPES[shape], random.Random(2))
    assert len(due) == 500 and due == sorted(due)
    assert due[0] >= 0 and due[-1] <= 20.0


def test_the_rush_is_a_rush() -> None:
    due = arrivals(4_000, 10.0, SHAPES["rush"], random.Random(2))
    assert sum(at < 2.0 for at in due) > 1.5 * sum(at > 8.0 for at in due)


@pytest.mark.parametrize("name", library.TRACES)
def test_a_packed_trace_can_be_carried_out(name: str) -> None:
    packed = library.packed(name)
    assert "CC BY 4.0" in packed.source
    edits = packed.edits[:400]
    assert [edit.at_ms for edit in edits] == sorted(edit.at_ms for edit in edits)
    setlist = SetlistDocument(random.Random(1))
    done = sum(library.carry_out(setlist, edit, "me") for edit in edits)
    assert done > 0.8 * len(edits)
    assert 0 < len(setlist.entries()) <= library.ENTRIES_MAX
    setlist.close()


def test_a_concurrent_trace_becomes_edits_of_lines() -> None:
    trace = {
        "endContent": "Dark Star\nRipple!",
        "txns": [
            {"parents": [], "agent": 0, "patches": [[0, 0, "Dark Star"]]},
            {"parents": [0], "agent": 1, "patches": [[9, 0, "\nRipple"]]},
            {"parents": [0], "agent": 0, "patches": [[4, 1, " "]]},
            {"parents": [1, 2], "agent": 1, "patches": [[16, 0, "!"]]},
        ],
    }
    writers, edits = convert(trace)
    assert writers == 2
    assert [(e.writer, e.kind, e.line) for e in edits if e.kind != "title"] == [(1, "add", 0)]
    assert edits[-1].title == "Ripple!" or any(e.title == "Ripple!" for e in edits)


def test_a_trace_that_does_not_end_as_it_says_is_not_taken() -> None:
    trace = {"endContent": "other", "txns": [{"patches": [[0, 0, "text"]]}]}
    with pytest.raises(ValueError, match="does not end"):
        convert(trace)


def test_a_traces_bursts_are_bounded_and_its_order_is_kept() -> None:
    edits = library.packed("sveltecomponent").edits[:200]
    due = moments(edits, 10.0, 20.0)
    assert due == sorted(due)
    gaps = [after - before for before, after in pairwise(due)]
    assert min(gaps) >= 1 / (BURST * 20.0) - 1e-9


def test_twice_the_fans_are_twice_the_egress_and_more_nodes() -> None:
    one = size(Night(fans=100_000, rooms=10), Costs())
    two = size(Night(fans=200_000, rooms=20), Costs())
    assert two.egress_gbit == pytest.approx(2 * one.egress_gbit)
    assert two.deliveries == pytest.approx(2 * one.deliveries)
    assert two.nodes > one.nodes
    assert one.nodes >= one.nodes_for_connections


def test_a_room_on_fewer_nodes_needs_less_of_redis() -> None:
    wide, narrow = size(Night(spread=24), Costs()), size(Night(spread=8), Costs())
    assert narrow.redis_gbit < wide.redis_gbit / 2
    assert narrow.nodes < wide.nodes


def test_where_every_node_hears_of_every_room_no_number_of_nodes_is_enough() -> None:
    with pytest.raises(BadNight, match="fewer nodes"):
        size(Night(spread=0), Costs())


def test_the_turns_of_one_room_have_an_end() -> None:
    found = size(Night(fans=50_000, rooms=1, spread=5), Costs())
    assert found.turns_busiest_room == Costs().turns_per_room


def test_figures_that_are_no_night_are_refused() -> None:
    with pytest.raises(BadNight):
        size(Night(rooms=0), Costs())
    with pytest.raises(BadNight):
        size(Night(state_rate=50), Costs())
