"""A show's poster, put together from what is known of it, for its crew."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import Final
from zoneinfo import ZoneInfo

import segno
from msgspec import Struct

from rooms.shows.records import LineUpStatus, ShowRecord
from server.cards.fonts_of_cards import unwritable
from server.conditional import tag_of
from server.displays.facts import join_facts
from server.field_problems import FieldProblem
from server.gates import Gate
from server.posters.drawing import Poster, draw
from server.posters.texts import TEXTS, when
from server.posters.typesetting import without_pictures
from server.problems import ApiError, not_allowed
from server.security.identity import Identity
from server.shows.attendance import Attendance, is_crew
from server.shows.shows import Shows
from storage.catalogue.cities import gazetteer

AT_ONCE: Final = 2
"""Posters that are drawn at the same time: a tenth of a second of a processor each."""

WAITING_MAX: Final = 40
"""Two seconds of posters."""


class Printed(Struct, frozen=True):
    """A poster's PDF. ``tag``: of its bytes."""

    name: str
    tag: str
    pdf: bytes


class Posters:
    """Draws posters."""

    def __init__(
        self, shows: Shows, attendance: Attendance, *, public_url: str, sms_number: str
    ) -> None:
        self._shows = shows
        self._attendance = attendance
        self._public_url = public_url
        self._sms_number = sms_number
        self._gate = Gate(AT_ONCE, WAITING_MAX)

    async def of(self, show_id: str, identity: Identity, size: str, language: str) -> Printed:
        """A show's poster.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``, ``not_printable``, ``busy``.
        """
        if not is_crew(await self._attendance.standing(show_id, identity), identity):
            raise not_allowed("The poster is for the show's crew.")
        show = await self._shows.by_id_or_slug(show_id)
        city = show.venue and (await gazetteer()).locate(show.venue.city, None, show.venue.country)
        poster = self._poster(show, city.time_zone if city else None, language)
        _check_signs(poster)
        async with self._gate.turn():
            pdf = await asyncio.to_thread(draw, poster, size)
        return Printed(name=f"{show.slug}-{size}-{language}.pdf", tag=tag_of(pdf), pdf=pdf)

    def _poster(self, show: ShowRecord, time_zone: str | None, language: str) -> Poster:
        join = join_facts(show, self._public_url)
        offers_sms = bool(self._sms_number) and show.takes_sms and show.join_code is not None
        text = TEXTS[language]
        code = segno.make(join.url, error="m", micro=False)
        sms = text["sms"].format(text=f"JOIN {show.join_code}", number=self._sms_number)
        zone = ZoneInfo(time_zone) if time_zone else UTC
        return Poster(
            language=language,
            title=without_pictures(show.title) or show.title,
            artists=tuple(
                without_pictures(artist.name) or artist.name
                for artist in show.artists
                if artist.status is not LineUpStatus.DECLINED
            ),
            when=when(show.starts_at.astimezone(zone), language),
            where=", ".join(part for part in map(without_pictures, _place(show)) if part),
            url=join.url,
            address=join.address,
            matrix=tuple(bytes(bool(module) for module in row) for row in code.matrix),
            sms=sms if offers_sms else "",
            small_print=text["small_print"] if offers_sms else "",
        )


def _place(show: ShowRecord) -> tuple[str, ...]:
    return (show.venue.name, show.venue.city or "") if show.venue else ()


def _check_signs(poster: Poster) -> None:
    """A poster with boxes in place of letters is worse than none: it says which it cannot write."""
    problems = []
    for field, texts in (
        ("title", (poster.title,)),
        ("artists", poster.artists),
        ("venue", (poster.where,)),
    ):
        missing = [sign for text in texts for sign in unwritable(text)]
        if missing:
            listed = " ".join(dict.fromkeys(missing))[:60]
            detail = f"These characters cannot be printed: {listed}"
            problems.append(FieldProblem(field, "not_printable", detail))
    if problems:
        detail = "The poster's fonts lack some of these characters. Write them in another way."
        raise ApiError(422, "not_printable", detail, errors=tuple(problems))
