"""``/shows/{slug}``: the room as it stands, or a night of the past."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response
from msgspec import Struct

from rooms.catalogue.records import Kind
from rooms.participants import Participant, Role
from rooms.performances.views import NightPast
from rooms.show import Access, ShowFacts, ShowStatus
from rooms.shows.records import ShowRecord
from rooms.states import RoomSnapshot
from server.catalogue.addresses import address, show_address
from server.catalogue.views import record_view
from server.pages import structured
from server.pages.json_in_html import json_in_html
from server.pages.rendering import Pages
from server.pages.show_views import (
    CHAT_LINES_SHOWN,
    facts_of,
    music_event,
    rounds_of,
    sections_of_past,
    sections_of_room,
)
from server.pages.site import Head, Site, counted, described
from server.pages.texts import TEXTS, day, month
from server.problems import ApiError
from server.security.identity import Identity
from server.services import Services
from storage.catalogue.zones import zone_of
from storage.pages.past_shows import PastShow, PastShows

READER: Final = Participant(
    participant_id="00000000-0000-0000-0000-000000000001",
    account_id="00000000-0000-0000-0000-000000000001",
    role=Role.FAN,
    display_name="",
    guest=True,
    admitted=False,
)
"""Whoever reads the page: it shows what everybody may see, and the socket tells the rest."""

FINISHED: Final = frozenset({ShowStatus.CLOSED, ShowStatus.ARCHIVED})
"""Statuses of a show that can be played again."""

_snapshot_decoder = msgspec.json.Decoder(RoomSnapshot)


class RoomData(Struct, frozen=True):
    """The room in the page's data: as `rooms.messages.Welcome` has it."""

    epoch: str
    seq: int
    snapshot: msgspec.Raw


class Bootstrap(Struct, frozen=True):
    """What the app starts with. ``room`` is absent where a code is asked for first, and where
    the night is to be played again."""

    show: ShowFacts
    room: RoomData | None
    replay: bool = False


async def show_page(
    pages: Pages,
    site: Site,
    request: Request[Any, Any, Any],
    services: Services,
    slug: str,
    viewer: Identity | None,
) -> Response[bytes]:
    """The page of one show.

    Raises:
        ApiError: ``unknown_show``, also for a draft that is not the viewer's.
    """
    show = await services.shows.by_id_or_slug(slug)
    replayed = "replay" in request.query_params and show.status in FINISHED
    if not replayed and show.status is ShowStatus.ARCHIVED and show.access is Access.PUBLIC:
        past = await PastShows(services.pool).read(show.show_id)
        if past is not None and (past.songs or past.source):
            behind = await services.songs.past_of(show.show_id)
            recorded = (await services.replays.recording(show.show_id, viewer)).first_seq > 0
            return _past_page(site, request, services, show, past, behind, recorded=recorded)
    try:
        await services.attendance.read(
            show.show_id, viewer, request.query_params.get("code", "")[:32] or None
        )
    except ApiError as error:
        if error.status != 403:
            raise
        return await _locked_page(pages, request, show, services.settings.public_url)
    if replayed:
        return await _replay_page(pages, request, show, services.settings.public_url)
    return await _room_page(pages, request, services, show)


async def _room_page(
    pages: Pages, request: Request[Any, Any, Any], services: Services, show: ShowRecord
) -> Response[bytes]:
    room = await services.node.enter(show.show_id)
    try:
        encoded = room.snapshot(READER)
        data = RoomData(epoch=room.epoch, seq=room.head.seq, snapshot=encoded)
        bootstrap = Bootstrap(show=room.facts, room=data)
    finally:
        services.node.leave(room)
    snapshot = _snapshot_decoder.decode(encoded)
    facts = facts_of(show, services.settings.public_url)
    sections = sections_of_room(snapshot)
    titles = [song.title for section in sections for song in section.songs]
    return pages.respond(
        request,
        "room.html",
        inline_styles=True,
        show=facts,
        starts_at=_there(show.starts_at, bootstrap.show.time_zone),
        snapshot=snapshot,
        sections=sections,
        rounds=rounds_of(snapshot.rounds),
        chat=snapshot.chat[-CHAT_LINES_SHOWN:],
        indexed=show.access is not Access.PRIVATE,
        music_event=json_in_html(music_event(facts, show, titles)),
        bootstrap=json_in_html(msgspec.json.encode(bootstrap)),
    )


async def _locked_page(
    pages: Pages, request: Request[Any, Any, Any], show: ShowRecord, public_url: str
) -> Response[bytes]:
    """A private show tells its name, because whoever holds the address was given it; not who
    plays where."""
    nameless = msgspec.structs.replace(show, artists=(), venue=None)
    return await _bare_page(pages, request, nameless, public_url, "locked.html", replay=False)


async def _replay_page(
    pages: Pages, request: Request[Any, Any, Any], show: ShowRecord, public_url: str
) -> Response[bytes]:
    """The app fetches the log."""
    return await _bare_page(pages, request, show, public_url, "replay.html", replay=True)


async def _bare_page(
    pages: Pages,
    request: Request[Any, Any, Any],
    show: ShowRecord,
    public_url: str,
    template: str,
    *,
    replay: bool,
) -> Response[bytes]:
    """A page that knows of a show what its name and its poster say."""
    facts, venue = facts_of(show, public_url), show.venue
    known = ShowFacts(
        show_id=show.show_id,
        slug=show.slug,
        title=show.title,
        status=show.status,
        access=show.access,
        starts_at=show.starts_at,
        artists=facts.artists,
        venue=venue.name if venue else None,
        city=venue.city if venue else None,
        country=venue.country if venue else None,
        time_zone=await zone_of(venue.city, show.state, venue.country) if venue else None,
    )
    return pages.respond(
        request,
        template,
        show=facts,
        starts_at=_there(show.starts_at, known.time_zone),
        bootstrap=json_in_html(
            msgspec.json.encode(Bootstrap(show=known, room=None, replay=replay))
        ),
    )


def _there(moment: datetime, time_zone: str | None) -> datetime:
    """A moment by the venue's clocks: a night in New York begins on the next day of UTC."""
    return moment.astimezone(ZoneInfo(time_zone)) if time_zone else moment


def _past_page(
    site: Site,
    request: Request[Any, Any, Any],
    services: Services,
    show: ShowRecord,
    past: PastShow,
    behind: NightPast,
    *,
    recorded: bool,
) -> Response[bytes]:
    public_url = services.settings.public_url
    facts = facts_of(show, public_url)
    language = site.language(request)
    moment = past.date or show.starts_at.date()
    played_on = month(moment, language) if past.month_only else day(moment, language)
    listed = record_view(show)
    songs = len([song for song in past.songs if song.section != "soundcheck"])
    head = Head(
        title=show.title,
        description=described(
            ", ".join(facts.unsaid_artists) or None,
            facts.place or None,
            played_on,
            counted(songs, "songs", language=language) if songs else None,
        ),
        path=show_address(show.slug),
        data=structured.past_show(listed, past, public_url),
        look="night-page",
        image=f"{show_address(show.slug)}/card.png",
        image_alt=TEXTS[language]["card_of"].format(title=show.title),
    )
    return site.respond(
        request,
        "past_show.html",
        head,
        show=listed,
        unsaid=facts.unsaid_artists,
        tour=show.tour,
        tour_url=address(Kind.TOUR, show.tour.tour_id, show.tour.name) if show.tour else "",
        played_on=played_on,
        date=moment.isoformat()[:7] if past.month_only else moment.isoformat(),
        songs=songs,
        recorded=recorded,
        sections=sections_of_past(past, behind, language),
    )
