"""Every mail says the same in every language, and the same as HTML and as text."""

from __future__ import annotations

import re
import string
from html.parser import HTMLParser

import pytest

from rooms.mail.blocks import Footer
from rooms.mail.compose.digest import Material, digest
from rooms.mail.dates import day, full_day, time
from rooms.mail.kinds import LANGUAGES, Frequency, language_of
from rooms.mail.rendering import render
from rooms.mail.texts import TEXTS, Words
from tests.rooms.mail.samples import LINKS, SHOW, every_mail

GMAIL_BYTES_MAX = 102 * 1024
FOOTER = Footer(LINKS.home, "https://setroom.example/u#choices", "https://setroom.example/u")
EVERY = [
    pytest.param(language, name, content, id=f"{language} {name}")
    for language in LANGUAGES
    for name, content in every_mail(language)
]


class Seen(HTMLParser):
    """What a reader sees, and where it leads; and that every element ends."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in ("meta", "br"):
            self._open.append(tag)
        if tag == "a":
            self.links.append(values["href"] or "")
        self.loads += [value or "" for name, value in attrs if name in ("src", "background")]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open and "title" not in self._open:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_with_the_same_placeholders(language: str) -> None:
    own, english = TEXTS[language], TEXTS["en"]

    assert own.keys() == english.keys()
    assert {key: placeholders(own[key]) for key in own} == {
        key: placeholders(english[key]) for key in english
    }
    assert all(text == text.strip() and text for text in own.values())


@pytest.mark.parametrize(("language", "name", "content"), EVERY)
def test_html_and_text_say_the_same(language: str, name: str, content: object) -> None:
    from rooms.mail.blocks import Content

    assert isinstance(content, Content)
    rendered = render(content, FOOTER)
    seen = Seen(rendered.html)
    said = " ".join(rendered.text.split())

    assert seen.loads == [], "nothing is fetched: no picture tells who has read what"
    assert len(rendered.html.encode()) < GMAIL_BYTES_MAX
    assert f'lang="{language}"' in rendered.html
    for link in set(seen.links) - {LINKS.home}:
        assert link in rendered.text
    for line in re.findall(r"https://\S+", rendered.text):
        assert line in seen.links
    assert content.preheader in seen.words
    assert content.reason in seen.words
    assert content.reason in said
    assert not re.search(r"\{[a-z_]+\}", content.subject)
    assert "\n" not in content.subject


def test_what_people_wrote_is_text_and_nothing_else() -> None:
    for _, content in every_mail("en"):
        html = render(content, FOOTER).html
        assert "<b>" not in html
        assert "<live>" not in html
    [hello] = [one for name, one in every_mail("en") if name == "welcome 3"]
    assert "Hello Zoë {0} <b>," in render(hello, FOOTER).text


def test_a_mail_that_cannot_be_refused_offers_no_way_to() -> None:
    rendered = render(next(one for name, one in every_mail("en") if name == "device"), Footer("x"))

    assert "nsubscribe" not in rendered.html + rendered.text


def test_an_empty_digest_is_none() -> None:
    from rooms.mail.facts import Reader

    assert digest(Frequency.WEEKLY, Material(), Reader("Ann", "en"), LINKS) is None


def test_a_show_is_told_of_once_in_a_digest() -> None:
    from rooms.mail.facts import Reader

    content = digest(
        Frequency.WEEKLY, Material((SHOW,), (SHOW,), (SHOW,)), Reader("Ann", "en"), LINKS
    )
    assert content is not None
    assert sum(type(block).__name__ == "ShowCard" for block in content.blocks) == 1


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("8 May", "Saturday 8 May 2027", "19:30")),
        ("es", ("8 de mayo", "sábado, 8 de mayo de 2027", "19:30 h")),
        ("fr", ("8 mai", "samedi 8 mai 2027", "19 h 30")),
        ("de", ("8. Mai", "Samstag, 8. Mai 2027", "19:30 Uhr")),
    ],
)
def test_days_and_times_are_those_of_the_place_in_the_readers_words(
    language: str, expected: tuple[str, str, str]
) -> None:
    at = SHOW.starts_at
    assert (day(at, language), full_day(at, language), time(at, language)) == expected


def test_numbers_are_grouped_as_the_language_does() -> None:
    assert [Words(language).count("votes", 1204) for language in LANGUAGES] == [
        "1,204 votes",
        "1.204 votos",
        "1\u202f204 votes",
        "1.204 Stimmen",
    ]
    assert Words("de").count("votes", 1) == "1 Stimme"


def test_a_language_that_is_not_written_is_english() -> None:
    assert [language_of(None, "es-MX"), language_of("pt"), language_of("DE_at")] == [
        "es",
        "en",
        "de",
    ]
