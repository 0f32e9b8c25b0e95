"""Fans without the app: phones that join, confirm and vote by signed webhooks of the carrier.

All phones join and confirm; then votes come at a rate, open loop: a text is due at its moment
whatever became of the one before. Some texts come twice, some are forged. Every text must be
answered, every forged one refused, and the closed round must count what each phone was last told
was accepted. An own server gets a carrier of the kit's own; against another one say its number,
its account, the token that signs and its public address.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.pacing import steady
from loadtests.kit.player import Player
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal, nothing_wrong
from loadtests.scenarios.lines import first_of, share_of
from loadtests.sms import signing
from loadtests.sms.carrier import running_carrier
from loadtests.sms.crowd import Phone, PhoneCrowd, Plan, Text
from loadtests.sms.lines import Answer, Lines
from loadtests.sms.network import GOOD, Network
from loadtests.sms.recount import is_accepted, option_id

OPTIONS = 6
AT_ONCE = 48
TEXTS_PER_PROCESS = 500
PROCESSES_MAX = 4
REFUSED = 403


class TextsOptions(Struct, frozen=True):
    """How much of what, and whose number."""

    phones: Annotated[int, Meta(description="Phones.", ge=1)] = 500
    rate: Annotated[float, Meta(description="Votes a second.", gt=0)] = 200.0
    seconds: Annotated[float, Meta(description="How long they vote.", gt=0)] = 10.0
    duplicates: Annotated[float, Meta(description="Share of texts that come twice.")] = 0.02
    forged: Annotated[float, Meta(description="Share of texts forged besides.")] = 0.01
    number: Annotated[str, Meta(description="With --url: the number texts go to.")] = signing.NUMBER
    account: Annotated[str, Meta(description="With --url: the account's SID.")] = signing.ACCOUNT
    token: Annotated[str, Meta(description="With --url: the token that signs.")] = ""
    public_url: Annotated[str, Meta(description="With --url: SETROOM_PUBLIC_URL there.")] = (
        signing.PUBLIC_URL
    )


class TextsShare(Struct, frozen=True):
    """One process's part."""

    phones: int
    first: int
    rate: float
    join_code: str


class TextsFinding(Struct, frozen=True):
    """What the phones were told."""

    texts: int
    accepted: dict[str, int]
    phones_accepted: int
    unanswered: int
    odd: list[str]
    twofold: list[str]
    forged: dict[str, int]


class Texts(Scenario[TextsOptions, TextsShare, TextsFinding]):
    """See the module."""

    name: ClassVar[str] = "sms"
    title: ClassVar[str] = "Texts: votes of phones"
    operations: ClassVar = {
        "vote by text": "a vote, from its due moment to the answer (durable)",
        "JOIN": "joining the show, 48 at a time",
        "CONFIRM": "confirming it, 48 at a time",
    }
    headline: ClassVar = ("vote by text",)
    options_type = TextsOptions
    share_type = TextsShare
    finding_type = TextsFinding

    def processes(self) -> int:
        """By texts a second: a signature and a request each."""
        return min(PROCESSES_MAX, 1 + int(self.options.rate / TEXTS_PER_PROCESS))

    def seconds(self) -> float:
        """Of the voting."""
        return self.options.seconds

    @asynccontextmanager
    async def surroundings(self, seed: int, own: bool) -> AsyncIterator[Mapping[str, str]]:
        """An own server needs a carrier."""
        if not own:
            yield {}
            return
        async with running_carrier(seed) as carrier:
            yield signing.settings(carrier.url)

    async def prepare(self, stage: Stage) -> list[TextsShare]:
        """A show that takes texts, with a round."""
        show = await setting.live_show(stage.crew, "By text", takes_sms=True)
        config = setting.single_choice(OPTIONS, visibility="on_close", channels=("web", "sms"))
        self._round_id = await setting.open_round(stage.crew, str(show["id"]), config)
        n = stage.processes
        return [
            TextsShare(
                share_of(self.options.phones, n, number),
                first_of(self.options.phones, n, number),
                self.options.rate / n,
                str(show["join_code"]),
            )
            for number in range(n)
        ]

    async def play(self, player: Player, share: TextsShare) -> TextsFinding:
        """Texts."""
        address = player.address
        options = self.options
        wire = _Wire(
            Lines(address.port, address.host, address.context()),
            number=options.number,
            account=options.account,
            public_url=options.public_url,
            token=options.token or signing.TOKEN,
        )
        plan = Plan(OPTIONS, 0.0, share.join_code, options.duplicates, options.forged)
        crowd = PhoneCrowd(wire, plan, 0, player.rng.getrandbits(32))
        numbers = range(share.first, share.first + share.phones)
        crowd.phones = [Phone(signing.number_of(number)) for number in numbers]
        voting = _Voting(player, crowd)
        await voting.everybody(f"JOIN {share.join_code}")
        await voting.everybody("CONFIRM")
        await player.ready()
        await player.pace(steady(share.rate, options.seconds), voting.vote)
        await voting.over()
        await wire.close()
        return voting.found()

    async def judge(self, stage: Stage, findings: list[TextsFinding]) -> list[Check]:
        """The recount."""
        result = await setting.close_round(stage.crew, self._round_id)
        counted = {k: int(v) for k, v in result["options"].items() if v}
        accepted: Counter[str] = Counter()
        forged: Counter[str] = Counter()
        for finding in findings:
            accepted.update(finding.accepted)
            forged.update(finding.forged)
        phones = sum(finding.phones_accepted for finding in findings)
        stage.figures |= {
            "texts": sum(finding.texts for finding in findings),
            "phones with a ballot": phones,
        }
        return [
            equal("the result counts each phone's last accepted vote", counted, dict(accepted)),
            equal("as many voters as phones that voted", int(result["voters"]), phones),
            equal("every text was answered", sum(f.unanswered for f in findings), 0),
            nothing_wrong("votes were answered as votes", [o for f in findings for o in f.odd]),
            nothing_wrong(
                "a text that came twice was answered the same",
                [t for f in findings for t in f.twofold],
            ),
            check(
                "every forged text was refused",
                set(forged) <= {str(REFUSED)},
                f"{forged.total()} with {dict(forged)}",
            ),
        ]


class _Wire(Network):
    """The carrier's way to a server that may be anybody's."""

    def __init__(
        self, lines: Lines, *, number: str, account: str, public_url: str, token: str
    ) -> None:
        super().__init__((lines.port,), lines=[lines], public_url=public_url, token=token)
        self._ours = {"To": number, "AccountSid": account}

    async def deliver(
        self, path: str, form: dict[str, str], *, signed: str | None = None
    ) -> Answer | None:
        """With that server's number and account."""
        return await super().deliver(path, form | self._ours, signed=signed)


class _Voting:
    """The texts of one process."""

    def __init__(self, player: Player, crowd: PhoneCrowd) -> None:
        self._player = player
        self._crowd = crowd
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._next = 0

    async def everybody(self, body: str) -> None:
        """The same text by all phones.

        Raises:
            RuntimeError: one was not taken.
        """
        gate = asyncio.Semaphore(AT_ONCE)
        word = body.split()[0]

        async def one(phone: Phone) -> None:
            async with gate:
                began = time.monotonic()
                text = await self._crowd.send(phone, body, phone.others)
                if text.messages is None:
                    answers = [answer and answer.status for answer in text.answers]
                    raise RuntimeError(f"{word} was answered {answers}, expected {GOOD}")
                self._player.recorder.took(word, time.monotonic() - began)

        await asyncio.gather(*(one(phone) for phone in self._crowd.phones))

    def vote(self, number: int, due: float) -> None:
        """A vote by the next phone that waits for no answer: of one phone they have an order."""
        phones = self._crowd.phones
        for _ in range(len(phones)):
            self._next = (self._next + 1) % len(phones)
            if self._next not in self._busy:
                break
        place = self._next
        self._busy.add(place)
        task = asyncio.create_task(self._vote(place, due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _vote(self, place: int, due: float) -> None:
        phone = self._crowd.phones[place]
        option = self._player.rng.randint(1, OPTIONS)
        text = await self._crowd.send(phone, str(option), phone.votes, option)
        self._busy.discard(place)
        if text.messages is None:
            status = next((a.status for a in text.answers if a is not None), 0)
            self._player.recorder.failed("vote by text", f"HTTP {status}" if status else "none")
        else:
            self._player.recorder.took("vote by text", time.monotonic() - due)

    async def over(self) -> None:
        """Waits for all answers, those to what comes twice included."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
        await self._crowd.settled()

    def found(self) -> TextsFinding:
        """What there is to judge."""
        phones = self._crowd.phones
        last = {phone.number: text for phone in phones for text in phone.votes if is_accepted(text)}
        texts = [text for phone in phones for text in phone.texts]
        odd = [
            f"{text.body!r}: {text.messages}"
            for phone in phones
            for text in phone.votes
            if text.messages is not None and not is_accepted(text)
        ]
        return TextsFinding(
            texts=len(texts),
            accepted=dict(Counter(option_id(text.option) for text in last.values())),
            phones_accepted=len(last),
            unanswered=sum(text.messages is None for text in texts),
            odd=odd[:20],
            twofold=[text.sid for text in texts if len(_bodies(text)) > 1],
            forged={str(status): n for status, n in self._crowd.forged.items()},
        )


def _bodies(text: Text) -> set[bytes]:
    return {one.body for one in text.answers if one is not None and one.status == GOOD}
