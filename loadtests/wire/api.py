"""The HTTP side of the wire contract: accounts, shows, rounds, tickets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from loadtests.wire.ids import uuid7

REQUEST_TIMEOUT_S = 15.0
CONNECTIONS_MAX = 64
"""HTTP connections of one session; guests of a load test share it."""

JsonObject = dict[str, Any]


class ApiProblem(Exception):
    """An answer that is no success: a problem document with a stable ``code``."""

    def __init__(self, status: int, code: str, detail: str, retry_after_s: float | None) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s


@dataclass(slots=True)
class Credentials:
    """Tokens of one account or guest. ``expires_at`` is on the monotonic clock, in seconds."""

    access_token: str
    refresh_token: str
    expires_at: float
    account_id: str


class ApiClient:
    """One person's view of ``/api``. Renews its access token by itself.

    Args:
        base_url: ``http://host:port`` of any node.
        session: shared between clients; see `open_session`.
    """

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self.base_url = base_url.rstrip("/")
        self.session = session
        self.credentials: Credentials | None = None
        self._renewing = asyncio.Lock()

    def at(self, base_url: str) -> ApiClient:
        """The same person at another node."""
        other = ApiClient(base_url, self.session)
        other.credentials = self.credentials
        return other

    async def signup(
        self, email: str, password: str, display_name: str, role: str = "fan"
    ) -> JsonObject:
        """``POST /api/auth/signup``; signed in afterwards."""
        body = {"email": email, "password": password, "display_name": display_name, "role": role}
        return self._signed_in(await self.post("/api/auth/signup", body))

    async def login(self, email: str, password: str) -> JsonObject:
        """``POST /api/auth/login``; signed in afterwards."""
        body = {"email": email, "password": password}
        return self._signed_in(await self.post("/api/auth/login", body))

    async def guest(self, display_name: str | None = None) -> JsonObject:
        """``POST /api/auth/guest``; signed in afterwards."""
        body = {} if display_name is None else {"display_name": display_name}
        return self._signed_in(await self.post("/api/auth/guest", body))

    async def ticket(self, show_id: str, join_code: str | None = None) -> str:
        """A socket ticket of this show."""
        body = {} if join_code is None else {"join_code": join_code}
        answer = await self.post(f"/api/shows/{show_id}/ticket", body)
        return str(answer["ticket"])

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonObject:
        """``GET``, JSON out.

        Raises:
            ApiProblem: the answer is no success.
        """
        return await self.request("GET", path, params=params)

    async def post(self, path: str, body: JsonObject | None = None) -> JsonObject:
        """``POST`` of JSON with an ``Idempotency-Key`` of its own; JSON out.

        Raises:
            ApiProblem: the answer is no success.
        """
        return await self.request("POST", path, body={} if body is None else body)

    async def command(
        self, show_id: str, name: str, args: JsonObject, command_id: str | None = None
    ) -> JsonObject:
        """A room command without a socket: ``POST /api/shows/{id}/commands``."""
        body = {"command_id": command_id or uuid7(), "name": name, "args": args}
        return await self.post(f"/api/shows/{show_id}/commands", body)

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: JsonObject | None = None,
        params: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """One call; renews the access token once if the server says it expired.

        Raises:
            ApiProblem: the answer is no success.
            aiohttp.ClientError: no answer.
            TimeoutError: no answer within `REQUEST_TIMEOUT_S`.
        """
        key = uuid7()
        used = self.credentials
        if used is not None and time.monotonic() > used.expires_at - 20:
            await self._renew(used)
            used = self.credentials
        try:
            return await self._send(method, path, body, params, key)
        except ApiProblem as problem:
            if problem.status != 401 or used is None or path.startswith("/api/auth/"):
                raise
        await self._renew(used)
        return await self._send(method, path, body, params, key)

    async def _send(
        self,
        method: str,
        path: str,
        body: JsonObject | None,
        params: Mapping[str, str] | None,
        idempotency_key: str,
    ) -> JsonObject:
        headers = {"Accept": "application/json"}
        if self.credentials is not None and not path.startswith("/api/auth/refresh"):
            headers["Authorization"] = f"Bearer {self.credentials.access_token}"
        if method == "POST":
            headers["Idempotency-Key"] = idempotency_key
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = msgspec.json.encode(body)
        async with self.session.request(
            method, self.base_url + path, data=data, params=params, headers=headers
        ) as response:
            content = await response.read()
            if response.status >= 400:
                raise _problem(response.status, content, response.headers.get("Retry-After"))
        answer = msgspec.json.decode(content) if content else {}
        return answer if isinstance(answer, dict) else {"items": answer}

    async def _renew(self, used: Credentials) -> None:
        async with self._renewing:
            if self.credentials is not used:
                return  # Somebody else renewed it while we waited.
            body = {"refresh_token": used.refresh_token}
            answer = await self._send("POST", "/api/auth/refresh", body, None, uuid7())
            self._signed_in(answer, account_id=used.account_id)

    def _signed_in(self, answer: JsonObject, account_id: str | None = None) -> JsonObject:
        user = answer.get("user") or {}
        self.credentials = Credentials(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            expires_at=time.monotonic() + float(answer["expires_in"]),
            account_id=account_id or str(answer.get("guest_id") or user.get("id") or ""),
        )
        return answer


def _problem(status: int, content: bytes, retry_after: str | None) -> ApiProblem:
    try:
        document = msgspec.json.decode(content)
    except msgspec.DecodeError:
        document = {}
    if not isinstance(document, dict):
        document = {}
    seconds = float(retry_after) if retry_after and retry_after.isdigit() else None
    code = str(document.get("code", "unknown"))
    return ApiProblem(status, code, str(document.get("detail", "")), seconds)


@asynccontextmanager
async def open_session(connections: int = CONNECTIONS_MAX) -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session without cookies: every client brings its own token."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
    ) as session:
        yield session
