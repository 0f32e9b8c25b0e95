"""Makes docs/conformance.md of the table.

``python -m tests.server.conformance.page --write`` writes it; without it says whether it is fresh.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.server.conformance.case import Case
from tests.server.conformance.handshake import Handshake, handshakes
from tests.server.conformance.table import CASES, ROOM_CASES

PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"

_INTRODUCTION = """\
# Conformance with RFC 6455

Generated from the table in `tests/server/conformance`; do not edit it here, but run
`python -m tests.server.conformance.page --write`. Every line is played by
`tests/server/conformance/test_conformance.py`, through raw sockets, byte for byte: the exact
messages, pongs and close frame must come, nothing else, and then the end of the connection.

It stands in for the [Autobahn suite](https://github.com/crossbario/autobahn-testsuite), whose
families 1 to 10 have 301 cases and need a Python that is no longer made. There are {count:,} cases
here, {handshakes} of them handshakes.

They are played at these doors:

| door | what it is | cases |
|---|---|---:|
| server | the server of `setroom serve` around an application that echoes | {count:,} |
| short way | the same, called with each message as rooms are (`server/egress/inlet.py`) | {wire} |
| TLS | the same under TLS, every third case | {tls} |
| fallback | uvicorn's own protocol, where uvicorn is another than known; not **f** | {fallback} |
| room | a whole node with PostgreSQL and Valkey, in a live room: those marked **r** | {room} |

**f**: uvicorn's own protocol answers later or by another code (`server/egress/select.py`).
**r**: in a room a text that is no command is answered by a `reject`, which names the id in it and
so shows that it came whole.

In a room, beyond the RFC: a text of more than 16 KiB closes with 4413, one without the subprotocol
with 4403, and a binary message that is not y-websocket's with 1007 (`docs/protocol.md`).

What is deliberately otherwise than some expect:

- **4413 for 1009** where a message is too large (section 7.4.2 leaves 4000 to 4999 to
  applications): stock providers reconnect after 1009, and would send the same message for ever;
  from 4400 on they stay away.
- **No extension** is agreed upon, whatever is offered (section 9.1 allows that).
- **Invalid UTF-8 is noticed with the frame** that it is in, not within it: frames are small, and
  a message is not waited for.
- **1008** for more than {burst} pings or pongs at once and {rate} a second after that, and **4413**
  for a message in more than {fragments:,} frames: they cost their sender nothing.

"""


def page() -> str:
    """The whole page."""
    from rooms import limits

    every = [case for cases in CASES.values() for case in cases]
    shakes = list(handshakes())
    head = _INTRODUCTION.format(
        count=len(every) + len(shakes),
        handshakes=len(shakes),
        wire=len(every),
        tls=len(every[::3]),
        fallback=sum(one.everywhere for one in [*every, *shakes]),
        room=len(ROOM_CASES),
        burst=limits.CONTROL_FRAMES_BURST,
        rate=limits.CONTROL_FRAMES_PER_SECOND,
        fragments=limits.FRAGMENTS_MAX,
    )
    lines = [head, *_handshakes(shakes)]
    for number, (name, cases) in enumerate(CASES.items(), start=1):
        lines += _family(number, name, cases)
    return "\n".join(lines).rstrip() + "\n"


def _handshakes(shakes: Iterable[Handshake]) -> Iterator[str]:
    yield "## 0. Handshakes\n"
    yield "| | section | request | answer | |"
    yield "|---|---|---|---|---|"
    for number, one in enumerate(shakes, start=1):
        answer = [str(one.status)]
        answer += [f"`{name}: {text}`" for name, text in one.has.items() if one.status != 101]
        answer += [
            f"`{name}: {text}`" for name, text in one.has.items() if name.endswith("-protocol")
        ]
        answer += [f"no `{name}`" for name in one.lacks]
        cells = (one.section, f"`{_cell(one.title)}`", ", ".join(answer))
        yield _row(f"0.{number}", *cells, _remark(one.remark, one.everywhere, False))
    yield ""


def _family(number: int, name: str, cases: Iterable[Case]) -> Iterator[str]:
    yield f"## {number}. {name}\n"
    yield "| | section | case | answer | |"
    yield "|---|---|---|---|---|"
    for at, case in enumerate(cases, start=1):
        remark = _remark(case.remark, case.everywhere, case in ROOM_CASES)
        yield _row(f"{number}.{at}", case.section, _cell(case.title), _answer(case), remark)
    yield ""


def _answer(case: Case) -> str:
    parts = []
    if case.messages:
        parts.append("the message" if len(case.messages) == 1 else f"{len(case.messages)} messages")
    if case.pongs:
        parts.append("a pong" if len(case.pongs) == 1 else f"{len(case.pongs)} pongs")
    parts.append("close" if case.code is None else f"close {case.code}")
    return ", ".join(parts)


def _remark(remark: str, everywhere: bool, in_room: bool) -> str:
    marks = [mark for mark, is_on in (("**f**", not everywhere), ("**r**", in_room)) if is_on]
    return " ".join([*marks, _cell(remark)]).strip()


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(page())
    else:
        sys.exit(PAGE.read_text() != page())
