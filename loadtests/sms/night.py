"""One night: a crowd of phones in a round of a minute, over two nodes, one of them killed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from loadtests.faults import setting
from loadtests.faults.processes import Command
from loadtests.sms.carrier import Carrier
from loadtests.sms.crowd import Phone, PhoneCrowd, Plan, Text
from loadtests.sms.network import Network
from loadtests.sms.recount import Counted, message_states, recount
from loadtests.wire import ApiClient

OPTIONS = 6
GRACE_S = 15.0
KILLED_AT = 0.5
"""Share of the round after which the second node is killed; a quarter later it is back."""
REPEATED = 200
"""Texts that are sent once more after the night, beside those that a node died over."""
REPEATED_AT_ONCE = 16
SENT_PER_SECOND = 100
"""Messages a second that a short code may send."""
AFTER_S = 60.0
"""Beyond what the number may send, at most so long for what is sent after the show."""
_PROMISE = re.compile(r"up to (\d+) msgs")


@dataclass(slots=True)
class Findings:
    """What a night has shown.

    ``messages_most``: to one person, beside replies; ``messages_promised``: by the reply to JOIN.
    """

    texts: int
    seconds: float
    network: Network
    crowd: PhoneCrowd
    carrier: Carrier
    counted: Counted
    killed_from: float = 0.0
    killed_until: float = 0.0
    repeated: int = 0
    messages_most: int = 0
    messages_promised: int = 0
    problems: list[str] = field(default_factory=list)

    def latencies_s(self, *, without_kill: bool = False) -> list[float]:
        """Of every try that was answered, sorted; perhaps without those around the kill."""
        traffic = self.network.traffic
        pairs = zip(traffic.ended_at, traffic.latencies_s, strict=True)
        return sorted(
            latency
            for ended, latency in pairs
            if not without_kill or not self.killed_from <= ended <= self.killed_until + latency
        )


async def play(
    nodes: Sequence[Command],
    carrier: Carrier,
    session: aiohttp.ClientSession,
    database_url: str,
    seed: int,
    *,
    phones: int,
    plan: Plan,
) -> Findings:
    """``phones`` phones on two nodes; the second is killed in the middle and started again."""
    crew = await setting.new_crew(nodes[0].url, session)
    show = await setting.live_show(crew, "By text", takes_sms=True)
    show_id = str(show["id"])
    config = setting.single_choice(OPTIONS, visibility="on_close", channels=("web", "sms"))
    round_id = await setting.open_round(crew, show_id, config)
    network = Network([node.port for node in nodes])
    carrier.network = network
    plan.join_code = str(show["join_code"])
    crowd = PhoneCrowd(network, plan, phones, seed)
    began = time.monotonic()
    texting = asyncio.create_task(crowd.run())
    await asyncio.sleep(plan.over_s * KILLED_AT)
    killed_from = time.monotonic()
    await nodes[1].kill_family()
    await asyncio.sleep(plan.over_s / 4)
    await nodes[1].start()
    killed_until = time.monotonic()
    await texting
    seconds = time.monotonic() - began
    result = await setting.close_round(crew, round_id)
    counted = await recount(database_url, crowd, show_id, round_id)
    findings = Findings(
        texts=sum(len(phone.texts) for phone in crowd.phones),
        seconds=seconds,
        network=network,
        crowd=crowd,
        carrier=carrier,
        counted=counted,
        killed_from=killed_from,
        killed_until=killed_until,
        problems=list(counted.problems),
    )
    await _repeat_some(findings)
    findings.problems += (await recount(database_url, crowd, show_id, round_id)).problems
    _judge_results(findings, result, await _other_view(crew, nodes[1], round_id))
    await crew.post(f"/api/shows/{show_id}/close")
    await _messages(findings)
    states = await message_states(database_url, show_id)
    if set(states) - {"delivered"}:
        # ``sent`` that comes after ``delivered`` takes nothing back.
        findings.problems.append(f"messages are {states}, all were delivered")
    await network.close()
    return findings


async def _repeat_some(findings: Findings) -> None:
    """Repeats texts after the night: what was answered is answered the same, and counts no more.

    Those whose answer died with its node, and as many others.
    """
    crowd, unkept = findings.crowd, findings.counted.unkept
    taken = [
        (phone, text) for phone in crowd.phones for text in phone.texts if text.messages is not None
    ]
    lost = {text.sid for text in unkept}
    chosen = [one for one in taken if one[1].sid in lost]
    chosen += taken[:: max(1, len(taken) // REPEATED)]
    findings.repeated = len(chosen)
    gate = asyncio.Semaphore(REPEATED_AT_ONCE)

    async def one(phone: Phone, text: Text) -> None:
        async with gate:
            await crowd.repeat(phone, text)

    await asyncio.gather(*(one(phone, text) for phone, text in chosen))


async def _other_view(crew: ApiClient, node: Command, round_id: str) -> object:
    return (await crew.at(node.url).get(f"/api/rounds/{round_id}"))["result"]


def _judge_results(findings: Findings, result: dict[str, object], other: object) -> None:
    if result != other:
        findings.problems.append(f"the nodes tell different results: {result}, {other}")
    options = result["options"]
    assert isinstance(options, dict)
    told = {option: votes for option, votes in options.items() if votes}
    if told != dict(findings.counted.promised):
        findings.problems.append(f"the result is {told}, counted {findings.counted.promised}")


def _promised(crowd: PhoneCrowd) -> int:
    """How many messages the first reply to somebody's JOIN has promised at most."""
    for phone in crowd.phones:
        for message in (phone.others[0].messages if phone.others else None) or ():
            if found := _PROMISE.search(message):
                return int(found.group(1))
    return 0


async def _messages(findings: Findings) -> None:
    """Waits for what is sent after the show, and counts what each person got."""
    carrier, expected = findings.carrier, findings.counted.active
    promised = _promised(findings.crowd)
    await carrier.has_taken(expected, AFTER_S + expected / SENT_PER_SECOND)
    await carrier.settled()
    by_person: dict[str, list[str]] = {}
    for message in carrier.messages:
        by_person.setdefault(message.to, []).append(message.body)
    findings.messages_promised = promised
    findings.messages_most = max((len(bodies) for bodies in by_person.values()), default=0)
    if findings.messages_most > promised:
        findings.problems.append(f"{findings.messages_most} messages to one person")
    if len(by_person) != expected:
        findings.problems.append(f"{len(by_person)} people got the results, {expected} wanted them")
    doubled = sum(len(set(bodies)) < len(bodies) for bodies in by_person.values())
    if doubled:
        findings.problems.append(f"{doubled} people got one message twice")
    if set(carrier.callbacks) - {200, 204}:
        findings.problems.append(f"callbacks were answered {dict(carrier.callbacks)}")
