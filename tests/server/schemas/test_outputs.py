"""The contract exists once: what is generated from it fits it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from rooms.events import ChatPosted
from rooms.messages import Ack, EventMessage, Reject, StateMessage
from rooms.states import HeadCount, Tally
from server.schemas import outputs, reference, typescript
from server.schemas.json_schema import document

AT = datetime(2026, 5, 8, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = document()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def wire(message: msgspec.Struct) -> Any:
    return json.loads(msgspec.json.encode(message))


def raw(data: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(data))


def test_no_generated_file_has_drifted() -> None:
    assert outputs.drifted() == [], "run `python -m server.schemas --write`"


@pytest.mark.parametrize(
    "message",
    [
        Ack(command_id="c", seq=1),
        Reject(command_id="c", code="round_closed", detail="", retryable=False),
        EventMessage(seq=1, name="chat_posted", at=AT, data=raw(ChatPosted("m", "p", "Ada", "hi"))),
        StateMessage(name="head_count", version=3, data=raw(HeadCount(12))),
        StateMessage(name="tally", version=3, data=raw(Tally("r", {"o1": 2}, 2, 2))),
    ],
)
def test_what_the_server_encodes_is_valid(
    message: msgspec.Struct, validator: jsonschema.Draft202012Validator
) -> None:
    validator.validate(wire(message))


@pytest.mark.parametrize(
    "message",
    [
        {"t": "command", "command_id": "c", "name": "no_such_command", "args": {}},
        {"t": "command", "command_id": "c", "name": "post_chat", "args": {}},
        {"t": "state", "name": "head_count", "version": 3, "data": {"participants": "many"}},
        {"t": "event", "seq": 1, "name": "chat_removed", "at": "2026-05-08T20:00:00Z", "data": {}},
        {"t": "hello"},
    ],
)
def test_what_breaks_the_contract_is_not_valid(
    message: dict[str, Any], validator: jsonschema.Draft202012Validator
) -> None:
    assert not validator.is_valid(message)


def test_a_command_is_valid(validator: jsonschema.Draft202012Validator) -> None:
    args = {"round_id": "r", "picks": [{"option_id": "o1"}]}
    validator.validate({"t": "command", "command_id": "c", "name": "cast_vote", "args": args})


def test_drift_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/protocol.md").write_text("<!-- generated: events -->\nold\n<!-- end -->\n")
    assert Path("docs/protocol.md") in outputs.write(tmp_path)
    assert outputs.drifted(tmp_path) == []
    (tmp_path / "clients/shared/src/wire.ts").write_text("changed by hand")
    assert outputs.drifted(tmp_path) == [Path("clients/shared/src/wire.ts")]


def test_a_marker_that_names_no_part_is_an_error() -> None:
    with pytest.raises(reference.UnknownPart):
        reference.fill("<!-- generated: nonsense -->\n<!-- end -->")


def test_fields_that_may_be_absent_are_optional_in_typescript() -> None:
    text = typescript.render()
    assert "winners: readonly string[];" in text
    assert "seed?: string | null;" in text
    assert "now_playing: NowPlaying | null;" in text
    assert "set_now_playing: { entry_id?: string | null; };" in text
