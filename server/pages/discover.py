"""Search, artists, venues, tours, songs, and shows near a place, as pages."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlencode

from litestar import Request, Response
from litestar.response import Redirect

from rooms.catalogue.distances import RADIUS_KM_DEFAULT, Near
from rooms.catalogue.records import Kind, Named
from rooms.shows.records import ShowFilter, ShowRecord
from server.catalogue.addresses import address, address_of
from server.catalogue.finding import LISTED_NEARBY, QUERY_CHARACTERS_MAX, read_near
from server.catalogue.schemas import VenuePageView
from server.catalogue.views import record_view
from server.pages import structured
from server.pages.charts import year_chart
from server.pages.site import Head, Site, counted, described, span
from server.pages.texts import TEXTS
from server.services import Services
from server.text import one_line

SEARCH_PAGE: Final = 30
NEARBY_SHOWN: Final = 24
CURSOR_CHARACTERS_MAX: Final = 300
AnyRequest = Request[Any, Any, Any]


async def search_page(site: Site, request: AnyRequest, services: Services) -> Response[bytes]:
    """``/search?q=``."""
    q = one_line(request.query_params.get("q", ""))[:QUERY_CHARACTERS_MAX]
    asked = request.query_params.get("kinds", "")
    kind = asked if asked in {one.value for one in Kind} else None
    found = await services.finding.search(
        q, (Kind(kind),) if kind else (), SEARCH_PAGE, cursor_of(request)
    )
    texts = TEXTS[site.language(request)]
    kept = [("q", q)]
    if request.query_params.get("lang"):
        kept.append(("lang", site.language(request)))
    head = Head(
        title=texts["search_found"].format(q=q) if q else texts["search"],
        description=texts["search_lead"],
        path="/search",
        look="searching",
        indexed=not q,
        search_above=False,
    )
    return site.respond(
        request,
        "search.html",
        head,
        q=q,
        kind=kind,
        here=f"/search?{urlencode(kept)}",
        results=found.items,
        found=found,
    )


async def catalogue_page(
    site: Site, request: AnyRequest, services: Services, kind: Kind, last: str
) -> Response[Any]:
    """``/artists/…``, ``/venues/…``, ``/tours/…``, ``/songs/…``; at another name than its own it
    redirects.

    Raises:
        ApiError: ``unknown_artist``, …
    """
    named = await services.catalogue.named(kind, unquote(last))
    path = address_of(named)
    if request.url.path != unquote(path):
        query = request.url.query
        return Redirect(f"{path}?{query}" if query else path, status_code=301)
    match kind:
        case Kind.ARTIST:
            return await _artist(site, request, services, named)
        case Kind.VENUE:
            return await _venue(site, request, services, named)
        case Kind.TOUR:
            return await _tour(site, request, services, named)
        case _:
            return await _song(site, request, services, named)


async def near_page(site: Site, request: AnyRequest, services: Services) -> Response[bytes]:
    """``/near?city=`` or ``/near?near=lat,lon``: for people without a script, and fetched by it.

    Raises:
        ApiError: ``near`` is no point on the ground.
    """
    texts = TEXTS[site.language(request)]
    city = one_line(request.query_params.get("city", ""))[:QUERY_CHARACTERS_MAX]
    place = one_line(request.query_params.get("place", ""))[:QUERY_CHARACTERS_MAX]
    near, unknown = None, None
    if "near" in request.query_params:
        near = read_near(request.query_params["near"], RADIUS_KM_DEFAULT)
    elif city:
        cities = await services.finding.places(city, 1)
        if cities:
            near, place = Near(cities[0].lat, cities[0].lon), cities[0].name
        else:
            unknown = city
    shows: list[tuple[ShowRecord, float]] = []
    if near is not None:
        wanted = ShowFilter(statuses=LISTED_NEARBY, limit=NEARBY_SHOWN + 1)
        shows, _ = await services.finding.near(near, wanted, None)
    head = Head(
        title=texts["near_you"],
        description=texts["near_lead"],
        path="/near",
        look="nearby",
        indexed=False,
    )
    return site.respond(
        request,
        "near.html",
        head,
        city=city or place,
        unknown=unknown if near is None else None,
        heading=texts["near_title"].format(place=place or texts["near_here"])
        if near is not None
        else "",
        shows=[record_view(show) for show, _ in shows],
        distances={show.show_id: round(km) for show, km in shows},
        radius_km=round(RADIUS_KM_DEFAULT),
    )


async def _artist(
    site: Site, request: AnyRequest, services: Services, named: Named
) -> Response[bytes]:
    cursor = cursor_of(request)
    view = await services.catalogue.artist(named, cursor)
    language = site.language(request)
    head = Head(
        title=view.name,
        description=described(
            counted(view.shows, "shows", language=language),
            counted(view.songs, "different_songs", language=language) if view.songs else None,
            span(view.first_at, view.last_at),
        ),
        path=view.url,
        data=structured.artist(view, services.settings.public_url),
        look="artist",
        image=f"{view.url}/card.png",
        calendar=f"{view.url}/calendar.ics",
        indexed=cursor is None,
    )
    return site.respond(
        request, "artist.html", head, view=view, cursor=cursor, chart=year_chart(view.years)
    )


async def _venue(
    site: Site, request: AnyRequest, services: Services, named: Named
) -> Response[bytes]:
    cursor = cursor_of(request)
    view = await services.catalogue.venue(named, cursor)
    where = place_words(view)
    head = Head(
        title=view.name,
        description=described(where, counted(view.shows, "shows", language=site.language(request))),
        path=view.url,
        data=structured.venue(view, services.settings.public_url),
        look="venue",
        image=f"{view.url}/card.png",
        indexed=cursor is None,
    )
    return site.respond(request, "venue.html", head, view=view, cursor=cursor, where=where)


async def _tour(
    site: Site, request: AnyRequest, services: Services, named: Named
) -> Response[bytes]:
    cursor = cursor_of(request)
    view = await services.catalogue.tour(named, cursor)
    head = Head(
        title=view.name,
        description=described(
            view.artist.name,
            counted(view.shows, "shows", language=site.language(request)),
            span(view.first_at, view.last_at),
        ),
        path=view.url,
        data=structured.tour(view, services.settings.public_url),
        look="tour",
        image=f"{view.url}/card.png",
        indexed=cursor is None,
    )
    return site.respond(request, "tour.html", head, view=view, cursor=cursor)


async def _song(
    site: Site, request: AnyRequest, services: Services, named: Named
) -> Response[bytes]:
    cursor = cursor_of(request)
    view = await services.catalogue.song(named.id, cursor)
    language = site.language(request)
    played = view.statistics
    head = Head(
        title=view.title,
        description=described(
            view.artist,
            counted(played.times_played, "played_times", language=language) if played else None,
            span(played.first.starts_at, played.last.starts_at) if played else None,
        ),
        path=view.url,
        data=structured.song(view, services.settings.public_url),
        look="song",
        image=f"{view.url}/card.png",
        indexed=cursor is None,
    )
    return site.respond(
        request,
        "song.html",
        head,
        view=view,
        cursor=cursor,
        chart=year_chart(view.years),
        covers=[
            (address(Kind.ARTIST, cover.artist_id, cover.artist), cover) for cover in view.covers
        ],
    )


def place_words(view: VenuePageView) -> str:
    """City, state, and the country where no state says it."""
    parts = (view.city, view.state, None if view.state else view.country)
    return ", ".join(part for part in parts if part)


def cursor_of(request: AnyRequest) -> str | None:
    """The ``cursor`` that was asked for."""
    return request.query_params.get("cursor", "")[:CURSOR_CHARACTERS_MAX] or None
