"""What is wrong is said alike everywhere: RFC 9457 with stable codes."""

from __future__ import annotations

import pytest

from tests.browser.site import Site
from tests.wire.client import Caller, made, new_id, ok, refused

SHOW = {"title": "Barton Hall", "starts_at": "2027-05-08T19:00:00Z"}


@pytest.mark.parametrize("body", [b"{", b'{"title": }', b"\xff\xfe", b'{"title": "x"'])
def test_malformed_json_is_400(artist: Caller, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/api/shows", "/api/auth/login", "/api/auth/guest"):
        answer = artist.call("POST", path, content=body, headers=headers)
        refused(answer, 400, "malformed_json")


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(artist: Caller, body: object) -> None:
    answer = artist.call("POST", "/api/shows", json=body)
    assert answer.status_code in (400, 422)
    refused(answer, answer.status_code)


def test_an_empty_body_where_one_is_needed_is_refused(artist: Caller) -> None:
    answer = artist.post("/api/shows")
    assert answer.status_code in (400, 422)
    refused(answer, answer.status_code)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": 7}, "title"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2027-05-08T19:00:00"}, "starts_at"),
        ({"ends_at": "2027-05-08T18:00:00Z"}, "ends_at"),
        ({"access": "secret"}, "access"),
        ({"venue": "Barton Hall"}, "venue"),
        ({"venue": {"city": "Ithaca"}}, "venue.name"),
        ({"venue": {"name": "x", "country": "Nowhere"}}, "venue.country"),
        ({"artists": [{"name": 1}]}, "artists[0].name"),
        ({"artists": [{}]}, "artists[0].name"),
        ({"artists": "Grateful Dead"}, "artists"),
    ],
)
def test_a_wrong_value_is_422_and_its_field_is_named(
    artist: Caller, change: dict[str, object], field: str
) -> None:
    problem = refused(artist.post("/api/shows", SHOW | change), 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert all(error["code"] and error["detail"] for error in problem["errors"])


def test_missing_fields_are_named_all_at_once(artist: Caller) -> None:
    problem = refused(artist.post("/api/shows", {}), 422, "validation_failed")
    assert {error["field"] for error in problem["errors"]} == {"title", "starts_at"}


def test_unknown_fields_are_ignored(artist: Caller) -> None:
    show = made(artist.post("/api/shows", SHOW | {"colour": "red", "id": "mine"}))
    assert show["id"] != "mine"
    assert "colour" not in show


def test_text_that_cannot_be_kept_is_refused(artist: Caller) -> None:
    for title in ("a\x00b", "\ud800"):
        raw = b'{"title": "' + title.encode("unicode_escape").replace(b"\\x00", b"\\u0000")
        raw += b'", "starts_at": "2027-05-08T19:00:00Z"}'
        answer = artist.call(
            "POST", "/api/shows", content=raw, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (201, 400, 422), answer.text


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/shows/{id}", "unknown_show"),
        ("PUT", "/api/shows/{id}", "unknown_show"),
        ("POST", "/api/shows/{id}/publish", "unknown_show"),
        ("POST", "/api/shows/{id}/ticket", "unknown_show"),
        ("GET", "/api/shows/{id}/rounds", "unknown_show"),
        ("POST", "/api/shows/{id}/commands", "unknown_show"),
        ("GET", "/api/shows/{id}/setlist", "unknown_show"),
        ("GET", "/api/shows/{id}/artists", "unknown_show"),
        ("GET", "/api/shows/{id}/crew", "unknown_show"),
        ("GET", "/api/shows/{id}/qr", "unknown_show"),
        ("GET", "/api/rounds/{id}", "unknown_round"),
        ("POST", "/api/rounds/{id}/open", "unknown_round"),
        ("POST", "/api/rounds/{id}/vote", "unknown_round"),
        ("POST", "/api/artists/{id}/claim", "unknown_artist"),
    ],
)
def test_an_id_of_nothing_is_404(artist: Caller, method: str, path: str, code: str) -> None:
    bodies = {
        "commands": {"command_id": new_id(), "name": "react", "args": {"kind": "love"}},
        "vote": {"command_id": new_id(), "picks": [{"option_id": "o1"}]},
    }
    body = bodies.get(path.rsplit("/", 1)[1], {} if method == "PUT" else None)
    refused(artist.call(method, path.replace("{id}", new_id()), body), 404, code)
    answer = artist.call(method, path.replace("{id}", "no-such-id"), body)
    refused(answer, 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/shows"),
        ("GET", "/api/auth/login"),
        ("PATCH", "/api/auth/profile"),
        ("POST", "/health/live"),
        ("POST", "/metrics"),
    ],
)
def test_a_wrong_method_is_405_and_says_which_are_right(
    artist: Caller, method: str, path: str
) -> None:
    answer = artist.call(method, path)
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/api/nothing", "/api", "/api/shows/x/y/z"])
def test_an_unknown_address_under_the_api_is_404(nobody: Caller, path: str) -> None:
    refused(nobody.get(path), 404, "not_found")


def test_a_body_too_large_is_413(artist: Caller) -> None:
    answer = artist.post("/api/shows", SHOW | {"padding": "x" * (1024 * 1024)})
    refused(answer, 413, "too_large")


def test_a_query_that_cannot_be_read_is_422(nobody: Caller) -> None:
    for params in ({"limit": "many"}, {"limit": 0}, {"status": "sleeping"}, {"from": "once"}):
        refused(nobody.get("/api/shows", params=params), 422, "validation_failed")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_calendar_has_is_422(artist: Caller, moment: str) -> None:
    refused(artist.post("/api/shows", SHOW | {"starts_at": moment}), 422, "validation_failed")
    refused(artist.get("/api/shows", params={"from": moment}), 422, "validation_failed")
    setlist = f"/api/shows/{artist.live_show()['id']}/setlist"
    refused(artist.get(setlist, params={"at": moment}), 422, "validation_failed")


def test_a_command_over_http_needs_its_id_and_name(artist: Caller) -> None:
    path = f"/api/shows/{artist.live_show()['id']}/commands"
    problem = refused(artist.post(path, {}), 422, "validation_failed")
    assert {error["field"] for error in problem["errors"]} == {"command_id", "name"}
    body = {"command_id": new_id(), "name": "fly", "args": {}}
    refused(artist.post(path, body), 400, "unknown_command")


# --- operations -----------------------------------------------------------------------------


def test_a_node_that_can_serve_is_ready_and_alive(nobody: Caller) -> None:
    assert ok(nobody.get("/health/ready"))["status"] == "ok"
    assert ok(nobody.get("/health/live"))["status"] == "ok"


def test_metrics_are_in_the_text_format_of_prometheus(nobody: Caller) -> None:
    answer = nobody.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE " in answer.text


def test_the_schema_is_openapi_and_names_every_call(nobody: Caller) -> None:
    schema = ok(nobody.get("/schema"))
    assert schema["openapi"].startswith("3.")
    assert ok(nobody.get("/schema/openapi.json"))["paths"] == schema["paths"]
    calls = {
        (method.upper(), path.rstrip("/"))
        for path, item in schema["paths"].items()
        for method in item
        if method in ("get", "post", "put")
    }
    wanted = {
        *(("POST", f"/api/auth/{name}") for name in "signup login refresh logout guest".split()),
        *(
            ("POST", f"/api/shows/{{show_id}}/{name}")
            for name in "publish open close archive cancel ticket commands rounds artists".split()
        ),
        *(
            ("GET", f"/api/shows/{{show_id}}/{name}")
            for name in "setlist rounds artists crew qr".split()
        ),
        *(
            ("POST", f"/api/rounds/{{round_id}}/{name}")
            for name in "open extend close reveal vote".split()
        ),
        ("GET", "/api/auth/profile"),
        ("GET", "/api/shows"),
        ("POST", "/api/shows"),
        ("GET", "/api/shows/{show_id}"),
        ("PUT", "/api/shows/{show_id}"),
        ("PUT", "/api/shows/{show_id}/crew"),
        ("GET", "/api/rounds/{round_id}"),
        ("PUT", "/api/rounds/{round_id}"),
        ("POST", "/api/artists/{artist_id}/claim"),
        ("POST", "/api/invitations/{token}/accept"),
        ("POST", "/api/invitations/{token}/decline"),
        ("GET", "/health/ready"),
    }
    assert wanted <= calls, wanted - calls


def test_pages_answer_html(nobody: Caller, artist: Caller, node: Site) -> None:
    show = artist.live_show()
    for path in ("/", f"/shows/{show['slug']}"):
        answer = nobody.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/html")
