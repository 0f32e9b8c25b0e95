"""``/api/auth/profile/mail``, the pages that mails lead to, and the webhooks of bounces."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast

import msgspec
from litestar import Controller, Request, Response, get, post, put
from litestar.params import JSONBody, PathParameter
from litestar.types import ControllerRouterHandler
from msgspec import UNSET

from rooms.mail.kinds import DEFAULTS, Frequency, MailType, language_of
from rooms.mail.ports import Person
from rooms.messaging.masking import masked_mail
from server.mail import pages
from server.mail.choices import BY_ACCOUNT, BY_LINK, BY_ONE_CLICK
from server.mail.reports import HEADER
from server.mail.schemas import (
    MailEventsBody,
    MailFrequency,
    MailLanguage,
    MailPreferencesBody,
    MailPreferencesView,
    MailTypes,
    VerificationSent,
)
from server.problems import ApiError
from server.security.authentication import CallerIdentity
from server.security.tokens import TOKEN_CHARACTERS_MAX
from server.services import AppServices

ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What a mail program posts (RFC 8058 §3.1)."""

_events = msgspec.json.Decoder(MailEventsBody)

AnyRequest = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(max_length=TOKEN_CHARACTERS_MAX)]


class MailPreferencesController(Controller):
    """Which mails one gets."""

    path = "/api/auth/profile/mail"
    tags = ("accounts",)

    @get("/", operation_id="mailPreferences", summary="Which mails one gets")
    async def read(self, identity: CallerIdentity, services: AppServices) -> MailPreferencesView:
        """All types; a guest has no address and gets none."""
        return _view(await services.mail.of(identity.account_id))

    @put("/", operation_id="chooseMails", summary="Choose how often each type of mail comes")
    async def choose(
        self, data: JSONBody[MailPreferencesBody], identity: CallerIdentity, services: AppServices
    ) -> MailPreferencesView:
        """All types as they are now."""
        chosen = {
            kind: Frequency(value.frequency)
            for kind in DEFAULTS
            if isinstance(value := getattr(data.types, kind.value.lower()), MailFrequency)
        }
        language = None if data.language is UNSET else str(data.language)
        return _view(await services.mail.choose(identity.account_id, chosen, language, BY_ACCOUNT))

    @post("/verify", operation_id="verifyAddress", status_code=202)
    async def verify(self, identity: CallerIdentity, services: AppServices) -> VerificationSent:
        """Sends a mail with a link that proves the address, also where it is suppressed."""
        return VerificationSent(await services.mail.ask(identity.account_id))


@get("/mail/unsubscribe/{token:str}", include_in_schema=False)
async def unsubscribe_page(
    request: AnyRequest, token: Token, services: AppServices
) -> Response[str]:
    """Asks; changes nothing: programs look at links before people do."""
    try:
        claims = services.mail.read_unsubscribe(token)
        person = await services.mail.of(claims.account_id)
    except ApiError:
        return pages.bad_link_page(request)
    if person is None:
        return pages.bad_link_page(request)
    return pages.choices_page(request, person, claims.kind, _masked(person))


@post("/mail/unsubscribe/{token:str}", include_in_schema=False, status_code=200)
async def unsubscribe(request: AnyRequest, token: Token, services: AppServices) -> Response[str]:
    """One click of a mail program, or a button of the page."""
    form = await request.form()
    one_click = form.get(ONE_CLICK[0]) == ONE_CLICK[1]
    try:
        claims = services.mail.read_unsubscribe(token)
        match form.get("do"):
            case "save" if not one_click:
                chosen = _chosen(form)
                source, said = BY_LINK, "saved"
            case "none" if not one_click:
                chosen = dict.fromkeys(DEFAULTS, Frequency.NEVER)
                source, said = BY_LINK, "saved"
            case _:
                chosen = {claims.kind: Frequency.NEVER} if claims.kind in DEFAULTS else {}
                source, said = BY_ONE_CLICK if one_click else BY_LINK, "stopped"
        person = await services.mail.choose(claims.account_id, chosen, None, source)
    except ApiError:
        return pages.bad_link_page(request)
    return pages.choices_page(request, person, claims.kind, _masked(person), said)


@get("/mail/verify/{token:str}", include_in_schema=False)
async def verify_page(request: AnyRequest, token: Token, services: AppServices) -> Response[str]:
    """Asks; changes nothing."""
    try:
        claims = services.mail.read_verify(token)
    except ApiError:
        return pages.bad_link_page(request)
    language = await _language(request, services, claims.account_id)
    return pages.verify_page(request, language, claims.address)


@post("/mail/verify/{token:str}", include_in_schema=False, status_code=200)
async def verify(request: AnyRequest, token: Token, services: AppServices) -> Response[str]:
    """The address is theirs."""
    try:
        claims = services.mail.read_verify(token)
    except ApiError:
        return pages.bad_link_page(request)
    language = await _language(request, services, claims.account_id)
    verified = await services.mail.verify(claims)
    return pages.verified_page(request, language, verified=verified)


@post(
    "/webhooks/mail/bounces",
    operation_id="mailBounces",
    status_code=204,
    tags=("webhooks",),
    summary="What became of mails (signed JSON)",
)
async def bounces(request: AnyRequest, services: AppServices) -> None:
    """Bounces, complaints and deliveries, as `docs/mail.md` describes them."""
    body = await request.body()
    services.mail_reports.prove(body, request.headers.get(HEADER, ""))
    try:
        events = _events.decode(body).events
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ApiError(400, "malformed_request", str(error)) from None
    await services.mail_reports.take(events)


@post(
    "/webhooks/mail/dsn",
    operation_id="mailReports",
    status_code=204,
    tags=("webhooks",),
    summary="A bounce or complaint as a mail (message/rfc822)",
)
async def reports(request: AnyRequest, services: AppServices) -> None:
    """A delivery status notification (RFC 3464) or a feedback report (RFC 5965)."""
    body = await request.body()
    services.mail_reports.prove(body, request.headers.get(HEADER, ""))
    await services.mail_reports.take_mail(body)


MAIL_HANDLERS: Final[tuple[ControllerRouterHandler, ...]] = (
    MailPreferencesController,
    unsubscribe_page,
    unsubscribe,
    verify_page,
    verify,
    bounces,
    reports,
)


def _view(person: Person | None) -> MailPreferencesView:
    mailbox = person.mailbox if person else None
    types = {
        kind.value.lower(): MailFrequency(
            (mailbox.frequency(kind) if mailbox else default).value,
        )
        for kind, default in DEFAULTS.items()
    }
    language = person.reader.language if person else language_of()
    return MailPreferencesView(
        address=mailbox.address if mailbox else None,
        verified=mailbox.verified if mailbox else False,
        language=cast("MailLanguage", language),
        types=MailTypes(**types),
        suppressed=mailbox.suppressed.value if mailbox and mailbox.suppressed else None,
    )


def _chosen(form: Any) -> dict[MailType, Frequency]:
    known = {frequency.value for frequency in Frequency}
    return {kind: Frequency(form[kind.value]) for kind in DEFAULTS if form.get(kind.value) in known}


def _masked(person: Person) -> str:
    return masked_mail(person.mailbox.address or "")  # links are forwarded along with mails


async def _language(request: AnyRequest, services: AppServices, account_id: str) -> str:
    person = await services.mail.of(account_id)
    return person.reader.language if person else pages.language_of_browser(request)
