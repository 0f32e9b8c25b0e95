"""Whatever is sent, the answer is a problem document with a code, and never a 500."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import Litestar

from tests.server.conftest import client_of
from tests.server.http import Person, ok, refused

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(["\u0000", "\ud800", "a" * 300, "2027-01-01T00:00:00Z", "public", "-1"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=8,
)

FIELDS = {
    "/api/auth/signup": ["email", "password", "display_name", "role", "device_token"],
    "/api/auth/login": ["email", "password", "device_token"],
    "/api/auth/guest": ["display_name", "device_token"],
    "/api/auth/refresh": ["refresh_token"],
    "/api/shows": ["title", "starts_at", "ends_at", "access", "venue", "artists"],
    "/api/shows/{show}/artists": ["artist_id", "name", "billing", "invite", "email"],
    "/api/shows/{show}/ticket": ["join_code"],
    "/api/shows/{show}/rounds": ["config"],
    "/api/shows/{show}/commands": ["command_id", "name", "args"],
    "/api/shows/{show}/setlist/updates": ["command_id", "update"],
    "/api/rounds/{round}/vote": ["command_id", "picks"],
    "/api/rounds/{round}/extend": ["extend_s"],
}


def body_for(fields: list[str]) -> st.SearchStrategy[Any]:
    """Bodies that have some of the fields, or none, or are no object at all."""
    objects = st.fixed_dictionaries({}, optional=dict.fromkeys(fields, ANYTHING))
    return objects | ANYTHING


def judged(response: Any) -> None:
    """The answer is a success or a whole problem."""
    if response.status_code < 400:
        return
    assert response.status_code < 500, response.text
    refused(response, response.status_code, response.json()["code"])


@pytest.mark.parametrize("path", FIELDS)
async def test_no_body_is_too_strange(artist: Person, path: str) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    where = path.format(show=show["id"], round=opened["id"])
    found: list[Any] = []

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(body_for(FIELDS[path]))
    def collect(body: Any) -> None:
        found.append(body)

    collect()
    # One by one: limits by account would refuse the later ones before they are read.
    for body in found:
        text = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {artist.token}"}
        judged(await artist.client.post(where, content=text, headers=headers))


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "validation_failed"),
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b"[" * 5_000, 400, "malformed_json"),
        (b"null", 422, "validation_failed"),
        (b"[]", 422, "validation_failed"),
        (b'"text"', 422, "validation_failed"),
        (b'{"email": "\\ud800@example.com"}', 400, "malformed_json"),
        (b'{"email": 1e9}', 422, "validation_failed"),
        (b" " * 300_000, 413, "too_large"),
    ],
)
async def test_bodies_that_are_no_bodies(
    nobody: Person, content: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await nobody.client.post("/api/auth/login", content=content, headers=headers)
    refused(answer, status, code)


async def test_text_that_cannot_be_kept_is_refused(artist: Person) -> None:
    body = {
        "title": "nul \u0000 here",
        "starts_at": "2027-01-01T00:00:00Z",
        "venue": {"name": "\u0000"},
    }
    refused(await artist.post("/api/shows", body), 422, "validation_failed")
    judged(await artist.get("/api/shows?q=%00"))
    judged(await artist.get("/api/shows/%00"))
    judged(await artist.get("/api/shows?cursor=%F0%9F%8E%B8"))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/shows/no-such-show", 404, "unknown_show"),
        ("GET", "/api/shows/0", 404, "unknown_show"),
        ("GET", "/api/shows/00000000-0000-0000-0000-000000000000/setlist", 404, "unknown_show"),
        ("GET", "/api/rounds/xyz", 404, "not_found"),
        ("DELETE", "/api/shows", 405, "method_not_allowed"),
        ("GET", "/api/auth/login", 405, "method_not_allowed"),
        ("PATCH", "/api/auth/profile", 405, "method_not_allowed"),
        ("GET", "/api/shows/x/y/z", 404, "not_found"),
    ],
)
async def test_addresses_that_lead_nowhere(
    nobody: Person, method: str, path: str, status: int, code: str
) -> None:
    refused(await nobody.client.request(method, path), status, code)


async def test_a_mistake_of_ours_leaks_nothing(
    app: Litestar, nobody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("postgresql://user:hunter2@db/secret")

    monkeypatch.setattr(type(app.state.services.shows), "find", broken)
    answer = await nobody.get("/api/shows")
    problem = refused(answer, 500, "internal_error")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert problem["request_id"] == answer.headers["x-request-id"]


async def test_every_answer_has_an_id_and_security_headers(nobody: Person) -> None:
    for path in ("/api/shows", "/api/nothing", "/health/live"):
        headers = (await nobody.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"]
        assert headers["x-request-id"]
    answer = await nobody.get("/api/shows", headers={"X-Request-Id": "proxy-0123456789"})
    assert answer.headers["x-request-id"] == "proxy-0123456789"
    answer = await nobody.get("/api/shows", headers={"X-Request-Id": "x\ny"[:1]})
    assert answer.headers["x-request-id"] != "x"


async def test_only_named_origins_may_call_from_a_browser(start_node: Any) -> None:
    node = await start_node(allowed_origins=("https://friend.example",))
    ask = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "Authorization",
    }
    async with client_of(node) as client:
        friend = {"Origin": "https://friend.example"}
        answer = await client.options("/api/shows", headers=ask | friend)
        assert answer.headers["access-control-allow-origin"] == "https://friend.example"
        assert "access-control-allow-credentials" not in answer.headers
        stranger = {"Origin": "https://stranger.example"}
        assert (
            "access-control-allow-origin"
            not in (await client.options("/api/shows", headers=ask | stranger)).headers
        )
        got = await client.get("/api/shows", headers=stranger)
        assert "access-control-allow-origin" not in got.headers
        ok(got)
