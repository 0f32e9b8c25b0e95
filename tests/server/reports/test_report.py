"""A show's report: what is in it, for whom, and what a spreadsheet makes of it."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from litestar import Litestar

from server.reports.texts import COLUMNS, HEADERS, SHEETS, Part
from storage.ids import uuid7
from tests.server.http import Person, ok, refused
from tests.server.reports.nights import (
    VENUE,
    crowd,
    named,
    number_of,
    phone,
    text_to,
    vote,
)

Json = dict[str, Any]
FORMULA = "=cmd|' /C calc'!A0"


def table_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


async def report(who: Person, show: Json, query: str, **headers: str) -> Any:
    answer = await who.get(f"/api/shows/{show['id']}/report?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def workbook(who: Person, show: Json, query: str = "format=xlsx") -> Any:
    answer = await report(who, show, query)
    assert int(answer.headers["content-length"]) == len(answer.content)
    return openpyxl.load_workbook(io.BytesIO(answer.content))


async def a_night(app: Litestar, artist: Person, guest: Person) -> Json:
    """Somebody by the app, somebody by phone, a formula, a vote, a round and a text."""
    show = await artist.live_show(title=FORMULA, venue=VENUE)
    opened = await artist.open_round(show["id"], title="+1 more?", visibility="never")
    await vote(guest, opened["id"])
    (texter,) = await crowd(app, show["id"], 1, FORMULA)
    phone_id = await phone(app, show["id"], texter, number_of(hash(show["id"]) % 10**7))
    await text_to(app, show["id"], texter, phone_id)
    ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    return show


async def test_a_workbook_has_a_sheet_for_each_part(
    app: Litestar, artist: Person, guest: Person
) -> None:
    show = await a_night(app, artist, guest)
    book = await workbook(artist, show)
    assert book.sheetnames == list(SHEETS["en"].values())
    rows = {sheet.title: [[cell.value for cell in row] for row in sheet] for sheet in book}
    assert {len(table) for table in rows.values()} <= {2, 3, 4}
    for part in Part:
        header, *table = rows[SHEETS["en"][part]]
        assert header == [HEADERS[column][0] for column in COLUMNS[part]]
        assert all(len(row) == len(header) for row in table)
    names = {row[1] for row in rows["Attendees"][1:]}
    assert f"{FORMULA} 1" in names
    (ballot,) = rows["Votes"][1:]
    assert (ballot[0], ballot[4:8]) == ("+1 more?", ["audience", "web", "no", "Ripple"])
    scores = {row[7]: (row[8], row[10]) for row in rows["Rounds"][1:]}
    assert scores == {"One More Saturday Night": (0, "no"), "Ripple": (1, "yes")}
    (text,) = rows["Messages"][1:]
    assert text[1:3] == ["NUDGE", "sms"]


async def test_texts_stay_texts(app: Litestar, artist: Person, guest: Person) -> None:
    show = await a_night(app, artist, guest)
    book = await workbook(artist, show)
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}  # no formula, no link, no error
    hits = [cell for cell in cells if str(cell.value).startswith(FORMULA)]
    assert hits and all(cell.quotePrefix for cell in hits)
    table = table_of((await report(artist, show, "format=csv")).text)
    assert f"'{FORMULA} 1" in {row["Name"] for row in table}
    votes = table_of((await report(artist, show, "format=csv&part=votes")).text)
    assert [row["Round"] for row in votes] == ["'+1 more?"]


@pytest.mark.parametrize("sign", ["=1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1"])
async def test_no_name_runs_in_a_spreadsheet(app: Litestar, artist: Person, sign: str) -> None:
    show = await artist.live_show()
    (attendee_id,) = await crowd(app, show["id"], 1)
    await app.state.services.pool.execute(
        "UPDATE attendees SET display_name = $2 || 'Zoë 🎸 名前' WHERE id = $1", attendee_id, sign
    )
    table = table_of((await report(artist, show, "format=csv&part=attendees")).text)
    (name,) = [row["Name"] for row in table if row["Attendee id"] == attendee_id]
    assert name == f"'{sign}Zoë 🎸 名前"


async def test_numbers_are_for_admins(
    app: Litestar, artist: Person, guest: Person, admin: Person
) -> None:
    show = await a_night(app, artist, guest)
    number = await app.state.services.pool.fetchval(
        "SELECT number FROM phones p JOIN phone_attendances a ON a.phone_id = p.id"
        " WHERE a.show_id = $1",
        show["id"],
    )
    masked = f"'+1 •••• {number[-4:]}"
    for who, seen in ((artist, masked), (admin, f"'{number}")):
        for part, column in (("attendees", "Phone"), ("messages", "To")):
            text = (await report(who, show, f"format=csv&part={part}")).text
            assert {row[column] for row in table_of(text)} - {""} == {seen}
        content = (await report(who, show, "format=xlsx")).content
        book = openpyxl.load_workbook(io.BytesIO(content))
        values = {cell.value for sheet in book for row in sheet for cell in row}
        assert (number in values) is (who is admin)


async def test_times_have_the_offset_of_the_venue(
    app: Litestar, artist: Person, guest: Person
) -> None:
    show = await a_night(app, artist, guest)
    for query in ("part=attendees", "part=votes", "part=messages", "part=rounds"):
        text = (await report(artist, show, f"format=csv&{query}")).text
        times = re.findall(r"20\d\d-\d\d-\d\dT[^\",]+", text)
        assert times
        assert {datetime.fromisoformat(time).utcoffset().total_seconds() for time in times} == {  # type: ignore[union-attr]
            -3 * 3600
        }
    elsewhere = await artist.live_show()
    text = (await report(artist, elsewhere, "format=csv")).text
    assert "+00:00" in text


async def test_headers_are_in_the_readers_language(artist: Person) -> None:
    show = await artist.live_show()
    spanish = await report(artist, show, "format=csv", **{"Accept-Language": "es-MX, en;q=0.5"})
    assert spanish.text.startswith('\ufeff"Id de asistente","Nombre"')
    english = await report(
        artist, show, "format=csv&language=en", **{"Accept-Language": "es-MX, en;q=0.5"}
    )
    assert english.text.startswith('\ufeff"Attendee id","Name"')
    book = await workbook(artist, show, "format=xlsx&language=es")
    assert book.sheetnames == list(SHEETS["es"].values())


async def test_a_file_says_what_it_is(artist: Person) -> None:
    show = await artist.live_show()
    plain = await report(artist, show, "format=csv")
    assert plain.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'"{show["slug"]}-attendees.csv"' in plain.headers["content-disposition"]
    assert plain.headers["cache-control"] == "private, no-store"
    book = await report(artist, show, "format=xlsx&part=votes")
    assert book.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert f'"{show["slug"]}-votes.xlsx"' in book.headers["content-disposition"]


async def test_a_report_is_for_the_crew(
    artist: Person, guest: Person, fan: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/report?format=csv"
    refused(await nobody.get(path), 401, "not_authenticated")
    refused(await guest.get(path), 403, "not_allowed")
    for role in ("curator", "brand"):
        await named(artist, show["id"], fan, role)
        refused(await fan.get(path), 403, "not_allowed")
    await named(artist, show["id"], fan, "moderator")
    await report(fan, show, "format=csv")
    refused(await artist.get(f"/api/shows/{uuid7()}/report?format=csv"), 404, "unknown_show")
    await report(artist, show, "")  # CSV, where no format is named
    for query in ("?format=pdf", "?format=csv&part=secrets", "?format=csv&language=xx"):
        answer = await artist.get(f"/api/shows/{show['id']}/report{query}")
        refused(answer, 422, "validation_failed")


async def test_who_turned_out_to_be_somebody_else_stands_there_once(
    app: Litestar, artist: Person
) -> None:
    show = await artist.live_show()
    first, second, third = await crowd(app, show["id"], 3)
    await phone(app, show["id"], third, number_of(hash(show["id"]) % 10**7))
    opened = await artist.open_round(show["id"])
    pool = app.state.services.pool
    await pool.execute("UPDATE attendees SET merged_into = $2 WHERE id = $1", third, second)
    await pool.execute("UPDATE attendees SET merged_into = $2 WHERE id = $1", second, first)
    from tests.server.reports.nights import ballots

    await ballots(app, opened["id"], [third], channel="sms")
    table = table_of((await report(artist, show, "format=csv")).text)
    (row,) = [row for row in table if row["Attendee id"] in (first, second, third)]
    assert (row["Attendee id"], row["Channel"], row["Rounds voted in"]) == (first, "sms", "1")
    (ballot,) = table_of((await report(artist, show, "format=csv&part=votes")).text)
    assert (ballot["Attendee id"], ballot["Channel"]) == (first, "sms")
