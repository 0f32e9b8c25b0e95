"""Routes of pictures and calendars."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from rooms.catalogue.records import Kind
from rooms.show import ShowStatus
from rooms.shows.records import ShowFilter
from server.cards.calendars import calendar_of
from server.cards.cards import catalogue_card, home_card, public_show, setlist_card, show_card
from server.cards.drawing import Card, draw_card, draw_setlist
from server.cards.pictures import Draw, Pictures
from server.catalogue.addresses import FOLDERS, address_of
from server.pages.texts import language_of
from server.services import AppServices, Services

AnyRequest = Request[Any, Any, Any]

PICTURE_LASTS_S: Final = 300
"""A live setlist moves; whoever shows its card asks again after so long, mostly for a 304."""

CALENDAR_LASTS_S: Final = 900
FEED_SHOWS_MAX: Final = 200
FEED_KEEPS: Final = timedelta(days=90)
"""Shows that are over stay so long in a feed that is followed."""

FEED_STATUSES: Final = (
    ShowStatus.LIVE,
    ShowStatus.PUBLISHED,
    ShowStatus.CLOSED,
    ShowStatus.ARCHIVED,
    ShowStatus.CANCELLED,
)


def card_routes() -> list[ControllerRouterHandler]:
    """``card.png``, ``setlist.png`` and ``calendar.ics`` of the pages that have them."""
    pictures = Pictures()

    @get("/card.png", name="home_card", include_in_schema=False)
    async def home(request: AnyRequest, services: AppServices) -> Response[bytes]:
        """The site's card."""
        return await _picture(request, pictures, home_card(services, _language(request)), draw_card)

    @get("/shows/{slug:str}/card.png", name="show_card", include_in_schema=False)
    async def show(
        request: AnyRequest, slug: FromPath[str], services: AppServices
    ) -> Response[bytes]:
        """A show's card."""
        card = await show_card(services, slug, _language(request))
        return await _picture(request, pictures, card, draw_card)

    @get("/shows/{slug:str}/setlist.png", name="setlist_image", include_in_schema=False)
    async def setlist(
        request: AnyRequest, slug: FromPath[str], services: AppServices
    ) -> Response[bytes]:
        """A show's whole setlist, upright."""
        card = await setlist_card(services, slug, _language(request))
        return await _picture(request, pictures, card, draw_setlist)

    @get("/shows/{slug:str}/calendar.ics", name="show_calendar", include_in_schema=False)
    async def calendar(slug: FromPath[str], services: AppServices) -> Response[bytes]:
        """A show for a calendar."""
        found = await public_show(services, slug)
        return _calendar(calendar_of([found], services.settings.public_url), found.slug)

    @get("/artists/{name:str}/calendar.ics", name="artist_calendar", include_in_schema=False)
    async def feed(name: FromPath[str], services: AppServices) -> Response[bytes]:
        """An artist's shows, to be followed."""
        return await _feed(services, name)

    def of_kind(kind: Kind) -> ControllerRouterHandler:
        folder = FOLDERS[kind]

        @get(f"/{folder}/{{name:str}}/card.png", name=f"{folder}_card", include_in_schema=False)
        async def picture(
            request: AnyRequest, name: FromPath[str], services: AppServices
        ) -> Response[bytes]:
            """The card of one of them."""
            named = await services.catalogue.named(kind, name)
            card = await catalogue_card(services, named, _language(request))
            return await _picture(request, pictures, card, draw_card)

        return picture

    return [home, show, setlist, calendar, feed, *(of_kind(kind) for kind in FOLDERS)]


async def _feed(services: Services, name: str) -> Response[bytes]:
    artist = await services.catalogue.named(Kind.ARTIST, name)
    shows = await services.show_store.find(
        ShowFilter(
            statuses=FEED_STATUSES,
            artist_id=artist.id,
            starts_from=services.clock.now() - FEED_KEEPS,
            ascending=True,
            limit=FEED_SHOWS_MAX,
        )
    )
    path = address_of(artist)
    url = services.settings.public_url + path
    body = calendar_of(shows, services.settings.public_url, name=artist.name, url=url)
    return _calendar(body, path.rsplit("/", 1)[-1])


async def _picture(
    request: AnyRequest, pictures: Pictures, card: Card, draw: Draw
) -> Response[bytes]:
    etag = f'"{pictures.etag(card, draw)}"'
    headers = {"Cache-Control": f"public, max-age={PICTURE_LASTS_S}", "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    png = await pictures.png(card, draw)
    return Response(png, media_type="image/png", headers=headers)


def _calendar(body: bytes, name: str) -> Response[bytes]:
    headers = {
        "Cache-Control": f"public, max-age={CALENDAR_LASTS_S}",
        "Content-Disposition": f'attachment; filename="{_file_name(name)}.ics"',
    }
    return Response(body, media_type="text/calendar", headers=headers)


def _file_name(name: str) -> str:
    """What may stand in a header between quotes."""
    return "".join(sign for sign in name if sign.isascii() and (sign.isalnum() or sign == "-"))


def _language(request: AnyRequest) -> str:
    """Only the address decides: pictures are shared, and caches know no languages."""
    return language_of("", request.query_params.get("lang"))
