"""Texts and addresses that are meant to become something else than text and addresses."""

from __future__ import annotations

import gzip
import unicodedata
from typing import Any
from uuid import uuid4

import httpx
import pytest

from rooms import limits
from tests.server.http import Person, made, ok

EVIL = "poison.example"
TEXTS = {
    "marks without end": "Z" + "\u0341\u0316\u0489" * 15 + "algo",
    "right to left override": "Band\u202egnp.exe",
    "isolates that are not closed": "\u2066\u2067Band\u2068",
    "zero width letters": "B\u200ban\u2060d\ufeff",
    "tags that nobody sees": "Band\U000e0041\U000e0042",
    "control characters": "Ba\x07nd\x1b[31m\x85",
    "line separators": "Band\u2028Tour\u2029Night",
    "a header of its own": "Band\r\nSet-Cookie: a=b\r\n\r\n<script>",
    "a formula": '=HYPERLINK("http://evil.example","Band")',
    "a quote for a file name": 'Band"; filename="x.exe',
}
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def troubles(text: str, *, is_line: bool = False) -> list[str]:
    """What is in a kept text that should not be. Lines may keep what is not seen and does nothing:
    pasted texts hold it, and flags are made of tags."""
    found = [
        f"U+{ord(one):04X}"
        for one in text
        if unicodedata.category(one) in UNSEEN
        and one not in "\u200c\u200d"
        and not (is_line and (one in "\n\u2028\u2029\u200b\u2060\ufeff" or one >= "\U000e0000"))
    ]
    marks = 0
    for one in text:
        marks = marks + 1 if unicodedata.category(one) in ("Mn", "Me") else 0
        if marks > limits.MARKS_MAX:
            return [*found, "a stack of marks"]
    return found


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
async def test_names_titles_and_lines_are_kept_without_what_plays_tricks(
    artist: Person, nobody: Person, text: str
) -> None:
    show = await artist.live_show(title=text)
    guest = await nobody.as_guest(text)
    asked = {
        "post_chat": await say(guest, show["id"], "post_chat", text=text),
        "request_song": await say(guest, show["id"], "request_song", title=text),
        "announce": await say(artist, show["id"], "announce", text=text),
    }
    state = ok(await guest.get(f"/api/shows/{show['id']}/poll"))["state"]
    wishes = ok(await guest.get(f"/api/shows/{show['id']}/song-requests"))["items"]
    assert troubles(show["title"]) == []
    # What cannot be made fit is refused, and then it stands nowhere.
    for name, answer in asked.items():
        assert answer.status_code == 200 or answer.json()["code"] == "invalid_text", name
    assert len(wishes) == (asked["request_song"].status_code == 200)
    said = [line["text"] for line in state["chat"]] + [wish["title"] for wish in wishes]
    if state["announcement"]:
        said.append(state["announcement"]["text"])
    assert [found for one in said if (found := troubles(one, is_line=True))] == []
    names = [line["display_name"] for line in state["chat"]]
    assert [found for one in names if (found := troubles(one))] == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
async def test_files_and_their_names_hold_no_header_and_no_formula(
    artist: Person, text: str
) -> None:
    show_id = (await artist.live_show(title=text))["id"]
    await say(artist, show_id, "post_chat", text=text)
    for path in ("report?format=csv", "report?format=xlsx", "setlist?format=csv", "qr", "poster"):
        answer = await artist.get(f"/api/shows/{show_id}/{path}")
        # A poster is not printed with letters that its fonts do not have.
        assert answer.status_code == 200 or "not_printable" in answer.text, answer.text
        assert "set-cookie" not in answer.headers
        named = answer.headers.get("content-disposition", "")
        assert named.isascii() and named.count('"') in (0, 2) and ".exe" not in named
        if "csv" in path:
            cells = [cell.strip('"') for cell in answer.text.replace("\r\n", ",").split(",")]
            assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


async def say(who: Person, show_id: str, name: str, **args: Any) -> httpx.Response:
    body = {"command_id": str(uuid4()), "name": name, "args": args}
    return await who.post(f"/api/shows/{show_id}/commands", body)


async def test_links_are_made_of_the_configured_address_whatever_the_call_says(
    artist: Person,
) -> None:
    show = await artist.live_show()
    headers = {
        "X-Forwarded-Host": EVIL,
        "X-Forwarded-Proto": "gopher",
        "Forwarded": f"host={EVIL};proto=gopher",
        "X-Original-URL": f"//{EVIL}/",
    }
    paths = (
        "/",
        f"/shows/{show['slug']}",
        f"/api/shows/{show['id']}",
        f"/api/shows/{show['id']}/qr?format=svg",
        f"/api/shows/{show['id']}/displays",
    )
    answers = [await artist.get(path, headers=headers) for path in paths]
    answers.append(await artist.post(f"/api/shows/{show['id']}/ticket", headers=headers))
    invitation = {"kind": "crew", "role": "moderator"}
    answers.append(
        await artist.post(
            f"/api/shows/{show['id']}/invitations", invitation, headers=headers | {"Host": EVIL}
        )
    )
    for answer in answers:
        assert answer.status_code < 400, answer.text
        assert EVIL not in answer.text and "gopher" not in answer.text
        named = [name for name, value in answer.headers.items() if EVIL in value]
        assert named == [], (answer.url, answer.status_code, answer.headers)
    assert made(answers[-1])["url"].startswith("http://setroom.test/")


@pytest.mark.parametrize(
    "path",
    [
        f"//{EVIL}/%2e%2e",
        f"/%2f%2f{EVIL}",
        f"/\\{EVIL}",
        f"/s/%2f%2f{EVIL}",
        f"/panel//{EVIL}/..",
        f"/?next=//{EVIL}",
        f"/panel/?next=https://{EVIL}",
    ],
)
async def test_nobody_is_sent_elsewhere(nobody: Person, path: str) -> None:
    answer = await nobody.client.send(
        nobody.client.build_request("GET", httpx.URL(f"http://setroom.test{path}"))
    )
    where = answer.headers.get("location", "")
    assert not where.startswith(("//", "/\\", "\\"))
    assert EVIL not in httpx.URL(where).host


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/fan/..%2f..%2fpyproject.toml",
        "/panel/assets/....//....//pyproject.toml",
        "/assets/%00",
        "/%c0%ae%c0%ae/etc/passwd",
    ],
)
async def test_no_path_leads_out_of_the_clients_files(nobody: Person, path: str) -> None:
    answer = await nobody.client.send(
        nobody.client.build_request("GET", httpx.URL(f"http://setroom.test{path}"))
    )
    assert "root:" not in answer.text and "[build-system]" not in answer.text
    assert answer.status_code in (200, 307, 308, 400, 404)


async def test_a_compressed_body_is_not_unpacked(artist: Person) -> None:
    bomb = gzip.compress(b'{"title":"' + b"x" * 50_000_000 + b'"}')
    answer = await artist.client.post(
        "/api/shows",
        content=bomb,
        headers={
            "Authorization": f"Bearer {artist.token}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        },
    )
    assert answer.status_code in (400, 413, 415)
