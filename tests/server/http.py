"""People who call the API in tests."""

from __future__ import annotations

import itertools
from typing import Any

import httpx

PASSWORD = "a long enough passphrase"
_numbers = itertools.count(1)

NEW_SHOW = {"title": "Barton Hall", "starts_at": "2027-05-08T19:00:00Z"}
ROUND = {
    "title": "Encore?",
    "options": [{"id": "o1", "label": "One More Saturday Night"}, {"id": "o2", "label": "Ripple"}],
}


def unique_email() -> str:
    """An address that no other test has."""
    return f"person{next(_numbers)}@example.com"


class Person:
    """Somebody with or without tokens."""

    def __init__(self, client: httpx.AsyncClient, body: dict[str, Any] | None = None) -> None:
        self.client = client
        self.body = body or {}

    @property
    def id(self) -> str:
        """The account's id."""
        return str(self.body["user"]["id"])

    @property
    def email(self) -> str:
        """The account's address."""
        return str(self.body["user"]["email"])

    @property
    def token(self) -> str:
        """The access token."""
        return str(self.body["access_token"])

    async def call(
        self, method: str, path: str, json: Any = None, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """One call, with the access token if there is one."""
        more = dict(headers or {})
        if self.body:
            more.setdefault("Authorization", f"Bearer {self.token}")
        if json is None:
            return await self.client.request(method, path, headers=more)
        return await self.client.request(method, path, json=json, headers=more)

    async def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """``POST``."""
        return await self.call("POST", path, {} if json is None else json, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """``GET``."""
        return await self.call("GET", path, **options)

    async def put(self, path: str, json: Any, **options: Any) -> httpx.Response:
        """``PUT``."""
        return await self.call("PUT", path, json, **options)

    async def as_guest(self, display_name: str = "Robin") -> Person:
        """A new guest."""
        answer = await self.post("/api/auth/guest", {"display_name": display_name})
        return Person(self.client, made(answer))

    async def signed_up(
        self, email: str | None = None, *, role: str = "fan", display_name: str = "Somebody"
    ) -> Person:
        """A new account."""
        body = {
            "email": email or unique_email(),
            "password": PASSWORD,
            "display_name": display_name,
            "role": role,
        }
        return Person(self.client, made(await self.post("/api/auth/signup", body)))

    async def show(self, **changes: Any) -> dict[str, Any]:
        """A new draft show of this person's."""
        show: dict[str, Any] = made(await self.post("/api/shows", NEW_SHOW | changes))
        return show

    async def live_show(self, **changes: Any) -> dict[str, Any]:
        """A show of this person's whose room is open."""
        show = await self.show(**changes)
        ok(await self.post(f"/api/shows/{show['id']}/publish"))
        opened: dict[str, Any] = ok(await self.post(f"/api/shows/{show['id']}/open"))
        return opened

    async def open_round(self, show_id: str, **changes: Any) -> dict[str, Any]:
        """A round that takes votes."""
        path = f"/api/shows/{show_id}/rounds"
        created = made(await self.post(path, {"config": ROUND | changes}))
        opened: dict[str, Any] = ok(await self.post(f"/api/rounds/{created['id']}/open"))
        return opened

    def at(self, client: httpx.AsyncClient) -> Person:
        """The same person at another node."""
        return Person(client, self.body)


def ok(response: httpx.Response, status: int = 200) -> Any:
    """The body of an answer that is as wanted."""
    assert response.status_code == status, response.text
    return response.json() if response.content else None


def made(response: httpx.Response) -> Any:
    """The body of a 201."""
    return ok(response, 201)


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer that refuses, as it should look."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["code"]) == (status, code), response.text
    assert problem["status"] == status
    assert problem["type"] and problem["title"] and problem["detail"]
    return problem
