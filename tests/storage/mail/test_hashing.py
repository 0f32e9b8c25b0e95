"""What stands for an address."""

from __future__ import annotations

from storage.mail.hashing import AddressHash


def test_one_address_has_one_hash_however_it_is_written() -> None:
    hashed = AddressHash(b"key")

    assert hashed("Ann@Example.org ") == hashed("ann@example.org")
    assert hashed("ann@bücher.example") == hashed("ann@xn--bcher-kva.example")
    assert hashed("ann@example.org") != hashed("bob@example.org")
    assert hashed("nobody") != hashed("")


def test_without_the_key_an_address_cannot_be_tried_out() -> None:
    assert AddressHash(b"key")("ann@example.org") != AddressHash(b"other")("ann@example.org")
