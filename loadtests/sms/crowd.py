"""Phones that join, confirm and vote, say things twice, and somebody who forges their texts."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from loadtests.sms.lines import Answer
from loadtests.sms.network import GOOD, Network
from loadtests.sms.signing import INBOUND, PUBLIC_URL, inbound_form, number_of, signature

CHANGES = 0.15
"""Share of phones that vote a second time, for something else."""
ARRIVES_WITHIN = 0.6
"""Share of the time within which everybody has joined; the rest is left to vote in."""
PAUSE_S = (0.3, 2.0)
"""Between two texts of one person."""
AGAIN_AFTER_S = (0.0, 3.0)
"""Until a duplicate."""


@dataclass(slots=True)
class Text:
    """One text and what it was answered."""

    sid: str
    body: str
    option: int = 0
    answers: list[Answer | None] = field(default_factory=list)

    @property
    def messages(self) -> list[str] | None:
        """What the phone got to read; ``None``: the text was not taken."""
        for answer in self.answers:
            if answer is not None and answer.status == GOOD:
                return [part.text or "" for part in ElementTree.fromstring(answer.body)]
        return None


@dataclass(slots=True)
class Phone:
    """Somebody with only a phone number."""

    number: str
    votes: list[Text] = field(default_factory=list)
    others: list[Text] = field(default_factory=list)

    @property
    def texts(self) -> list[Text]:
        """All that it sent."""
        return [*self.others, *self.votes]


@dataclass(slots=True)
class Plan:
    """How a crowd behaves; shares of texts."""

    options: int
    over_s: float
    join_code: str = ""
    duplicates: float = 0.05
    forged: float = 0.01


class PhoneCrowd:
    """The phones of one show.

    Attributes:
        forged: statuses that forged texts were answered with.
        problems: what should not have been.
    """

    def __init__(self, network: Network, plan: Plan, count: int, seed: int) -> None:
        self.phones = [Phone(number_of(n)) for n in range(count)]
        self.duplicates = 0
        self.forged: Counter[int] = Counter()
        self.forged_sids: list[str] = []
        self.problems: list[str] = []
        self._network = network
        self._plan = plan
        self._rng = random.Random(seed)
        self._run = f"{seed:08x}"[-8:]
        self._sids = 0
        self._later: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Everybody's evening, until all is answered."""
        await asyncio.gather(*(self._evening(phone) for phone in self.phones))
        await self.settled()

    async def settled(self) -> None:
        """Waits for what comes twice, or is forged."""
        while self._later:
            await asyncio.gather(*self._later)

    async def _evening(self, phone: Phone) -> None:
        rng = self._rng
        await asyncio.sleep(rng.uniform(0, self._plan.over_s * ARRIVES_WITHIN))
        joined = await self.send(phone, f"JOIN {self._plan.join_code}", phone.others)
        if joined.messages is None:
            return  # never in: whoever gets no answer tries later, in another evening
        await asyncio.sleep(rng.uniform(*PAUSE_S))
        await self.send(phone, "CONFIRM", phone.others)
        for option in self._intentions():
            await asyncio.sleep(rng.uniform(*PAUSE_S))
            await self.send(phone, self._worded(option), phone.votes, option)

    async def send(self, phone: Phone, body: str, kept: list[Text], option: int = 0) -> Text:
        """One text with its answer, and perhaps a duplicate and a forgery besides."""
        text = Text(self.new_sid(), body, option)
        kept.append(text)
        if self._rng.random() < self._plan.duplicates:
            self.duplicates += 1
            self._do(self._again(phone, text))
        if self._rng.random() < self._plan.forged:
            self._do(self._forge(phone))
        form = inbound_form(text.sid, phone.number, body)
        text.answers.append(await self._network.deliver(INBOUND, form))
        return text

    def new_sid(self) -> str:
        """A MessageSid that was never seen."""
        self._sids += 1
        return f"SM{self._run}{self._sids:024x}"

    def _intentions(self) -> Sequence[int]:
        options = self._rng.sample(range(1, self._plan.options + 1), 2)
        return options if self._rng.random() < CHANGES else options[:1]

    def _worded(self, option: int) -> str:
        return self._rng.choice(
            ("{}", "{}", "{}", "vote {}", "#{}", "Option {}", "{} please")
        ).format(option)

    async def _again(self, phone: Phone, text: Text) -> None:
        """The same text once more, at the same time or a while later."""
        await asyncio.sleep(self._rng.choice((0.0, self._rng.uniform(*AGAIN_AFTER_S))))
        await self.repeat(phone, text)

    async def repeat(self, phone: Phone, text: Text) -> None:
        """The same text once more, now."""
        form = inbound_form(text.sid, phone.number, text.body)
        text.answers.append(await self._network.deliver(INBOUND, form))

    async def _forge(self, phone: Phone) -> None:
        """A vote in somebody's name by somebody who has not the token."""
        sid = self.new_sid()
        form = inbound_form(sid, phone.number, str(self._rng.randint(1, self._plan.options)))
        self.forged_sids.append(sid)
        signed = self._rng.choice(
            ("", "bm90IGEgc2lnbmF0dXJlIGF0IGFsbA==", "é", self._stolen(phone))
        )
        answer = await self._network.deliver(INBOUND, form, signed=signed)
        self.forged[answer.status if answer is not None else 0] += 1

    def _stolen(self, phone: Phone) -> str:
        """A true signature of another form of the same phone."""
        return signature(PUBLIC_URL + INBOUND, inbound_form("SMother", phone.number, "1"))

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)
