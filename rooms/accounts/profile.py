"""What people say about themselves, and what they would rather not have said."""

from __future__ import annotations

from msgspec import Struct


class Privacy(Struct, frozen=True):
    """Choices that the server keeps.

    Attributes:
        show_name: fans are called by their name in rooms; otherwise "Fan" and four characters that
            are others in each show. Crew goes by its name.
        show_presence: others see who is editing where; otherwise nobody is told.
        remember_rooms: the rooms that one was in are listed for oneself.
    """

    show_name: bool = True
    show_presence: bool = True
    remember_rooms: bool = True


class HomeCity(Struct, frozen=True):
    """Where somebody lives, as the gazetteer has it. Degrees, WGS 84."""

    name: str
    lat: float
    lon: float
    country: str | None = None
    admin: str | None = None
