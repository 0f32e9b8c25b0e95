"""The pages' cookie: same-site, http-only, and no use to other sites' pages."""

import httpx

from tests.server.http import PASSWORD, Person, ok, refused

COOKIE = "setroom_session"
OURS = {"Sec-Fetch-Site": "same-origin"}


async def with_cookie(fan: Person) -> httpx.AsyncClient:
    """A browser that is signed in by cookie alone."""
    body = {"email": fan.email, "password": PASSWORD, "session_cookie": True}
    answer = await fan.client.post("/api/auth/login", json=body)
    ok(answer)
    attributes = answer.headers["set-cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=lax" in attributes
    assert "path=/" in attributes
    return fan.client


async def test_no_cookie_is_set_unless_asked_for(fan: Person) -> None:
    body = {"email": fan.email, "password": PASSWORD}
    assert "set-cookie" not in (await fan.client.post("/api/auth/login", json=body)).headers


async def test_a_page_reads_and_writes_with_its_cookie(fan: Person) -> None:
    browser = await with_cookie(fan)
    assert ok(await browser.get("/api/auth/profile"))["id"] == fan.id
    answer = await browser.post("/api/auth/refresh", json={}, headers=OURS)
    assert "refresh_token" not in ok(answer)
    assert COOKIE in answer.headers["set-cookie"]
    renewed = Person(browser, ok(answer))
    assert ok(await renewed.get("/api/auth/profile"))["id"] == fan.id


async def test_another_sites_page_cannot_use_the_cookie(fan: Person) -> None:
    browser = await with_cookie(fan)
    for headers in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        answer = await browser.post("/api/auth/refresh", json={}, headers=headers)
        refused(answer, 403, "csrf_failed")
    ok(await browser.post("/api/auth/refresh", json={}, headers={"Origin": "http://setroom.test"}))


async def test_logging_out_takes_the_cookie_back(fan: Person) -> None:
    browser = await with_cookie(fan)
    ok(await browser.post("/api/auth/logout", headers=OURS), 204)
    assert COOKIE not in browser.cookies
    refused(await browser.get("/api/auth/profile"), 401, "not_authenticated")


async def test_a_stale_cookie_is_nobody(fan: Person) -> None:
    browser = await with_cookie(fan)
    kept = browser.cookies[COOKIE]
    ok(await browser.post("/api/auth/logout", headers=OURS), 204)
    browser.cookies.set(COOKIE, kept)
    refused(await browser.get("/api/auth/profile"), 401, "not_authenticated")
    ok(await browser.get("/api/shows"))
