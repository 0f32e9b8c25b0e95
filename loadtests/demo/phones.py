"""A handful of simulated phones beside the fans: they join and vote by text.

They are the crew's own, so whoever looks at the phones in the panel sees them at it. A server whose
texts go by a real carrier, or that takes none, has no simulated phones: the demo goes on without.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any

import structlog

from loadtests.demo.tasks import Guarded
from loadtests.demo.voting import left_s
from loadtests.wire import ApiClient, ApiProblem
from loadtests.wire.messages import EventMessage

logger = structlog.get_logger(__name__)

OWNERS = (
    ("Gladys, row 9", "US", "sms"),
    ("Uncle Ray", "US", "sms"),
    ("Lupe", "PR", "sms"),
    ("Jürgen", "DE", "whatsapp"),
)
"""Name, country and channel of each; answers come in the country's language."""

TURNOUT = 0.8
BY_NAME = 0.35
"""Votes that name the song instead of its number."""
MISTYPED = 0.3
"""Of those: with a slip, to be asked back, and then by number."""
ANSWER_S = (3.0, 8.0)
"""Until somebody who was asked back has answered."""
LAST_TEXT_SHARE = 0.8
"""Of a round's length."""

Json = dict[str, Any]


class Phones:
    """The demo's phones.

    Args:
        api: signed in as crew.
    """

    def __init__(self, api: ApiClient, guarded: Guarded, rng: random.Random) -> None:
        self._api = api
        self._guarded = guarded
        self._rng = rng
        self._phones: list[str] = []
        self._code: str | None = None

    def come_to(self, join_code: str | None) -> None:
        """They join the show with this code, unless they are in it."""
        if join_code and join_code != self._code:
            self._code = join_code
            self._guarded.start(self._join(join_code), "phones_join")

    def heard(self, event: EventMessage) -> None:
        """Votes when a round opens."""
        if event.name != "round_opened":
            return
        config, length_s = event.data["config"], left_s(event.data)
        for phone in self._phones:
            if self._rng.random() < TURNOUT:
                at_s = self._rng.uniform(0.08, LAST_TEXT_SHARE) * length_s
                self._guarded.start(self._vote(phone, config, at_s), "phone_vote")

    async def _join(self, join_code: str) -> None:
        try:
            phones = await self._found_or_made()
        except ApiProblem as problem:
            logger.info("demo_without_phones", code=problem.code)
            return
        self._phones = phones
        for phone in phones:
            await self._text(phone, f"JOIN {join_code}")

    async def _found_or_made(self) -> list[str]:
        known = {one["name"]: str(one["id"]) for one in await self._own()}
        for name, country, channel in OWNERS:
            if name not in known:
                body = {"name": name, "country": country, "channel": channel}
                made = await self._api.post("/api/sandbox/phones", body)
                known[name] = str(made["items"][0]["id"])
        return [known[name] for name, _, _ in OWNERS]

    async def _own(self) -> list[Json]:
        page = await self._api.get("/api/sandbox/phones")
        return [one for one in page["items"] if not one["crowd"]]

    async def _vote(self, phone: str, config: Json, delay_s: float) -> None:
        said = vote_text(config, self._rng)
        if said is None:
            return
        await asyncio.sleep(delay_s)
        if said.first is not None:
            await self._text(phone, said.first)
            await asyncio.sleep(self._rng.uniform(*ANSWER_S))
        await self._text(phone, said.text)

    async def _text(self, phone: str, body: str) -> None:
        await self._api.post(f"/api/sandbox/phones/{phone}/texts", {"body": body})


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody texts. ``first``: what they mistyped before."""

    text: str
    first: str | None = None


def vote_text(config: Json, rng: random.Random) -> Said | None:
    """A vote as somebody types it; ``None``: this kind of round is not for texts.

    Args:
        config: a ``vote_config``.
    """
    options = config.get("options", ())
    if not options or "sms" not in config.get("who", {}).get("channels", ()):
        return None
    codes = [str(one.get("code") or at) for at, one in enumerate(options, start=1)]
    pick = config.get("pick") or {}
    least = int(pick.get("min") or 1)
    most = max(least, min(int(pick.get("max") or 1), len(codes)))
    match config.get("type"):
        case "single" | "weighted":
            at = rng.randrange(len(codes))
            name = str(options[at]["label"]).lower()
            if rng.random() >= BY_NAME:
                return Said(codes[at])
            if rng.random() < MISTYPED:
                return Said(codes[at], slip(name, rng))
            return Said(name)
        case "approval" | "ranked":
            return Said(",".join(rng.sample(codes, rng.randint(least, most))))
        case _:
            return None


def slip(name: str, rng: random.Random) -> str:
    """A name with a letter left out, as thumbs do."""
    inner = [at for at, letter in enumerate(name) if letter.isalpha() and at > 0]
    if len(inner) < 4:
        return name
    at = rng.choice(inner)
    return name[:at] + name[at + 1 :]
