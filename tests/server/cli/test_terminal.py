"""What `setroom up` prints, and that printing never holds up what runs."""

import io
import threading
from pathlib import Path

import pytest
from rich.console import Console

from server.cli.demo import DemoShow, path_in, version_of, wait_for
from server.cli.terminal import LINES_WAITING_MAX, QuietConsole, Terminal
from server.settings import read_settings

SHOW = DemoShow("http://x", "http://x/shows/barton-hall", "crew@x.example", "pass word", "BART42")
SCREENS = DemoShow(
    *("http://x", "http://x/shows/barton-hall", "crew@x.example", "pass word", "BART42"),
    screen_url="http://x/screen/7#token-a",
    stage_url="http://x/stage/8#token-b",
)


def printed(*, demo: bool, show: DemoShow | None) -> str:
    output = io.StringIO()
    terminal = Terminal(Console(file=output, width=40, soft_wrap=True))
    terminal.welcome(read_settings({}, demo=demo), 3.2, show)
    terminal.close()
    return output.getvalue()


def test_the_newcomer_is_told_where_to_go_and_how_to_get_in() -> None:
    said = printed(demo=True, show=SHOW)

    # By the public address, whatever the demo itself calls the node.
    for text in ("http://localhost:8000/shows/barton-hall", "BART42", SHOW.crew_email, "pass word"):
        assert text in said
    assert "http://localhost:8000/panel" in said
    assert "Stage" not in said


def test_the_screens_of_the_demo_are_told_with_their_tokens() -> None:
    said = printed(demo=True, show=SCREENS)

    assert "http://localhost:8000/screen/7#token-a" in said
    assert "http://localhost:8000/stage/8#token-b" in said


def test_a_demo_that_did_not_open_is_not_passed_over() -> None:
    assert "has not opened" in printed(demo=True, show=None)
    assert "Demo" not in printed(demo=False, show=None)


def test_a_childs_line_is_printed_as_it_is() -> None:
    output = io.StringIO()
    terminal = Terminal(Console(file=output, width=120, soft_wrap=True))

    terminal.repeat("web", "[bold] is no markup here, [/nor] is this")
    terminal.close()

    assert output.getvalue() == "web    │ [bold] is no markup here, [/nor] is this\n"


def test_a_paused_terminal_holds_nobody_up() -> None:
    go_on = threading.Event()

    class Paused(io.StringIO):
        def write(self, text: str) -> int:
            go_on.wait(30)
            return super().write(text)

    output = Paused()
    terminal = Terminal(Console(file=output, width=120, soft_wrap=True))
    for number in range(LINES_WAITING_MAX * 3):
        terminal.repeat("web", f"line {number}")
    go_on.set()
    terminal.close()
    lines = output.getvalue().splitlines()

    assert lines[0].endswith("line 0")
    assert len(lines) <= LINES_WAITING_MAX + 2


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_reading_is_no_reason_to_end() -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    terminal = Terminal(QuietConsole(file=Broken()))
    for _ in range(3):
        terminal.step("something")
    terminal.close()

    assert not terminal._printer.is_alive()


async def test_the_demos_file_of_an_earlier_start_is_not_taken_for_this_ones(
    tmp_path: Path,
) -> None:
    file = path_in(tmp_path)
    file.write_text("{}")
    looks = iter([True, True, False])

    assert await wait_for(file, version_of(file), lambda: next(looks)) is None


@pytest.mark.parametrize("unfinished", ["", '{"url": "http'])
async def test_a_half_written_file_is_read_again(tmp_path: Path, unfinished: str) -> None:
    file = path_in(tmp_path)
    before = version_of(file)
    file.write_text(unfinished)
    looks = 0

    def is_running() -> bool:
        nonlocal looks
        looks += 1
        if looks == 2:
            file.write_text(
                '{"url": "http://x", "show_url": "http://x/shows/barton-hall", "crew_email": '
                '"crew@x.example", "crew_password": "pass word", "join_code": "BART42"}'
            )
        return True

    assert await wait_for(file, before, is_running) == SHOW
