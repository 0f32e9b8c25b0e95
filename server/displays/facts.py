"""What a display shows beside its room: how people get in, and by which codes.

A display is shown to the whole venue on purpose, so it may have the codes that only the crew sees
elsewhere.
"""

from __future__ import annotations

from datetime import datetime

import segno
from msgspec import Struct

from rooms.displays.ports import DisplayRecord
from rooms.show import Access, ShowStatus
from rooms.shows.records import ShowRecord
from server.shows.check_in import CheckInCode, CheckInDesk
from server.shows.shows import Shows

_CODES_SHOWN = frozenset({ShowStatus.PUBLISHED, ShowStatus.LIVE})
"""When somebody who types a code gets something for it."""


class QrCode(Struct, frozen=True):
    """A QR code to be drawn: a square of ``modules`` units, its quiet zone included, and the SVG
    path of what is dark in it. Dark on light, or scanners fail."""

    modules: int
    path: str


class JoinFacts(Struct, frozen=True):
    """How people get into the room. ``url`` is what the QR code says, and ``address`` the same for
    people to read and type; both lead in by themselves. ``code`` is the join code where the show
    asks for one, for who finds the show in another way."""

    url: str
    address: str
    code: str | None
    qr: QrCode


class SmsFacts(Struct, frozen=True):
    """Voting by SMS: send ``text`` to ``number``."""

    number: str
    text: str


class DisplayShow(Struct, frozen=True):
    """The display's show."""

    id: str
    slug: str
    title: str
    status: str
    access: str
    starts_at: datetime
    ends_at: datetime | None
    artists: list[str]
    venue: str | None
    city: str | None


class DisplayFacts(Struct, frozen=True):
    """``GET /api/displays/{id}/facts``. ``sms`` and ``check_in`` are null where there is none;
    ``check_in.expires_at`` says when to ask again."""

    display_id: str
    kind: str
    name: str
    show: DisplayShow
    join: JoinFacts
    sms: SmsFacts | None
    check_in: CheckInCode | None


class Facts:
    """Puts a display's facts together."""

    def __init__(
        self, shows: Shows, check_in: CheckInDesk, *, public_url: str, sms_number: str
    ) -> None:
        self._shows = shows
        self._check_in = check_in
        self._public_url = public_url
        self._sms_number = sms_number

    async def of(self, display: DisplayRecord) -> DisplayFacts:
        """The facts of now."""
        show = await self._shows.by_id_or_slug(display.show_id)
        shown = show.status in _CODES_SHOWN
        return DisplayFacts(
            display_id=display.display_id,
            kind=display.kind.value,
            name=display.name,
            show=_show(show),
            join=join_facts(show, self._public_url),
            sms=self._sms(show) if shown else None,
            check_in=await self._check_in.shown(show.show_id) if shown else None,
        )

    def _sms(self, show: ShowRecord) -> SmsFacts | None:
        if not self._sms_number or not show.takes_sms or show.join_code is None:
            return None
        return SmsFacts(number=self._sms_number, text=f"JOIN {show.join_code}")


def join_facts(show: ShowRecord, public_url: str) -> JoinFacts:
    """How people get into a show's room."""
    url = f"{public_url}/shows/{show.slug}"
    if show.join_code is not None:
        # Short enough to be typed, and for a QR code that is read from the back of the hall.
        url = f"{public_url}/j/{show.join_code}"
    code = show.join_code if show.access is not Access.PUBLIC else None
    return JoinFacts(url=url, address=url.partition("://")[2], code=code, qr=qr_code(url))


def qr_code(text: str) -> QrCode:
    """A QR code as one path of horizontal runs (ISO/IEC 18004: level M, quiet zone of 4)."""
    code = segno.make(text, error="m", micro=False)
    border = 4
    runs: list[str] = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                runs.append(f"M{x + border} {y + border}h{end - x}v1h-{end - x}z")
            x = end + 1
    return QrCode(modules=len(code.matrix) + 2 * border, path="".join(runs))


def _show(show: ShowRecord) -> DisplayShow:
    return DisplayShow(
        id=show.show_id,
        slug=show.slug,
        title=show.title,
        status=show.status.value,
        access=show.access.value,
        starts_at=show.starts_at,
        ends_at=show.ends_at,
        artists=[artist.name for artist in show.artists if artist.status.value != "declined"],
        venue=show.venue.name if show.venue else None,
        city=show.venue.city if show.venue else None,
    )
