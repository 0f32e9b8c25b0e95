"""Codes and tokens that prove a phone."""

from __future__ import annotations

from server.secret import Secret
from server.sms.secrets import TOKEN_CHARACTERS, PhoneSecrets

OURS = PhoneSecrets(Secret("a key of at least thirty-two characters"))
OTHERS = PhoneSecrets(Secret("another key of thirty-two characters"))


def test_codes_have_six_digits_and_are_kept_by_a_keyed_hash() -> None:
    codes = {OURS.new_code() for _ in range(200)}
    assert all(len(code) == 6 and code.isdecimal() and code[0] != "0" for code in codes)
    assert len(codes) > 190
    assert OURS.code_hash("123456") == OURS.code_hash("123456")
    assert OURS.code_hash("123456") != OTHERS.code_hash("123456")


def test_tokens_are_short_and_made_up_ones_are_known_without_looking() -> None:
    token = OURS.new_token()
    assert len(token) == TOKEN_CHARACTERS == 17
    assert OURS.token_hash(token) is not None
    assert OTHERS.token_hash(token) is None
    for made_up in ("", token[:-1], token + "A", "é" * 17, token[1:] + token[0]):
        assert OURS.token_hash(made_up) is None
