"""``/api/search``, ``/api/places``, and artists, venues, tours and songs as JSON."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from rooms.catalogue.gazetteer import PLACES_MAX
from rooms.catalogue.records import Kind
from server.catalogue.finding import QUERY_CHARACTERS_MAX
from server.catalogue.schemas import (
    ArtistView,
    PlacePage,
    SearchPage,
    SongStoryView,
    SuggestPage,
    TourPageView,
    VenuePageView,
)
from server.catalogue.views import place_view
from server.paths import PathId
from server.services import AppServices

SEARCH_PAGE_MAX = 50

Query = Annotated[str, QueryParameter(max_length=QUERY_CHARACTERS_MAX)]
Cursor = Annotated[str | None, QueryParameter(max_length=300)]

SUGGESTIONS_LAST_S = 60
PLACES_LAST_S = 24 * 3600


class FindingController(Controller):
    """Finding by name."""

    path = "/api"
    tags = ("catalogue",)

    @get("/search", operation_id="search", summary="Find anything that is public")
    async def search(
        self,
        services: AppServices,
        q: Query = "",
        kinds: FromQuery[list[Kind] | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=SEARCH_PAGE_MAX)] = 20,
        cursor: Cursor = None,
    ) -> SearchPage:
        """Shows, artists, venues, tours and songs; accents and slips of the finger are forgiven."""
        return await services.finding.search(q, kinds or (), limit, cursor)

    @get("/search/suggest", operation_id="suggest", summary="What somebody is typing")
    async def suggest(self, services: AppServices, q: Query = "") -> Response[SuggestPage]:
        """At most eight."""
        found = SuggestPage(items=await services.finding.suggest(q))
        return Response(found, headers=_public(SUGGESTIONS_LAST_S))

    @get("/places", operation_id="places", summary="Cities of the world by name")
    async def places(
        self,
        services: AppServices,
        q: Query = "",
        limit: Annotated[int, QueryParameter(ge=1, le=PLACES_MAX)] = 8,
    ) -> Response[PlacePage]:
        """The largest first. From GeoNames (CC BY 4.0)."""
        cities = await services.finding.places(q, limit)
        page = PlacePage(items=[place_view(city) for city in cities])
        return Response(page, headers=_public(PLACES_LAST_S))


class CatalogueController(Controller):
    """Artists, venues, tours and songs, by id or by the last part of their address."""

    path = "/api"
    tags = ("catalogue",)

    @get("/artists/{name:str}", operation_id="readArtist", summary="An artist")
    async def artist(
        self, name: FromPath[str], services: AppServices, cursor: Cursor = None
    ) -> ArtistView:
        """Next shows, latest setlists, most played songs, shows by year."""
        catalogue = services.catalogue
        return await catalogue.artist(await catalogue.named(Kind.ARTIST, name), cursor)

    @get("/venues/{name:str}", operation_id="readVenue", summary="A venue")
    async def venue(
        self, name: FromPath[str], services: AppServices, cursor: Cursor = None
    ) -> VenuePageView:
        """Next and past shows, and who played there."""
        catalogue = services.catalogue
        return await catalogue.venue(await catalogue.named(Kind.VENUE, name), cursor)

    @get("/tours/{name:str}", operation_id="readTour", summary="A tour")
    async def tour(
        self, name: FromPath[str], services: AppServices, cursor: Cursor = None
    ) -> TourPageView:
        """Next and past shows, and what was played most."""
        catalogue = services.catalogue
        return await catalogue.tour(await catalogue.named(Kind.TOUR, name), cursor)

    @get("/songs/{song_id:str}", operation_id="readSong", summary="A song and how it was played")
    async def song(
        self, song_id: PathId, services: AppServices, cursor: Cursor = None
    ) -> SongStoryView:
        """Statistics, years, gaps, performances, and who else has played it."""
        return await services.catalogue.song(str(song_id), cursor)


def _public(seconds: int) -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={seconds}"}
