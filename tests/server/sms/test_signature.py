"""Signatures of Twilio's own libraries (tests/wire/twilio), and what a door has to refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from server.secret import Secret
from server.sms.signature import (
    BODY_BYTES_MAX,
    FORM,
    Parameters,
    SignatureInvalid,
    TwilioSignature,
    signed_addresses,
)

VECTORS = json.loads(
    (Path(__file__).parents[2] / "wire" / "twilio" / "x-twilio-signature.vectors.json").read_text()
)
URL = "https://setroom.example"


def prove(vector: dict[str, Any], **changes: Any) -> Parameters:
    """A vector as a call of its path behind its origin."""
    parts = urlsplit(vector["url"])
    raw = vector.get("raw_body")
    given: dict[str, Any] = {
        "path": parts.path,
        "query": parts.query,
        "content_type": "application/json" if raw else FORM,
        "body": raw.encode() if raw else urlencode(vector["params"], doseq=True).encode(),
        "signature": vector["signature"],
    }
    public_url = f"{parts.scheme}://{parts.netloc}"
    return TwilioSignature(Secret(vector["auth_token"]), public_url).prove(**given | changes)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors_of_twilios_libraries(vector: dict[str, Any]) -> None:
    if vector["valid"]:
        form = prove(vector)
        for name, value in vector["params"].items():
            values = value if isinstance(value, list) else [value]
            assert form.getall(name) == values
    else:
        with pytest.raises(SignatureInvalid):
            prove(vector)


@pytest.mark.parametrize(
    "vector", [one for one in VECTORS if one["valid"]], ids=lambda v: v["name"]
)
def test_nothing_of_a_call_may_be_another(vector: dict[str, Any]) -> None:
    changes: list[dict[str, Any]] = [
        {"path": "/other.php"},
        {"query": urlsplit(vector["url"]).query + "&more=1"},
        {"signature": ""},
        {"signature": vector["signature"] + "="},
        {"signature": "é"},
        {"body": b"Body=STOP"},
    ]
    for change in changes:
        with pytest.raises(SignatureInvalid):
            prove(vector, **change)


def test_without_a_token_nothing_is_proven() -> None:
    empty = TwilioSignature(Secret(""), URL)
    with pytest.raises(SignatureInvalid, match="no_token"):
        empty.prove(path="/", query="", content_type=FORM, body=b"", signature="x")


def test_a_body_is_bounded_before_it_is_read() -> None:
    signature = TwilioSignature(Secret("12345"), URL)
    with pytest.raises(SignatureInvalid, match="too_large"):
        signature.prove(
            path="/", query="", content_type=FORM, body=b"a" * (BODY_BYTES_MAX + 1), signature="x"
        )


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff=1", b"&".join(b"a=1" for _ in range(300))])
def test_what_cannot_be_read_is_not_signed(body: bytes) -> None:
    signature = TwilioSignature(Secret("12345"), URL)
    with pytest.raises(SignatureInvalid, match="unreadable_form"):
        signature.prove(path="/", query="", content_type=FORM, body=body, signature="x")


def test_blank_and_repeated_parameters_are_signed() -> None:
    signature = TwilioSignature(Secret("12345"), URL)
    form = Parameters([("Body", ""), ("To", "+1"), ("Digits", "2"), ("Digits", "1")])
    body = urlencode([("Body", ""), ("To", "+1"), ("Digits", "2"), ("Digits", "1")]).encode()
    signed = signature.sign(f"{URL}/hook", form)
    call = {"path": "/hook", "query": "", "content_type": f"{FORM}; charset=UTF-8"}
    assert signature.prove(**call, body=body, signature=signed).get("Body", "?") == ""
    with pytest.raises(SignatureInvalid):
        signature.prove(**call, body=body.replace(b"Body=&", b""), signature=signed)


def test_addresses_are_tried_with_and_without_the_port() -> None:
    assert signed_addresses("https://a.example", "/x", "y=1") == (
        "https://a.example/x?y=1",
        "https://a.example:443/x?y=1",
    )
    assert signed_addresses("http://u:p@a.example:8080/base/", "/x", "") == (
        "http://u:p@a.example:8080/base/x",
        "http://u:p@a.example/base/x",
    )
    assert signed_addresses("http://[::1]:8000", "/x", "")[0] == "http://[::1]:8000/x"
