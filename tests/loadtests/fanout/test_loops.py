"""The loops that the fan-out is compared with do what they say, with a C compiler and without."""

from __future__ import annotations

import pytest

from loadtests.fanout import bare_loop
from loadtests.fanout.measured import FEW, Measured
from loadtests.fanout.sides import Start, bare_command, loop_process, send, transport_command
from rooms.fanout.framing import text_frame

FRAME = text_frame(b'{"name":"chat_posted"}')


@pytest.mark.parametrize("start", [bare_command, transport_command])
async def test_a_loop_sends_every_frame_to_everybody(start: Start) -> None:
    async with loop_process(start, 3, FRAME) as child:
        used = await send(child, 16, 8, paced=False)
        assert child.crowd.counted == 3 * 16
        assert child.crowd.sample == FRAME
        assert 0.0 < used < 60.0


async def test_without_a_compiler_python_does_it_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bare_loop, "compiled", lambda: None)
    assert "Python" in bare_loop.kind()
    async with loop_process(bare_command, 2, FRAME) as child:
        await send(child, 3, 1, paced=False)
        assert child.crowd.counted == 6


def test_the_fan_out_is_what_a_further_receiver_costs() -> None:
    measured = Measured(FEW + 100, 1, paced=False)
    measured.few = [2_000.0, 1_500.0]
    measured.product = [2_100.0, 2_300.0]
    measured.bare = [540.0, 600.0]
    assert measured.fanout_us == 6.0
    assert measured.bare_us == 5.0
