"""What a scenario says: what is set up, what the crowd does, what the crew does, what must hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

import aiohttp
from msgspec import Struct

from loadtests.kit.address import Address
from loadtests.kit.player import Player
from loadtests.kit.timeline import Timeline
from loadtests.kit.watch import Watch
from loadtests.wire import ApiClient

Options = TypeVar("Options", bound=Struct)
Share = TypeVar("Share", bound=Struct)
Finding = TypeVar("Finding", bound=Struct)

DETAIL_CHARACTERS_MAX = 500


class Check(Struct, frozen=True):
    """A promise, and whether it was kept."""

    promise: str
    held: bool
    detail: str = ""


def check(promise: str, held: bool, detail: str = "") -> Check:
    """A check with its detail cut to a readable length."""
    return Check(promise, held, detail[:DETAIL_CHARACTERS_MAX])


def equal(promise: str, found: object, expected: object) -> Check:
    """Whether two things are the same; both are shown where they are not."""
    if found == expected:
        return check(promise, True, f"{found:,}" if isinstance(found, int) and found else "")
    return check(promise, False, f"found {found}, expected {expected}")


def nothing_wrong(promise: str, wrong: Sequence[str]) -> Check:
    """Whether a list of what went wrong is empty; the first ones are shown."""
    shown = "; ".join(wrong[:3])
    return check(promise, not wrong, f"{len(wrong)} times: {shown}" if wrong else "")


@dataclass
class Stage:
    """What the crew's side of a run has.

    Attributes:
        address: the server.
        crew: an account that may make and drive shows.
        timeline: what the generators have measured so far.
        watch: the server's memory and CPU, as far as they can be known.
        environment: settings of an own server; empty where it is somebody else's.
        say: a line for whoever watches.
        tell: something for every generator process.
        figures: what the run found out beside latencies, by name, for the result.
        notes: what the reader of the result has to know.
    """

    address: Address
    session: aiohttp.ClientSession
    crew: ApiClient
    seed: int
    processes: int
    timeline: Timeline
    watch: Watch
    own_server: bool
    say: Callable[[str], None]
    tell: Callable[[str, str], None] = lambda topic, body: None
    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    started_at: float = float("inf")


class Scenario(ABC, Generic[Options, Share, Finding]):
    """One kind of load. A run makes one object in its own process and one in each generator.

    Attributes:
        name: on the command line.
        title: above view and report.
        operations: what is measured, by name, in words.
        headline: the operations whose latencies are plotted first.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    operations: ClassVar[Mapping[str, str]]
    headline: ClassVar[tuple[str, ...]]
    options_type: type[Options]
    share_type: type[Share]
    finding_type: type[Finding]

    def __init__(self, options: Options) -> None:
        self.options = options

    def processes(self) -> int:
        """Generator processes that this load needs."""
        return 1

    def seconds(self) -> float:
        """About how long the measured part takes."""
        return 0.0

    watches_growth: ClassVar[bool] = False
    """Whether the server's memory has to be flat."""

    def warm_up_s(self) -> float:
        """Seconds after which memory is looked at."""
        return 0.0

    @asynccontextmanager
    async def surroundings(self, seed: int, own: bool) -> AsyncIterator[Mapping[str, str]]:
        """What has to be there before the server is; gives settings for an own one.

        Args:
            seed: of the run.
            own: whether the server is one of the run's own.
        """
        yield {}

    @abstractmethod
    async def prepare(self, stage: Stage) -> list[Share]:
        """Sets the stage; returns each process's share."""

    @abstractmethod
    async def play(self, player: Player, share: Share) -> Finding:
        """In a generator process: a part of the crowd. Calls ``player.ready()`` once."""

    async def conduct(self, stage: Stage) -> None:
        """The crew's part, from the start on; cancelled when all crowds have finished."""

    @abstractmethod
    async def judge(self, stage: Stage, findings: list[Finding]) -> list[Check]:
        """Afterwards: what must hold."""
