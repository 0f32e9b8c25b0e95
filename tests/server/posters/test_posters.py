"""The poster as it comes out of a printer: read as people and as phones read it."""

from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp
from litestar import Litestar

from tests.server.conftest import StartNode, client_of
from tests.server.http import Person, ok, refused

POINTS = {"a4": (595, 842), "letter": (612, 792), "a3": (842, 1191)}
ITHACA = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}
NUMBER = "+1 607 555 0100"


class Page:
    """One page as it is seen."""

    def __init__(self, pdf: bytes) -> None:
        document = pypdfium2.PdfDocument(pdf)
        assert len(document) == 1
        page = document[0]
        self.points = tuple(round(side) for side in page.get_size())
        self.text = " ".join(page.get_textpage().get_text_bounded().split())
        # A phone held at arm's length: a third of what a printer would give.
        self.picture = page.render(scale=100 / 72).to_pil()

    def codes(self) -> list[str]:
        """What a phone reads."""
        return [found.text for found in zxingcpp.read_barcodes(self.picture)]


async def poster(person: Person, show_id: str, query: str = "") -> bytes:
    answer = await person.get(f"/api/shows/{show_id}/poster{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


@pytest.mark.parametrize("size", ["a4", "letter", "a3"])
async def test_a_poster_says_what_when_and_where_and_lets_people_in(
    artist: Person, size: str
) -> None:
    show = await artist.show(
        title="Spring Tour",
        starts_at="2027-05-08T23:30:00Z",
        venue=ITHACA,
        artists=[{"name": "The Band"}, {"name": "Ñandú & Čankišou"}],
        access="private",
    )
    page = Page(await poster(artist, show["id"], f"?size={size}"))
    assert page.points == POINTS[size]
    for said in ("Spring Tour", "The Band · Ñandú & Čankišou", "Barton Hall, Ithaca"):
        assert said in page.text
    assert "Saturday, 8 May 2027 · 19:30" in page.text, "in the time of Ithaca"
    address = f"setroom.test/j/{show['join_code']}"
    assert address in page.text and page.codes() == [f"http://{address}"]
    followed = await artist.client.get(f"/j/{show['join_code']}")
    assert followed.headers["location"] == f"/shows/{show['slug']}?code={show['join_code']}"
    assert "Text" not in page.text, "nobody answers SMS here"


async def test_a_poster_is_in_the_language_that_is_asked_for_or_ones_own(artist: Person) -> None:
    show = await artist.show(starts_at="2027-05-08T19:00:00Z")
    spanish = Page(await poster(artist, show["id"], "?language=es"))
    assert "Sábado, 8 de mayo de 2027 · 19:00 UTC" in spanish.text
    assert "Escanea" in spanish.text
    assert "Scan." in Page(await poster(artist, show["id"])).text
    ok(await artist.put("/api/auth/profile", {"language": "es"}))
    assert await poster(artist, show["id"]) == await poster(artist, show["id"], "?language=es")


async def test_who_takes_sms_says_how(app: Litestar, start_node: StartNode, artist: Person) -> None:
    other = await start_node(sms_number=NUMBER)
    async with client_of(other) as client:
        there = artist.at(client)
        show = await there.show(takes_sms=True)
        page = Page(await poster(there, show["id"]))
        assert f"Text JOIN {show['join_code']} to {NUMBER}" in page.text
        assert "Msg & data rates may apply" in page.text and "STOP" in page.text
        assert len(page.codes()) == 1
        silent = await there.show(takes_sms=False)
        assert NUMBER not in Page(await poster(there, silent["id"])).text


async def test_the_same_poster_has_the_same_bytes(artist: Person) -> None:
    show = await artist.show()
    path = f"/api/shows/{show['id']}/poster"
    first, again = await artist.get(path), await artist.get(path)
    assert first.content == again.content and first.headers["etag"] == again.headers["etag"]
    known = {"If-None-Match": first.headers["etag"]}
    unchanged = await artist.get(path, headers=known)
    assert unchanged.status_code == 304 and unchanged.content == b""
    ok(await artist.put(f"/api/shows/{show['id']}", {"title": "Another title"}))
    changed = await artist.get(path, headers=known)
    assert changed.status_code == 200 and changed.headers["etag"] != first.headers["etag"]
    assert "Another title" in Page(changed.content).text


@pytest.mark.parametrize(
    "title", ["Σωκράτης και φίλοι", "Кино в Ленинграде", "東京の夜", "서울 밤", "Čajkovskij Łódź"]
)
async def test_names_of_many_scripts_are_written(artist: Person, title: str) -> None:
    show = await artist.show(title=title)
    page = Page(await poster(artist, show["id"]))
    assert title.replace(" ", "") in page.text.replace(" ", "")


@pytest.mark.parametrize("title", ["ليلة في القاهرة", "לילה", "रात", "🎉"])
async def test_what_would_come_out_as_boxes_is_refused_by_field(artist: Person, title: str) -> None:
    show = await artist.show(title=title, venue={"name": "صالة"})
    answer = await artist.get(f"/api/shows/{show['id']}/poster")
    problem = refused(answer, 422, "not_printable")
    assert [error["field"] for error in problem["errors"]] == ["title", "venue"]
    assert title[-1] in problem["errors"][0]["detail"]


async def test_pictures_are_left_out(artist: Person) -> None:
    show = await artist.show(title="New Year 🎉👩‍🎤 Party 2️⃣", artists=[{"name": "Duo ⭐️"}])
    page = Page(await poster(artist, show["id"]))
    assert "New Year Party 2" in page.text and "Duo" in page.text


async def test_the_longest_names_stay_on_the_page(artist: Person) -> None:
    show = await artist.show(
        title="W" * 200,
        venue={"name": "M" * 200, "city": "Q" * 200},
        artists=[{"name": f"{number} {'Y' * 190}"} for number in range(40)],
    )
    page = Page(await poster(artist, show["id"]))
    assert len(page.codes()) == 1 and "…" in page.text
    width, height = page.picture.size
    for x in range(width - round(0.04 * width), width):
        below_bar = [page.picture.getpixel((x, y)) for y in range(round(0.03 * height), height)]
        assert all(pixel == (255, 255, 255) for pixel in below_bar), "nothing runs over the edge"


async def test_the_poster_is_for_crew(artist: Person, fan: Person, nobody: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/poster"
    refused(await fan.get(path), 403, "not_allowed")
    refused(await nobody.get(path), 401, "not_authenticated")
    for query in ("?size=a5", "?language=fr"):
        refused(await artist.get(path + query), 422, "validation_failed")
