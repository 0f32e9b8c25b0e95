"""``/``: what is live, what is coming, what was played."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response

from rooms.show import ShowStatus
from rooms.shows.records import ShowFilter, ShowRecord
from server.pages.rendering import Pages
from server.pages.show_views import PageFacts, facts_of
from server.services import Services

LISTED_MAX: Final = 12
LATE: Final = timedelta(hours=12)
"""A show that has not opened may be this late and still be coming."""


async def home_page(
    pages: Pages, request: Request[Any, Any, Any], services: Services
) -> Response[bytes]:
    """Three lists of public shows."""
    now = services.clock.now()
    live, coming, recent = await asyncio.gather(
        services.show_store.find(ShowFilter(statuses=(ShowStatus.LIVE,), limit=LISTED_MAX)),
        services.show_store.find(
            ShowFilter(
                statuses=(ShowStatus.PUBLISHED,),
                starts_from=now - LATE,
                ascending=True,
                limit=LISTED_MAX,
            )
        ),
        services.show_store.find(
            ShowFilter(statuses=(ShowStatus.CLOSED, ShowStatus.ARCHIVED), limit=LISTED_MAX)
        ),
    )
    public_url = services.settings.public_url
    return pages.respond(
        request,
        "home.html",
        url=public_url + "/",
        live=_cards(live, public_url),
        coming=_cards(coming, public_url),
        recent=_cards(recent, public_url),
    )


def _cards(shows: list[ShowRecord], public_url: str) -> list[tuple[str, Any, PageFacts]]:
    """(path, moment, facts) of each show."""
    return [(f"/shows/{show.slug}", show.starts_at, facts_of(show, public_url)) for show in shows]
