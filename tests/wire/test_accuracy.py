"""Accuracy in a real room: ratings, clusters, the seal, reputation, over sockets and HTTP."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pycrdt import Doc, Map

from tests.wire.client import Caller, Json, Socket, new_id, ok, refused
from tests.wire.conftest import be_guest, execute, sign_up

TITLES = ("Scarlet Begonias", "Fire on the Mountain")


class Night:
    """A live show with a list of songs: ``e1``, ``e2`` …"""

    def __init__(self, artist: Caller, *titles: str) -> None:
        self.artist = artist
        self.show = artist.live_show()
        self.id = str(self.show["id"])
        self.doc: Doc[Map[Any]] = Doc()
        self.entries = self.doc.get("entries", type=Map)
        artist_id = artist.ticket(self.id)["participant_id"]
        for number, title in enumerate(titles or TITLES, 1):
            self.send(
                lambda number=number, title=title: self.entries.update(
                    {
                        f"e{number}": Map(
                            {
                                "title": title,
                                "section": "set1",
                                "position": f"V{number:02d}",
                                "segue": False,
                                "added_by": artist_id,
                            }
                        )
                    }
                )
            )

    def send(self, change: Any, who: Caller | None = None) -> Json:
        """One edit over HTTP."""
        before = self.doc.get_state()
        change()
        update = base64.b64encode(self.doc.get_update(before)).decode()
        body = {"command_id": new_id(), "update": update}
        return ok((who or self.artist).post(f"/api/shows/{self.id}/setlist/updates", body))

    def rate(self, who: Caller, value: int, entry_id: str = "e1") -> Json:
        """One rating over HTTP."""
        return ok(who.command(self.id, "rate_entry", entry_id=entry_id, value=value))

    def confidence(self, entry_id: str = "e1") -> Json:
        """What everybody sees of an entry."""
        entries = ok(self.artist.get(f"/api/shows/{self.id}/confidence"))["entries"]
        return next(one for one in entries if one["entry_id"] == entry_id)


def confidence_state(socket: Socket, entry_id: str, **wanted: Any) -> Json:
    """The next ``confidence`` of this entry that says this."""

    def is_it(message: Json) -> bool:
        if message["t"] != "state" or message["name"] != "confidence":
            return False
        data = message["data"]
        return data["entry_id"] == entry_id and wanted.items() <= data.items()

    data: Json = socket.until(is_it)["data"]
    return data


@pytest.fixture
def night(artist: Caller) -> Night:
    return Night(artist)


def test_a_rating_is_counted_changed_and_taken_back(night: Night, fan: Caller) -> None:
    with night.artist.socket(night.id) as crew, fan.socket(night.id) as phone:
        crew.welcome()
        assert phone.welcome()["you"]["ratings"] == {}
        ack = phone.give("rate_entry", entry_id="e1", value=1)
        assert (ack["t"], ack["data"]) == ("ack", {"entry_id": "e1", "value": 1})
        seen = confidence_state(crew, "e1", up=1)
        assert (seen["confidence"], seen["state"], seen["weight"]) == (0.667, "disputed", 1.0)
        phone.give("rate_entry", entry_id="e1", value=-1)
        assert confidence_state(crew, "e1", up=0, down=1)["confidence"] == 0.333
        phone.give("rate_entry", entry_id="e1", value=0)
        assert confidence_state(crew, "e1", up=0, down=0)["confidence"] == 0.5
        phone.give("rate_entry", entry_id="e2", value=1)
    with fan.socket(night.id) as phone:
        welcome = phone.welcome()
        assert welcome["you"]["ratings"] == {"e2": 1}
        assert [one["entry_id"] for one in welcome["state"]["confidence"]] == ["e1", "e2"]


def test_an_entry_that_is_not_there_and_a_value_that_is_none_are_refused(
    night: Night, fan: Caller
) -> None:
    refused(fan.command(night.id, "rate_entry", entry_id="e9", value=1), 404, "unknown_entry")
    refused(fan.command(night.id, "rate_entry", entry_id="e1", value=2), 400, "invalid_arguments")


def test_account_and_check_in_weigh(
    night: Night, fan: Caller, guest: Caller, wire_database: str
) -> None:
    night.rate(guest, 1)
    assert night.confidence()["weight"] == 0.5
    night.rate(fan, 1)
    assert night.confidence()["weight"] == 1.5
    late = be_guest(Caller(fan.client), "Checked in")
    late.ticket(night.id)
    execute(
        wire_database,
        "UPDATE attendees SET checked_in_at = now() WHERE show_id = $1 AND account_id = $2",
        night.id,
        late.id,
    )
    night.rate(late, -1)
    seen = night.confidence()
    assert (seen["weight"], seen["up"], seen["down"]) == (2.12, 2, 1)
    assert seen["confidence"] == pytest.approx((1 + 1.5) / (2 + 2.125), abs=0.001)


def test_four_accounts_confirm_and_ten_guests_on_one_phone_do_not(
    night: Night, nobody: Caller, wire_database: str
) -> None:
    for _ in range(4):
        night.rate(sign_up(nobody, "fan"), 1, "e1")
    device = new_id()
    for number in range(10):
        guest = be_guest(nobody, f"Puppet {number}")
        guest.ticket(night.id)
        execute(
            wire_database,
            "UPDATE attendees SET device_id = $3 WHERE show_id = $1 AND account_id = $2",
            night.id,
            guest.id,
            device,
        )
        night.rate(guest, 1, "e2")
    assert night.confidence("e1")["state"] == "confirmed"
    seen = night.confidence("e2")
    assert (seen["state"], seen["up"]) == ("disputed", 10)
    assert seen["weight"] <= 3.5


def test_crew_vouches_and_a_fan_cannot(night: Night, fan: Caller) -> None:
    refused(fan.command(night.id, "confirm_entry", entry_id="e1"), 403, "not_allowed")
    with fan.socket(night.id) as phone:
        phone.welcome()
        ok(night.artist.command(night.id, "confirm_entry", entry_id="e1"))
        assert phone.event("entry_confirmed")["data"]["entry_id"] == "e1"
        assert confidence_state(phone, "e1", confirmed_by_crew=True)["state"] == "disputed"
        ok(night.artist.command(night.id, "confirm_entry", entry_id="e1", confirmed=False))
        confidence_state(phone, "e1", up=0)
    assert ok(night.artist.get(f"/api/shows/{night.id}/confidence"))["entries"] == []


def test_the_seal_wins_the_display_keeps_the_dissent_and_locks(
    night: Night, nobody: Caller, fan: Caller
) -> None:
    for _ in range(5):
        night.rate(sign_up(nobody, "fan"), -1)
    assert night.confidence()["state"] == "struck"
    with fan.socket(night.id) as phone:
        phone.welcome()
        refused(fan.command(night.id, "seal_setlist"), 403, "not_allowed")
        ok(night.artist.command(night.id, "seal_setlist"))
        assert phone.event("setlist_locked")
        assert phone.event("setlist_sealed")["data"]["entry_ids"] == ["e1", "e2"]
        seen = confidence_state(phone, "e1", sealed=True)
        assert (seen["state"], seen["down"]) == ("confirmed", 5)
        assert seen["confidence"] < 0.25
    with fan.socket(night.id) as phone:
        assert phone.welcome()["state"]["sealed"] is True
    refused(night.artist.command(night.id, "unlock_setlist"), 409, "setlist_sealed")
    ok(night.artist.command(night.id, "unseal_setlist"))
    assert night.confidence()["state"] == "struck"


def test_an_edit_of_the_crew_takes_the_seal_off(night: Night) -> None:
    ok(night.artist.command(night.id, "seal_setlist"))
    with night.artist.socket(night.id) as crew:
        assert crew.welcome()["state"]["sealed"] is True
        night.send(lambda: night.entries["e1"].update({"title": "Terrapin Station"}))
        crew.event("setlist_changed")
        crew.event("setlist_unsealed")
    assert ok(night.artist.get(f"/api/shows/{night.id}/confidence"))["sealed"] is False


def test_who_was_told_the_answer_keeps_the_rating(night: Night, fan: Caller) -> None:
    night.rate(fan, -1)
    ok(night.artist.command(night.id, "confirm_entry", entry_id="e1"))
    refused(fan.command(night.id, "rate_entry", entry_id="e1", value=1), 409, "rating_settled")


def test_reputation_is_for_its_owner_and_the_rule_for_everybody(
    nobody: Caller, fan: Caller
) -> None:
    refused(nobody.get("/api/auth/profile/reputation"), 401, "not_authenticated")
    mine = ok(fan.get("/api/auth/profile/reputation"))
    assert (mine["n"], mine["p"], mine["k"], mine["weight"]) == (0, 0.7, 0, 1)
    assert (mine["items"], mine.get("next_cursor")) == ([], None)
    refused(fan.get("/api/auth/profile/reputation?cursor=x"), 422, "validation_failed")
    rule = ok(nobody.get("/api/accuracy/rule"))
    assert rule["version"] == mine["rule_version"] == 1
    assert rule["constants"]["half_life_days"] == 180
    assert any("(a + 2.8) / (n + 4)" in line for line in rule["formula"])


def test_curators_and_crew_say_what_a_recording_tells(night: Night, fan: Caller) -> None:
    path = f"/api/shows/{night.id}/setlist/settle"
    body = {
        "command_id": new_id(),
        "entry_id": "e1",
        "verdict": "played",
        "source": "audience recording",
    }
    refused(fan.post(path, body), 403, "not_allowed")
    assert ok(night.artist.post(path, body))["title"] == "Scarlet Begonias"
    ok(night.artist.post(path, body))
    refused(night.artist.post(path, body | {"verdict": "not_played"}), 409, "command_id_reused")
    other = {"command_id": new_id(), "entry_id": "e9"}
    refused(night.artist.post(path, body | other), 404, "unknown_entry")
    refused(
        night.artist.post(path, body | {"command_id": new_id(), "source": "  "}),
        422,
        "validation_failed",
    )


def test_weights_of_accuracy_never_enter_a_round(
    night: Night, fan: Caller, guest: Caller, wire_database: str
) -> None:
    execute(
        wire_database,
        "INSERT INTO reputations (account_id, agreements, disagreements, as_of, rule_version)"
        " VALUES ($1, 300, 0, now(), 1)",
        fan.id,
    )
    night.rate(fan, 1)
    assert night.confidence()["weight"] == 3.0
    round_id = night.artist.open_round(night.id, visibility="always")
    ok(fan.vote(round_id, "o1"))
    ok(guest.vote(round_id, "o2"))
    ok(night.artist.post(f"/api/rounds/{round_id}/close"))
    result = ok(night.artist.get(f"/api/rounds/{round_id}"))["result"]
    assert result["options"] == {"o1": 1, "o2": 1}
    assert result["votes"] == result["voters"] == 2
