"""All cases, by family."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rooms import limits
from tests.server.conformance import closing, framing, utf8
from tests.server.conformance.case import Case

FAMILIES: dict[str, Callable[[], Iterable[Case]]] = {
    "Sizes": framing.sizes,
    "Masks": framing.masking,
    "Pings and pongs": framing.pings,
    "Reserved bits": framing.reserved_bits,
    "Reserved opcodes": framing.opcodes,
    "Fragments": framing.fragmentation,
    "UTF-8": utf8.utf8,
    "Closing": closing.closings,
    "Amounts": closing.amounts,
    "Floods": closing.floods,
}

CASES: dict[str, tuple[Case, ...]] = {name: tuple(make()) for name, make in FAMILIES.items()}

ROOM_TEXTS_MAX = limits.COMMANDS_BURST // 2
"""More at once is answered by a room at its own rate, as `rate_limited`."""


LONG_FAMILY = 150
ROOM_SHARE = 4
"""Of a family as long as that a room is shown each fourth case."""


def _fits_a_room(case: Case) -> bool:
    """Whether a room takes these messages as they are, and refuses them as no commands."""
    texts = [one.payload for one in case.messages if one.is_text]
    binaries = [one.payload for one in case.messages if not one.is_text]
    return (
        len(texts) <= ROOM_TEXTS_MAX
        and len(binaries) <= ROOM_TEXTS_MAX
        and all(len(payload) <= limits.TEXT_FRAME_BYTES_MAX for payload in texts)
        and all(payload.startswith(b"\x02\x00") for payload in binaries)
    )


def _for_a_room(cases: tuple[Case, ...]) -> Iterator[Case]:
    share = ROOM_SHARE if len(cases) >= LONG_FAMILY else 1
    return filter(_fits_a_room, cases[::share])


ROOM_CASES = tuple(case for cases in CASES.values() for case in _for_a_room(cases))
"""Those that are played in a room of a whole node."""
