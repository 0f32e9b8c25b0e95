"""What follows a close, by code."""

import random

import pytest

from loadtests.wire.reconnect import Retry, Stop, after


@pytest.mark.parametrize("code", [1001, 1006, 1011, 1013, 4000, 4008, 4029, 4399])
def test_these_codes_bring_the_client_back(code: int) -> None:
    assert isinstance(after(code, "", 0, random.Random(1), welcomed=True), Retry)


@pytest.mark.parametrize("code", [4403, 4404, 4410, 4413])
def test_these_codes_keep_it_away(code: int) -> None:
    assert after(code, "why", 0, random.Random(1), welcomed=True) == Stop(code, "why")


def test_a_restart_spreads_the_clients_over_the_time_it_names() -> None:
    rng = random.Random(1)
    delays = [after(1012, "reconnect within 8 s", 0, rng, welcomed=True) for _ in range(200)]
    seconds = [delay.delay_s for delay in delays if isinstance(delay, Retry)]
    assert len(seconds) == 200 and min(seconds) < 1.5 and 6.5 < max(seconds) <= 8.2


def test_an_expired_ticket_is_renewed_but_not_for_ever() -> None:
    rng = random.Random(1)
    assert after(4401, "", 0, rng, welcomed=True) != Stop(4401, "")
    assert after(4401, "", 5, rng, welcomed=False) == Stop(4401, "")


def test_the_wait_grows_and_is_bounded() -> None:
    rng = random.Random(1)
    waits = [after(1006, "", attempt, rng, welcomed=False) for attempt in range(40)]
    seconds = [wait.delay_s for wait in waits if isinstance(wait, Retry)]
    assert seconds[0] < 0.5 and seconds[10] > 3.0 and max(seconds) <= 15.0
