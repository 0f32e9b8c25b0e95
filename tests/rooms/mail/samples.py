"""One mail of every kind, in a language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rooms.mail.blocks import Content
from rooms.mail.compose import nights, security, shows, welcome
from rooms.mail.compose.digest import Material, Said, digest
from rooms.mail.facts import Night, Reader, RoundResult, Section, ShowFacts
from rooms.mail.kinds import Frequency
from rooms.mail.links import Links
from rooms.show import ShowStatus

LINKS = Links("https://setroom.example")
AT = datetime(2026, 11, 22, 0, 12, tzinfo=UTC)
SHOW = ShowFacts(
    show_id="s1",
    slug="barton-hall-2027",
    title="Barton Hall & Friends <live>",
    status=ShowStatus.PUBLISHED,
    starts_at=datetime(2027, 5, 8, 19, 30, tzinfo=ZoneInfo("America/New_York")),
    local=True,
    public=True,
    artists=("The Wandering Lights",),
    venue="Barton Hall",
    city="Ithaca",
    country="US",
    join_code="K7Q4WM",
    takes_sms=True,
)
NIGHT = Night(
    SHOW,
    (RoundResult("What opens?", 1204, (("Scarlet", 688, True), ("Dark Star", 516, False))),),
    (Section("set1", ("Loser", "El Paso")), Section("encore1", ("Ripple",))),
)


def every_mail(language: str) -> Iterator[tuple[str, Content]]:
    """Name and content of each."""
    fan = Reader("Zoë {0} <b>", language)
    artist = Reader("The Band", language, performs=True)
    yield "welcome 1", welcome.welcome(1, fan, LINKS, verify_url="https://setroom.example/v/1")
    yield "welcome 1, proven", welcome.welcome(1, fan, LINKS)
    yield "welcome 1, artist", welcome.welcome(1, artist, LINKS)
    yield "welcome 2", welcome.welcome(2, fan, LINKS, coming=(SHOW,))
    yield "welcome 2, artist", welcome.welcome(2, artist, LINKS)
    yield "welcome 3", welcome.welcome(3, fan, LINKS)
    yield "verification", welcome.verification(fan, "https://setroom.example/v/1", 30)
    yield "new show", shows.new_show(SHOW, "The Wandering Lights", fan, LINKS, near=True)
    yield "tomorrow", shows.reminder(SHOW, "tomorrow", fan, LINKS, sms_number="+1 201 555 0100")
    yield "soon", shows.reminder(SHOW, "soon", fan, LINKS)
    yield "device", security.new_device(fan, LINKS, None, AT)
    yield "password", security.password_changed(fan, LINKS, AT)
    yield "deleted", security.account_deleted(fan)
    yield "results", nights.results(NIGHT, fan, LINKS)
    yield "no results", nights.results(Night(SHOW), fan, LINKS)
    yield "recap", nights.recap(NIGHT, fan, LINKS)
    yield "no recap", nights.recap(Night(SHOW), fan, LINKS)
    yield "words", nights.broadcast(SHOW, "Doors at nine.\n\nBring {tape}\n& friends", fan, LINKS)
    material = Material((SHOW,), (), (), (NIGHT,), (NIGHT,), (Said(SHOW, "Doors at nine."),))
    for frequency in (Frequency.DAILY, Frequency.WEEKLY):
        content = digest(frequency, material, fan, LINKS)
        assert content is not None
        yield f"digest {frequency.value}", content
