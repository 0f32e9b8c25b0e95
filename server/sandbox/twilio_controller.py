"""Twilio's API 2010-04-01 as far as texts need it, under ``/sandbox/twilio``.

Only where the sandbox carries texts: everywhere else there is nothing here (404).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath

from rooms import limits
from rooms.sandbox.ports import MessageFilter
from rooms.sandbox.records import SandboxMessage
from server.cursors import Moment, read_cursor, write_cursor
from server.problems import ApiError, not_found
from server.sandbox.carrier import Order
from server.sandbox.sandbox import Sandbox
from server.sandbox.sids import SID
from server.sandbox.twilio_errors import TwilioError, authenticate, missing, response_of
from server.sandbox.twilio_messages import MessageList, messages_path, resource_of
from server.services import AppServices, Services

AnyRequest = Request[Any, Any, Any]
FIELDS_MAX = 100
PAGE_DEFAULT = 50


def _on_twilio_error(_: AnyRequest, error: TwilioError) -> Response[Any]:
    return response_of(error)


class TwilioController(Controller):
    """Messages, made, read and listed."""

    path = "/sandbox/twilio/2010-04-01/Accounts/{account_sid:str}"
    include_in_schema = False
    exception_handlers = {TwilioError: _on_twilio_error}  # noqa: RUF012 (Litestar's own idiom)

    @post("/Messages.json", status_code=201)
    async def create(
        self, request: AnyRequest, account_sid: FromPath[str], services: AppServices
    ) -> Response[bytes]:
        """Sends a text."""
        sandbox = _sandbox(services, request, account_sid)
        form = await _form(request)
        order = Order(
            recipient=form.get("To", "").strip(),
            sender=form.get("From", "").strip(),
            body=form.get("Body", ""),
            status_callback=form.get("StatusCallback") or None,
        )
        return _answer(sandbox, await sandbox.carrier.accept(order), 201)

    @get("/Messages.json")
    async def listed(
        self,
        request: AnyRequest,
        account_sid: FromPath[str],
        services: AppServices,
    ) -> Response[bytes]:
        """Texts of the account, the newest first; ``To``, ``From`` and ``DateSent`` narrow it."""
        sandbox = _sandbox(services, request, account_sid)
        query = dict(request.query_params.items())
        asked = query.get("PageSize", "")
        size = int(asked) if asked.isdigit() and len(asked) < 6 else PAGE_DEFAULT
        size = min(max(1, size), limits.SANDBOX_MESSAGES_PAGE_MAX)
        token = query.get("PageToken")
        after = _place(token) if token else None
        found = await sandbox.carrier.listed(_wanted(query), after, size + 1)
        return _json(_page(sandbox, query, found, size))

    @get("/Messages/{name:str}")
    async def one(
        self,
        request: AnyRequest,
        account_sid: FromPath[str],
        name: FromPath[str],
        services: AppServices,
    ) -> Response[bytes]:
        """One text."""
        sandbox = _sandbox(services, request, account_sid)
        sid = name.removesuffix(".json")
        message = await sandbox.carrier.one(sid) if SID.match(sid) else None
        if message is None:
            raise missing(request.url.path.removeprefix("/sandbox/twilio"))
        return _answer(sandbox, message, 200)


def _sandbox(services: Services, request: AnyRequest, account_sid: str) -> Sandbox:
    """The sandbox, for whoever shows its account and token (RFC 7617)."""
    sandbox = services.sandbox
    if sandbox is None:
        raise not_found("address")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    right = f"{sandbox.account_sid}:{sandbox.auth_token.reveal()}".encode()
    if scheme.lower() != "basic" or not hmac.compare_digest(given, right):
        raise authenticate()
    if account_sid != sandbox.account_sid:
        raise missing(request.url.path.removeprefix("/sandbox/twilio"))
    return sandbox


async def _form(request: AnyRequest) -> dict[str, str]:
    try:
        text = (await request.body()).decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError:
        raise TwilioError(400, 20001, "The form cannot be read.") from None


def _wanted(query: dict[str, str]) -> MessageFilter:
    since, until = _moment(query.get("DateSent>")), _moment(query.get("DateSent<"))
    day = query.get("DateSent")
    if day:
        since = _moment(day)
        until = since + timedelta(days=1) - timedelta(microseconds=1) if since else None
    return MessageFilter(
        recipient=query.get("To") or None,
        sender=query.get("From") or None,
        sent_from=since,
        sent_until=until,
    )


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise TwilioError(400, 20001, f"Invalid date: {text[:40]}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _place(token: str) -> tuple[datetime, str]:
    try:
        return read_cursor(token, tuple[Moment, str])
    except ApiError:
        raise TwilioError(400, 20001, "Invalid PageToken") from None


def _page(
    sandbox: Sandbox, query: dict[str, str], found: list[SandboxMessage], size: int
) -> MessageList:
    number = int(asked) if (asked := query.get("Page", "")[:6]).isdigit() else 0
    shown, more = found[:size], len(found) > size
    kept = {name: text for name, text in query.items() if name not in ("Page", "PageToken")}
    kept["PageSize"] = str(size)
    base = f"{messages_path(sandbox.account_sid)}.json"

    def address(page: int, token: str | None) -> str:
        return (
            f"{base}?{urlencode(kept | {'Page': page} | ({'PageToken': token} if token else {}))}"
        )

    last = shown[-1] if shown else None
    after = write_cursor((last.created_at, last.sid)) if last and more else None
    return MessageList(
        end=number * size + max(0, len(shown) - 1),
        first_page_uri=address(0, None),
        messages=[resource_of(message, sandbox.account_sid) for message in shown],
        next_page_uri=address(number + 1, after) if after else None,
        page=number,
        page_size=size,
        previous_page_uri=address(number - 1, None) if number == 1 else None,
        start=number * size,
        uri=address(number, query.get("PageToken")),
    )


def _answer(sandbox: Sandbox, message: SandboxMessage, status: int) -> Response[bytes]:
    return _json(resource_of(message, sandbox.account_sid), status)


def _json(body: msgspec.Struct, status: int = 200) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
