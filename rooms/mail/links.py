"""Addresses that mails lead to."""

from __future__ import annotations

from urllib.parse import urlencode

from msgspec import Struct

from rooms.mail.facts import ShowFacts


class Links(Struct, frozen=True):
    """The site's pages. ``public_url``: without a slash at the end."""

    public_url: str

    @property
    def home(self) -> str:
        """The first page."""
        return f"{self.public_url}/"

    @property
    def account(self) -> str:
        """One's own account."""
        return f"{self.public_url}/account"

    @property
    def panel(self) -> str:
        """The control panel."""
        return f"{self.public_url}/panel"

    def show(self, show: ShowFacts) -> str:
        """A show's page. Whoever joined a private one is known there by their account."""
        return f"{self.public_url}/shows/{show.slug}"

    def calendar(self, show: ShowFacts) -> str:
        """The show for a calendar."""
        return f"{self.show(show)}/calendar.ics"

    def replay(self, show: ShowFacts) -> str:
        """The night once more."""
        return f"{self.show(show)}?{urlencode({'replay': ''})}"
