"""Tokens are read the short way only where that says the same as the library."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from server.secret import Secret
from server.security.tokens import Signer, TokenInvalid, derive_key

SECRET = Secret("a-secret-of-forty-characters-or-more-for-tests")
NOW = datetime(2026, 5, 8, 20, 0, tzinfo=UTC)
KEY = derive_key(SECRET, "ticket")
CLAIMS = {"aud": "setroom:ticket", "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60}


@pytest.fixture
def signer() -> Signer:
    return Signer(SECRET, "ticket")


def by_library(claims: dict[str, Any], key: bytes = KEY, **header: Any) -> str:
    return jwt.encode(claims, key, algorithm="HS256", headers=header or None)


def test_what_was_signed_is_read_without_the_library(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signer.sign({"jti": "one", "title": "Grüße"}, now=NOW, lasts_s=60)

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("asked the library")

    monkeypatch.setattr(jwt, "decode", never)
    claims = signer.read(token, now=NOW + timedelta(seconds=59))
    assert (claims["jti"], claims["title"]) == ("one", "Grüße")
    with pytest.raises(TokenInvalid) as late:
        signer.read(token, now=NOW + timedelta(seconds=61))
    assert late.value.expired


def test_another_header_of_ours_is_read_by_the_library(signer: Signer) -> None:
    assert signer.read(by_library({**CLAIMS, "jti": "one"}, kid="1"), now=NOW)["jti"] == "one"


def _unsigned() -> str:
    parts = (b'{"alg":"none","typ":"JWT"}', b'{"aud":"setroom:ticket","iat":1,"exp":99999999999}')
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


OTHERS = {
    "another key": by_library(CLAIMS, b"k" * 32),
    "another purpose": by_library({**CLAIMS, "aud": "setroom:access"}),
    "no purpose": by_library({"iat": CLAIMS["iat"], "exp": CLAIMS["exp"]}),
    "no end": by_library({"aud": CLAIMS["aud"], "iat": CLAIMS["iat"]}),
    "an end that is no time": by_library({**CLAIMS, "exp": "soon"}),
    "not before later": by_library({**CLAIMS, "nbf": 99_999_999_999}),
    "no signature": _unsigned(),
    "signature cut off": by_library(CLAIMS)[:-4],
    "two parts": by_library(CLAIMS).rpartition(".")[0],
    "nothing": "",
    "not ASCII": "ü.ü.ü",
    "claims of no kind": by_library(CLAIMS).split(".")[0] + ".e30." + "A" * 43,
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_is_not_ours_is_invalid(signer: Signer, case: str) -> None:
    with pytest.raises(TokenInvalid) as refused:
        signer.read(OTHERS[case], now=NOW)
    assert not refused.value.expired


def test_a_changed_byte_anywhere_is_noticed(signer: Signer) -> None:
    token = signer.sign({"jti": "one"}, now=NOW, lasts_s=60)
    for place, character in enumerate(token[:-1]):  # the last one has bits that mean nothing
        other = "A" if character != "A" else "B"
        with pytest.raises(TokenInvalid):
            signer.read(token[:place] + other + token[place + 1 :], now=NOW)
