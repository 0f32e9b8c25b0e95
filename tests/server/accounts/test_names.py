"""What nobody is called."""

from __future__ import annotations

import pytest

from tests.server.http import PASSWORD, Person, made, refused, unique_email

NAMES = pytest.mark.parametrize("name", ["Sh1thead Shit", "f.u.c.k", "Puta Madre"])


@NAMES
async def test_no_guest_and_no_account_is_called_so(nobody: Person, name: str) -> None:
    account = {"email": unique_email(), "password": PASSWORD, "role": "fan", "display_name": name}
    for path, body in (("guest", {"display_name": name}), ("signup", account)):
        problem = refused(await nobody.post(f"/api/auth/{path}", body), 422, "validation_failed")
        (error,) = problem["errors"]
        assert (error["field"], error["code"]) == ("display_name", "words_refused")


@pytest.mark.parametrize("name", ["Dick Dale", "Scunthorpe Sue", "Año Nuevo", "Cassidy"])
async def test_a_name_that_only_looks_like_it_is_one(nobody: Person, name: str) -> None:
    made(await nobody.post("/api/auth/guest", {"display_name": name}))
