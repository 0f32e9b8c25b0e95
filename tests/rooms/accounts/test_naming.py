"""A name is found wherever it stands beside its participant, and nowhere else."""

from __future__ import annotations

import pytest

from rooms.accounts.naming import renamed, room_name
from rooms.participants import Role

ID = "01a1ffff-0000-7000-8000-00000000beef"


def test_a_name_is_replaced_at_every_depth_and_other_names_stay() -> None:
    said = {
        "participant_id": ID,
        "display_name": "Penelope",
        "text": "Penelope says: I am Penelope",
        "by": {"participant_id": "other", "display_name": "Penelope"},
        "held": [{"participant_id": ID, "display_name": "Penelope", "n": 1}, 2, None],
        "acts": {"lock": {"by": {"participant_id": ID, "display_name": "Penelope"}}},
    }
    before = repr(said)
    copy = renamed(said, {ID: "Fan beef"})
    assert copy == {
        "participant_id": ID,
        "display_name": "Fan beef",
        "text": "Penelope says: I am Penelope",
        "by": {"participant_id": "other", "display_name": "Penelope"},
        "held": [{"participant_id": ID, "display_name": "Fan beef", "n": 1}, 2, None],
        "acts": {"lock": {"by": {"participant_id": ID, "display_name": "Fan beef"}}},
    }
    assert repr(said) == before


def test_where_no_name_is_told_none_is_put() -> None:
    for said in ({"participant_id": ID}, {"participant_id": ID, "display_name": ""}):
        assert renamed(said, {ID: "Fan beef"}) == said


@pytest.mark.parametrize(
    ("shows_name", "role", "name"),
    [
        (True, Role.FAN, "Penelope"),
        (False, Role.FAN, "Fan beef"),
        (False, Role.MODERATOR, "Penelope"),
        (False, Role.ARTIST, "Penelope"),
    ],
)
def test_fans_alone_hide_their_name(shows_name: bool, role: Role, name: str) -> None:
    assert room_name("Penelope", shows_name=shows_name, role=role, attendee_id=ID) == name
