"""Recorded bodies of Twilio, and its own description of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

DATA = Path(__file__).parent / "data"


def recorded(name: str) -> dict[str, Any]:
    """A recorded body of the API."""
    body: dict[str, Any] = json.loads((DATA / name).read_text())
    return body


def recorded_form(name: str) -> dict[str, str]:
    """The fields of a recorded webhook."""
    return dict(parse_qsl((DATA / name).read_text().strip(), keep_blank_values=True))


def faults(body: Any, kind: str) -> list[str]:
    """What Twilio's description of ``kind`` says against a body."""
    described = recorded("messages.schema.json")
    validator = Draft202012Validator({**described, "$ref": f"#/$defs/{kind}"})
    return [error.message for error in validator.iter_errors(body)]


MESSAGE = "api.v2010.account.message"
