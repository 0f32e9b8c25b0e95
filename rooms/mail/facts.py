"""What mails are written from."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from rooms.mail import dates
from rooms.show import ShowStatus


class Reader(Struct, frozen=True):
    """Whom a mail is written to. ``performs``: they have a control panel."""

    name: str
    language: str
    performs: bool = False


class ShowFacts(Struct, frozen=True):
    """A show.

    Attributes:
        starts_at: in the time of the place where it happens, if that is known.
        local: whether it is.
        public: whether anybody may be told of it.
    """

    show_id: str
    slug: str
    title: str
    status: ShowStatus
    starts_at: datetime
    local: bool
    public: bool
    artists: tuple[str, ...] = ()
    venue: str | None = None
    city: str | None = None
    country: str | None = None
    join_code: str | None = None
    takes_sms: bool = False

    @property
    def by(self) -> str:
        """Who plays; empty where the title says it already."""
        unsaid = [name for name in self.artists if name.casefold() not in self.title.casefold()]
        return ", ".join(unsaid)

    @property
    def place(self) -> str:
        """Venue and city; the venue's name may hold the city already."""
        venue, city = self.venue or "", self.city or ""
        if city and city.casefold() in venue.casefold():
            city = ""
        return ", ".join(part for part in (venue, city) if part)

    def when(self, language: str) -> str:
        """Day and time, with the zone where it is not that of the place."""
        return dates.moment(self.starts_at, language, zone=not self.local)


class RoundResult(Struct, frozen=True):
    """How a round ended. ``options``: (label, votes, whether it won), best first."""

    title: str
    votes: int
    options: tuple[tuple[str, int, bool], ...]


class Section(Struct, frozen=True):
    """A part of a setlist. ``section``: ``set1``, ``encore1``, ``soundcheck``…"""

    section: str
    songs: tuple[str, ...]


class Night(Struct, frozen=True):
    """What came of a show."""

    show: ShowFacts
    rounds: tuple[RoundResult, ...] = ()
    sections: tuple[Section, ...] = ()
