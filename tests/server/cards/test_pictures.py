"""Cards: what they show, to whom, and how often they are drawn."""

from __future__ import annotations

import asyncio
import io

import pytest
from litestar import Litestar
from PIL import Image, ImageChops

from server.cards import pictures as pictures_module
from server.cards.drawing import Card, CardSong, draw_card, draw_setlist
from server.cards.pictures import Pictures
from server.problems import ApiError
from tests.server.http import Person

NIGHT = Card(
    title="Barton Hall",
    kicker="8 May 1977",
    facts=("Ithaca, NY",),
    songs=tuple(
        CardSong(f"Song number {number}", segue=number % 3 == 0, heading=heading)
        for number, heading in enumerate(("Set 1", None, None, "Encore", None))
    ),
    more="and {count} more",
    address="setroom.test/shows/barton-hall",
)


def picture(png: bytes) -> Image.Image:
    assert png.startswith(b"\x89PNG\r\n")
    return Image.open(io.BytesIO(png)).convert("RGB")


def lit(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many pixels are written on."""
    return sum(image.crop(box).convert("L").histogram()[150:])


def test_a_card_has_the_size_that_readers_show_and_its_parts_in_their_places() -> None:
    image = picture(draw_card(NIGHT))
    assert image.size == (1200, 630)
    assert lit(image, (60, 50, 320, 100)) > 500, "the name of the product"
    assert lit(image, (60, 190, 600, 420)) > 5_000, "the title"
    assert lit(image, (640, 60, 1180, 600)) > 5_000, "the songs"
    assert lit(image, (0, 610, 1200, 630)) == 0, "nothing runs out of the picture"
    assert lit(image, (1190, 0, 1200, 630)) == 0
    assert image.getpixel((5, 625)) == (12, 11, 13)


def test_what_no_font_can_write_is_left_out_and_not_drawn_as_boxes() -> None:
    def drawn(title: str) -> bytes:
        return draw_card(Card(title=title, songs=(CardSong(title),)))

    assert drawn("Fire \U0001f525 on the Moun\u0337tain") == drawn("Fire on the Mountain")
    assert drawn("Cafe\u0301") == drawn("Caf\u00e9") != drawn("Cafe")
    assert drawn("\u05e9\u05dc\u05d5\u05dd") == drawn("\u2026"), "nothing is left of it"
    kept = [drawn(title) for title in ("Сон", "夢", "Ελπίδα")]
    assert len({*kept, drawn("\u2026")}) == 4


def test_every_song_is_on_the_long_picture_and_it_grows_with_them() -> None:
    short = picture(draw_setlist(NIGHT))
    many = Card(title="Long", songs=tuple(CardSong(f"Song {n}") for n in range(60)))
    long = picture(draw_setlist(many))
    assert short.width == long.width == 1080
    assert short.height >= 1350
    assert long.height > 3_000
    step = 54
    for row in range(60):
        top = round(150 + 96 * 1.04 + 12 + 24 + row * step)
        assert lit(long, (130, top, 400, top + step)) > 30, row


@pytest.mark.parametrize("title", ["夜に駆ける", "Ночь", "Ωδή", "밤을", "Łódź", "Ångström"])
def test_titles_in_other_scripts_are_written_and_not_boxed(title: str) -> None:
    boxes = Card(title="\u0e01" * len(title))  # Thai is in none of the fonts
    written, boxed = picture(draw_card(Card(title=title))), picture(draw_card(boxes))
    assert ImageChops.difference(written, boxed).getbbox() is not None
    letters = {picture(draw_card(Card(title=letter))).tobytes() for letter in set(title)}
    assert len(letters) == len(set(title)), "every letter looks different"


@pytest.mark.parametrize("title", ["", " ", "x" * 500, "word " * 200, "\u202e\n\t", "🎸"])
def test_any_title_can_be_drawn(title: str) -> None:
    song = CardSong(title, segue=True, heading=title)
    card = Card(title=title, kicker=title, facts=(title,) * 5, songs=(song,) * 150, more="{count}")
    for draw in (draw_card, draw_setlist):
        image = picture(draw(card))
        assert lit(image, (image.width - 4, 0, image.width, image.height)) == 0


async def test_the_same_content_is_drawn_once_and_others_wait_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Card] = []

    def draw(card: Card) -> bytes:
        drawn.append(card)
        return card.title.encode()

    pictures = Pictures()
    same = [pictures.png(Card(title="same"), draw) for _ in range(10)]
    assert await asyncio.gather(*same) == [b"same"] * 10
    assert len(drawn) == 1
    monkeypatch.setattr(pictures_module, "WAITING_MAX", 1)
    busy = [pictures.png(Card(title=str(number)), draw) for number in range(3)]
    answers = await asyncio.gather(*busy, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, ApiError)]
    assert len(refused) == 2
    assert all(error.code == "busy" and error.status == 503 for error in refused)


async def test_pictures_are_forgotten_before_they_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures_module, "KEPT_BYTES_MAX", 25)
    pictures = Pictures()
    for number in range(10):
        await pictures.png(Card(title=str(number)), lambda card: b"0123456789")
    assert len(pictures._kept) == 2


async def test_a_card_changes_with_its_setlist_and_is_not_sent_twice(
    app: Litestar, nobody: Person, artist: Person
) -> None:
    del app
    show = await artist.live_show(title="Cardnight")
    path = f"/shows/{show['slug']}/card.png"
    first = await nobody.get(path)
    assert first.headers["content-type"] == "image/png"
    assert picture(first.content).size == (1200, 630)
    again = await nobody.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await artist.post(f"/api/shows/{show['id']}/close")
    changed = await nobody.get(path, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_of_a_private_show_nothing_is_told(nobody: Person, artist: Person) -> None:
    one = await artist.live_show(title="First secret", access="private")
    other = await artist.live_show(title="Another one", access="private")
    cards = [await nobody.get(f"/shows/{show['slug']}/card.png") for show in (one, other)]
    assert cards[0].content == cards[1].content
    for file in ("setlist.png", "calendar.ics"):
        assert (await nobody.get(f"/shows/{one['slug']}/{file}")).status_code == 404
    draft = await artist.show(title="Not yet")
    for file in ("card.png", "setlist.png", "calendar.ics"):
        assert (await nobody.get(f"/shows/{draft['slug']}/{file}")).status_code == 404
