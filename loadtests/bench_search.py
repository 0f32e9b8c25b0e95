"""``python -m loadtests.bench_search URL``: how fast a node finds, page by page and word by word.

For a node with the packaged archives (``setroom load-archive --packaged``). Words are typed letter
by letter, as somebody does: every prefix is one request.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence

import aiohttp
import click
from rich.console import Console
from rich.table import Table

ROUNDS = 5
TYPED = ("grateful dead", "barton hall", "ripple", "thunder road", "san francisco", "1977-05-08")
MISTYPED = ("gratful ded", "springstein", "scarlett begonia", "madisn square", "thundr rod")
CITIES = ("ithaca", "münchen", "barcelna", "new yrok", "san")
PLACES = ("42.44,-76.50", "37.77,-122.42", "40.73,-73.99", "52.52,13.40")


def prefixes(words: Sequence[str]) -> list[str]:
    """Every beginning of every word."""
    return [word[:end] for word in words for end in range(1, len(word) + 1)]


async def measure(url: str, rounds: int) -> Table:
    """Asks everything one after the other; each question's fastest answer counts."""
    questions = {
        "suggest, as it is typed": [("/api/search/suggest", {"q": q}) for q in prefixes(TYPED)],
        "suggest, mistyped": [("/api/search/suggest", {"q": q}) for q in MISTYPED],
        "search": [("/api/search", {"q": q, "limit": "20"}) for q in TYPED],
        "a city": [("/api/places", {"q": q}) for q in CITIES],
        "shows near": [("/api/shows", {"near": at, "radius_km": "100"}) for at in PLACES],
    }
    table = Table(title="Finding, over HTTP", title_justify="left")
    for name in ("what", "questions", "median ms", "slowest ms"):
        table.add_column(name)
    async with aiohttp.ClientSession(url) as session:
        for what, asked in questions.items():
            best = [float("inf")] * len(asked)
            for _ in range(rounds):
                for number, (path, params) in enumerate(asked):
                    begun = time.perf_counter()
                    async with session.get(path, params=params) as answer:
                        answer.raise_for_status()
                        await answer.read()
                    best[number] = min(best[number], 1000 * (time.perf_counter() - begun))
            table.add_row(
                what, str(len(asked)), f"{statistics.median(best):.1f}", f"{max(best):.1f}"
            )
    return table


@click.command(help=__doc__)
@click.argument("url")
@click.option("--rounds", default=ROUNDS, show_default=True)
def main(url: str, rounds: int) -> None:
    """The command."""
    Console().print(asyncio.run(measure(url, rounds)))


if __name__ == "__main__":
    main()
