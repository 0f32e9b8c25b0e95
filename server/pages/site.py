"""Pages for finding and reading: what they have in common."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response
from markupsafe import Markup
from msgspec import Struct

from server.pages.assets import ClientBuild, discover_build
from server.pages.rendering import Pages
from server.pages.texts import LANGUAGES, TEXTS, day, language_of_request, month

ENTRY: Final = "src/discover/main.ts"
AnyRequest = Request[Any, Any, Any]


class Head(Struct, frozen=True):
    """What a page says of itself to programs and to whoever shares it.

    Attributes:
        path: the canonical one; ``url`` is added from it.
        data: JSON-LD.
        look: a class of the page.
        image, calendar: paths.
    """

    title: str
    description: str
    path: str
    data: Markup | None = None
    look: str = ""
    image: str | None = None
    image_alt: str | None = None
    calendar: str | None = None
    indexed: bool = True
    home: bool = False
    search_above: bool = True


class _Page(Struct, frozen=True):
    title: str
    description: str
    url: str
    data: Markup | None
    look: str
    image: str | None
    image_alt: str | None
    calendar: str | None
    indexed: bool
    home: bool
    search_above: bool
    other_language: str


class Site:
    """Renders these pages; their script and styles are their own and small."""

    def __init__(self, pages: Pages, public_url: str, build: ClientBuild | None = None) -> None:
        self._pages = pages
        self._public_url = public_url
        self._build = build or discover_build()

    def language(self, request: AnyRequest) -> str:
        """The language that the page will be in."""
        return language_of_request(request)

    def respond(
        self, request: AnyRequest, template: str, head: Head, *, status: int = 200, **values: Any
    ) -> Response[bytes]:
        """The page."""
        language = self.language(request)
        return self._pages.respond(
            request,
            template,
            status=status,
            entry=self._build.entry_of(ENTRY),
            build=self._build,
            page=self._page(request, head, language),
            language_asked=request.query_params.get("lang") in LANGUAGES,
            counted=partial(counted, language=language),
            number=partial(number, language=language),
            month=partial(month, language=language),
            span=span,
            **values,
        )

    def _page(self, request: AnyRequest, head: Head, language: str) -> _Page:
        other = next(one for one in LANGUAGES if one != language)
        kept = [(name, value) for name, value in request.query_params.multi_items()]
        query = [(name, value) for name, value in kept if name != "lang"]
        absolute = self._public_url
        return _Page(
            title=head.title,
            description=head.description,
            url=absolute + head.path,
            data=head.data,
            look=head.look,
            image=_image(absolute, head.image, language),
            image_alt=head.image_alt,
            calendar=head.calendar,
            indexed=head.indexed,
            home=head.home,
            search_above=head.search_above,
            other_language=f"?{urlencode([*query, ('lang', other)])}",
        )


def _image(public_url: str, path: str | None, language: str) -> str | None:
    """Cards speak the language of their address."""
    if path is None:
        return None
    return public_url + path + ("" if language == LANGUAGES[0] else f"?lang={language}")


def counted(count: int, what: str, *, language: str) -> str:
    """So many of something: ``1 show``, ``2,358 shows``."""
    texts = TEXTS[language]
    if count == 1 and f"{what}_one" in texts:
        return texts[f"{what}_one"]
    return texts[what].format(count=number(count, language=language))


def number(count: int, *, language: str) -> str:
    """A number with its thousands apart: a comma in English; in Spanish a narrow space, and only
    from five digits on."""
    if language == "es":
        return f"{count:,}".replace(",", "\u202f") if count >= 10_000 else str(count)
    return f"{count:,}"


def span(first: datetime | None, last: datetime | None) -> str | None:
    """The years between two moments."""
    if first is None or last is None:
        return None
    return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"


def described(*parts: str | None) -> str:
    """A description from what there is to say."""
    return " · ".join(part for part in parts if part)


__all__ = ["Head", "Site", "counted", "day", "described", "number", "span"]
