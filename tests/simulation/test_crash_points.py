"""A process dies wherever it is told to, and every promise is kept all the same."""

from __future__ import annotations

from pathlib import Path

from tests.simulation.crash_points import DIED, WAITED, DieAt, await_at, die_at
from tests.simulation.night import run_night
from tests.simulation.runner import replay_command
from tests.simulation.sweep import chosen, look, sweep

SEEDS = (3, 9)


def test_a_night_that_is_watched_is_the_same_night() -> None:
    for seed in SEEDS:
        assert run_night(seed, crash_points=True).digest == run_night(seed).digest


def test_a_process_dies_at_every_await_that_these_nights_wait_at() -> None:
    waits = look(SEEDS, jobs=1)
    assert len(waits) > 40
    assert any(place.startswith("rooms/turns.py") for place in waits)
    assert any(place.startswith("server/rooms/socket.py") for place in waits)
    failures: list[object] = []
    summary = sweep(waits, 1, 1, progress=lambda *_: None, failed=failures.append)
    assert not failures
    missed = [place for place in waits if not summary.counts[DIED + place]]
    assert not missed
    assert all(summary.counts[WAITED + place] for place in waits)


def test_the_same_places_are_chosen_again() -> None:
    waits = {"rooms/turns.py:1": [(1, 5), (2, 7)], "rooms/room.py:2": [(1, 1)]}
    picked = chosen(waits, 3)
    assert picked == chosen(waits, 3)
    assert {place.place for _, place in picked} == set(waits)
    assert all(1 <= place.wait <= 7 for _, place in picked)


def test_a_place_is_written_as_it_is_read() -> None:
    place = DieAt("rooms/turns.py", 3)
    assert die_at(str(place)) == place
    assert replay_command(7, place) == "make simulate SEED=7 ARGS='--die-at rooms/turns.py@3'"


def test_a_line_belongs_to_its_innermost_await() -> None:
    source = run_night.__code__.co_filename.replace("night.py", "database_session.py")
    numbered = list(enumerate(Path(source).read_text().splitlines(), 1))
    head = next(n for n, line in numbered if "async with asyncio.timeout" in line)
    inside = next(n for n, line in numbered if "request = await self._requests.get()" in line)
    ends = await_at(source, inside)
    assert ends is not None
    assert ends.endswith(f":{inside}")
    assert await_at(source, head) != ends
    assert await_at(source, 1) is None
