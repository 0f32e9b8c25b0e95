"""Who sends, who receives and all else share no core while there are enough of them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from loadtests.fanout.placing import Places


@pytest.mark.parametrize(
    ("cores", "sender", "receiver", "others"),
    [
        ({0, 1, 2, 3}, {3}, {2}, {0, 1}),
        ({4, 6, 9}, {9}, {6}, {4}),
        ({0, 1}, {1}, {0}, {0}),
    ],
)
def test_cores_are_shared_out(
    cores: set[int], sender: set[int], receiver: set[int], others: set[int]
) -> None:
    places = Places(cores)
    assert (places.sender, places.receiver, places.others) == (sender, receiver, others)


def test_a_process_is_put_where_it_belongs_and_with_one_core_nowhere() -> None:
    here = os.sched_getaffinity(0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        Places([min(here)]).send(child.pid)
        assert os.sched_getaffinity(child.pid) == here
        places = Places.here()
        places.send(child.pid)
        assert os.sched_getaffinity(child.pid) == (places.sender if len(here) > 1 else here)
        child.communicate(b"\n")
    Places.here().send(child.pid)  # gone: nothing to be placed
