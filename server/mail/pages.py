"""The pages that mails lead to. They work without scripts, for somebody who is not signed in."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response

from rooms.mail.kinds import DEFAULTS, LANGUAGES, MailType
from rooms.mail.ports import Person
from server.languages import preferred_language
from server.mail.texts import TEXTS

HEADERS: Final = {
    "Cache-Control": "no-store",
    # The address opens choices: it is for nobody else, neither sites nor search engines.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

AnyRequest = Request[Any, Any, Any]


def choices_page(
    request: AnyRequest, person: Person, kind: MailType, address: str, said: str = ""
) -> Response[str]:
    """What somebody gets, with a button for the type that they came from.

    Args:
        said: ``stopped`` or ``saved``: what has just been done.
    """
    language = person.reader.language
    texts = TEXTS[language]
    frequencies = [(one.value, person.mailbox.frequency(one).value) for one in DEFAULTS]
    wanted = kind in DEFAULTS and person.mailbox.frequency(kind).value != "never"
    return _page(
        request,
        "choices.html",
        language,
        title=texts["title"],
        lead=texts["lead"].format(address=address),
        said=texts[said] if said else "",
        kind=kind.value,
        offer_stop=wanted and not said,
        frequencies=frequencies,
    )


def verify_page(request: AnyRequest, language: str, address: str) -> Response[str]:
    """Asks with a button: programs that look at links press none."""
    texts = TEXTS[language]
    return _page(
        request, "verify.html", language, title=texts["verify_title"], lead="", address=address
    )


def verified_page(request: AnyRequest, language: str, *, verified: bool) -> Response[str]:
    """What came of it."""
    texts = TEXTS[language]
    key = "verified" if verified else "other"
    return _page(
        request,
        "end.html",
        language,
        status=200 if verified else 409,
        title=texts[f"{key}_title"],
        lead=texts[f"{key}_lead"],
        go="/" if verified else "/account",
        go_label=texts["home" if verified else "account"],
    )


def bad_link_page(request: AnyRequest) -> Response[str]:
    """The link is old or broken."""
    language = language_of_browser(request)
    texts = TEXTS[language]
    return _page(
        request,
        "end.html",
        language,
        status=404,
        title=texts["bad_title"],
        lead=texts["bad_lead"],
        go="/account",
        go_label=texts["account"],
    )


def language_of_browser(request: AnyRequest) -> str:
    """For somebody whose language is not known."""
    header = request.headers.get("accept-language", "")
    return preferred_language(header, LANGUAGES) or LANGUAGES[0]


def _page(
    request: AnyRequest, template: str, language: str, *, status: int = 200, **values: Any
) -> Response[str]:
    del request
    nonce = secrets.token_urlsafe(16)
    page = (
        _environment()
        .get_template(template)
        .render(language=language, nonce=nonce, texts=TEXTS[language], **{"said": "", **values})
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {**HEADERS, "Content-Security-Policy": policy, "Content-Language": language}
    return Response(page, status_code=status, media_type="text/html", headers=headers)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("server.mail"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
