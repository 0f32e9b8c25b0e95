"""The way of a webhook: Twilio in front of a load balancer in front of web nodes.

Twilio waits 15 s for an answer and tries once more. The balancer takes turns. A node that failed
gets nothing more until its ``/health/ready`` says so, because a node that starts has its port
before it has its rooms. Where a connection was refused the request goes to another node: safe,
because nobody has read it. A connection that breaks later is Twilio's to repeat.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from loadtests.sms.lines import Answer, Lines, Undelivered, is_ready
from loadtests.sms.signing import PUBLIC_URL, SIGNATURE, TOKEN, signature

TIMEOUT_S = 15.0
TRIES = 2
CHECK_S = 0.25
"""Between two looks at the health of a node that failed."""
GOOD = 200


@dataclass(slots=True)
class Traffic:
    """What went over the wire.

    Attributes:
        latencies_s: of each try that was answered, in the order they ended.
        ended_at: when, on the monotonic clock.
    """

    latencies_s: list[float] = field(default_factory=list)
    ended_at: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    given_up: int = 0


class Network:
    """Posts signed forms to whichever node.

    Args:
        ports: of the nodes.
        timeout_s: of one try.
        lines: ready connections to the nodes, where these are not on this machine.
        public_url: part of what is signed.
        token: signs.
    """

    def __init__(
        self,
        ports: Sequence[int],
        timeout_s: float = TIMEOUT_S,
        *,
        lines: Sequence[Lines] = (),
        public_url: str = PUBLIC_URL,
        token: str = TOKEN,
    ) -> None:
        self.traffic = Traffic()
        self._public_url = public_url
        self._token = token
        self._lines = list(lines) or [Lines(port) for port in ports]
        self._ports = list(ports)
        self._checks: dict[int, asyncio.Task[None]] = {}
        self._next = 0
        self._timeout_s = timeout_s

    async def deliver(
        self, path: str, form: dict[str, str], *, signed: str | None = None
    ) -> Answer | None:
        """The answer that Twilio settles with; ``None``: none, twice.

        Args:
            signed: a signature in place of the right one; empty: no header.
        """
        proof = signature(self._public_url + path, form, self._token) if signed is None else signed
        headers = {SIGNATURE: proof} if proof else {}
        body = urlencode(form).encode()
        answer: Answer | None = None
        for attempt in range(TRIES):
            self.traffic.retries += attempt > 0
            try:
                answer = await self._try(path, body, headers)
            except Undelivered as error:
                self.traffic.broken[str(error)] += 1
                continue
            if answer.status < 500:
                return answer
        self.traffic.given_up += 1
        return answer

    async def _try(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """By way of the balancer."""
        began = time.monotonic()
        for _ in range(len(self._lines)):
            node = self._turn()
            try:
                answer = await self._lines[node].post(path, body, headers, self._timeout_s)
            except Undelivered as error:
                self._take_out(node)
                if error.sent:
                    raise
                continue
            ended = time.monotonic()
            self.traffic.latencies_s.append(ended - began)
            self.traffic.ended_at.append(ended)
            self.traffic.statuses[answer.status] += 1
            return answer
        await asyncio.sleep(CHECK_S)
        raise Undelivered("no node", sent=False)

    def _turn(self) -> int:
        for _ in range(len(self._lines)):
            self._next = (self._next + 1) % len(self._lines)
            if self._next not in self._checks:
                return self._next
        return self._next

    def _take_out(self, node: int) -> None:
        if node not in self._checks:
            self._checks[node] = asyncio.create_task(self._check(node))

    async def _check(self, node: int) -> None:
        """Until the node is ready again."""
        ready = False
        while not ready:
            await asyncio.sleep(CHECK_S)
            ready = await is_ready(self._ports[node])
        del self._checks[node]

    async def close(self) -> None:
        """Hangs up."""
        checks = list(self._checks.values())
        for check in checks:
            check.cancel()
        await asyncio.gather(*checks, return_exceptions=True)
        for lines in self._lines:
            await lines.close()
