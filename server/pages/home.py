"""``/``: what is live, near, coming and past, and who and where."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response

from rooms.catalogue.records import Kind
from rooms.show import ShowStatus
from rooms.shows.records import ShowFilter
from server.catalogue.views import found_view, record_view
from server.pages import structured
from server.pages.site import Head, Site
from server.pages.texts import TEXTS
from server.services import Services

LISTED_MAX: Final = 12
NAMES_MAX: Final = 12
LATE: Final = timedelta(hours=12)
"""A show that has not opened may be this late and still be coming."""


async def home_page(
    site: Site, request: Request[Any, Any, Any], services: Services
) -> Response[bytes]:
    """Three lists of public shows, and the best known artists and venues."""
    now = services.clock.now()
    live, coming, recent, artists, venues = await asyncio.gather(
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
        services.finding.most(Kind.ARTIST, NAMES_MAX),
        services.finding.most(Kind.VENUE, NAMES_MAX),
    )
    texts = TEXTS[site.language(request)]
    head = Head(
        title=texts["tagline"],
        description=texts["lead"],
        path="/",
        data=structured.home(services.settings.public_url),
        look="home",
        image="/card.png",
        home=True,
        search_above=False,
    )
    return site.respond(
        request,
        "home.html",
        head,
        live=[record_view(show) for show in live],
        coming=[record_view(show) for show in coming],
        recent=[record_view(show) for show in recent],
        artists=[found_view(one) for one in artists],
        venues=[found_view(one) for one in venues],
    )
