"""One's account: of nobody, of a guest, of somebody with a password."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import PASSWORD
from tests.browser.walk import Scene, State

World = dict[str, str]
"""``show``: where a room is; ``email``: an account's."""


def _nobody(page: Page, _world: World) -> None:
    expect(page.get_by_label("E-mail")).to_be_visible()


def _wrong(page: Page, world: World) -> None:
    page.get_by_label("E-mail").fill(world["email"])
    page.get_by_label("Password", exact=True).fill("not this passphrase")
    page.get_by_role("button", name="Sign in").last.click()
    expect(page.get_by_role("alert").or_(page.locator(".toast.bad")).first).to_be_visible()


def _guest(page: Page, world: World) -> None:
    page.goto(world["show"])
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_role("button", name="Add a song")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_role("heading", name="You are a guest")).to_be_visible()


def _account(page: Page, world: World) -> None:
    page.evaluate("localStorage.clear()")
    page.goto("/account")
    page.get_by_label("E-mail").fill(world["email"])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").last.click()
    expect(page.get_by_role("region", name="Privacy")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


def _no_mail(page: Page, _world: World) -> None:
    """The mailbox has sent mail back: what the server then says, put in its mouth."""
    own = "**/api/auth/profile/mail"
    page.route(
        own, lambda route: route.fulfill(json=route.fetch().json() | {"suppressed": "bounced"})
    )
    page.reload()
    mail = page.get_by_role("region", name="Mail", exact=True)
    expect(mail.get_by_text("Your mailbox sent our mail back")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    mail.scroll_into_view_if_needed()
    page.unroute(own)


def _mistakes(page: Page, _world: World) -> None:
    profile = page.get_by_role("region", name="Profile")
    profile.get_by_label("Name").fill(" ")
    profile.get_by_role("combobox", name="Home city").fill("Nowhere at all")
    profile.get_by_role("button", name="Save profile").click()
    expect(profile.get_by_text("This cannot be empty.")).to_be_visible()


def _cities(page: Page, _world: World) -> None:
    city = page.get_by_role("region", name="Profile").get_by_role("combobox", name="Home city")
    city.fill("")
    city.press_sequentially("Barcelon")
    expect(page.get_by_role("option", name="Barcelona Spain")).to_be_visible()


def _everywhere(page: Page, _world: World) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _delete(page: Page, _world: World) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _spanish(page: Page, world: World) -> None:
    page.get_by_label("Correo").fill(world["email"])
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Entrar").last.click()
    expect(page.get_by_role("region", name="Privacidad")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


ACCOUNT = Scene(
    "Account",
    lambda _world: "/account",
    (
        State("nobody", _nobody),
        State("a wrong password", _wrong),
        State("guest", _guest, whole=True),
        State("account", _account, whole=True),
        State("mail came back", _no_mail),
        State("mistakes", _mistakes),
        State("suggested cities", _cities),
        State("signing out elsewhere", _everywhere),
        State("deleting", _delete),
    ),
)
SPANISH = Scene(
    "Account in Spanish",
    lambda _world: "/account",
    (State("account", _spanish, whole=True),),
    {"locale": "es-ES"},
)

SCENES = (ACCOUNT, SPANISH)
