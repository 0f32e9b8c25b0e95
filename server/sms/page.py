"""``/c/{token}``: the page of the link in a text. A tap confirms; looking at it never does,
because carriers and phones look at links before people do."""

from __future__ import annotations

from typing import Annotated, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from rooms.messaging.masking import masked_number
from rooms.sms.languages import Language, language_called
from rooms.sms.records import LinkRecord, PhoneState
from server.problems import ApiError
from server.security.identity import Identity
from server.services import AppServices
from server.sms.page_texts import PAGE_TEXTS

AnyRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(max_length=64)]

# The address opens something: no other site shall be told it.
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def link_page() -> list[HTTPRouteHandler]:
    """The routes."""
    environment = Environment(
        loader=PackageLoader("server.pages"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def page(state: str, token: str, link: LinkRecord | None, language: Language) -> Response[str]:
        texts = PAGE_TEXTS[language]
        title = link.title if link is not None else ""
        before, split, after = texts[f"{state}.lead"].partition("{number}")
        words = {
            "title": texts[f"{state}.title"],
            "heading": texts[f"{state}.heading"],
            "lead_before": before.replace("{show}", title),
            "lead_after": after.replace("{show}", title),
            "go": texts["ask.go"],
            "small": texts["ask.small"],
            "open": texts["open"],
        }
        html = environment.get_template("confirm_phone.html").render(
            language=language.value,
            words=words,
            number=masked_number(link.number) if link is not None and split else "",
            asks=state == "ask",
            done=state == "done",
            token=token,
            show_path=f"/shows/{link.show_slug}" if link is not None else "",
        )
        return Response(
            html,
            media_type="text/html",
            status_code=_STATUSES[state],
            headers=_HEADERS,
        )

    @get("/c/{token:str}", name="confirm-phone", include_in_schema=False)
    async def look(request: AnyRequest, token: Token, services: AppServices) -> Response[str]:
        """What a tap would do."""
        phones = services.sms.app_phones
        try:
            link = await phones.link(token, None)
        except ApiError as error:
            if error.status != 404:
                raise
            return page("gone", token, None, _asked_for(request))
        language = _spoken(link)
        if link.used_at is not None:
            return page(
                "done" if link.state is PhoneState.ACTIVE else "gone", token, link, language
            )
        if phones.has_expired(link) or link.state is PhoneState.NONE:
            return page("gone", token, link, language)
        if link.state is PhoneState.SUPPRESSED:
            return page("taken", token, link, language)
        return page("ask", token, link, language)

    @post("/c/{token:str}", name="confirm-phone-now", include_in_schema=False)
    async def tap(request: AnyRequest, token: Token, services: AppServices) -> Response[str]:
        """Confirms, as the person whom the browser knows, if it knows one."""
        user = request.scope.get("user")
        identity = user if isinstance(user, Identity) else None
        phones = services.sms.app_phones
        try:
            link = await phones.tap(token, identity)
        except ApiError as error:
            if error.status not in (403, 404, 409, 410):
                raise
            known = None if error.code == "unknown_link" else await phones.link(token, None)
            language = _spoken(known) if known is not None else _asked_for(request)
            over = error.status in (404, 410) or error.code == "link_used"
            return page("gone" if over else "taken", token, known, language)
        return page("done", token, link, _spoken(link))

    return [look, tap]


_STATUSES: Final = {"ask": 200, "done": 200, "gone": 410, "taken": 409}


def _spoken(link: LinkRecord) -> Language:
    """The language that the text was in."""
    return language_called(link.language) or Language.EN


def _asked_for(request: AnyRequest) -> Language:
    for said in request.headers.get("accept-language", "").split(","):
        language = language_called(said.partition(";")[0].strip().replace("-", " "))
        if language is not None:
            return language
    return Language.EN
