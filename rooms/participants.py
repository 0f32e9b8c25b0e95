"""Who is acting in a room, and what each role may do.

Who a participant is comes from authentication, never from a payload.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """Roles of DOMAIN "participant". ``artist``, ``moderator`` and ``admin`` are crew."""

    FAN = "fan"
    ARTIST = "artist"
    MODERATOR = "moderator"
    CURATOR = "curator"
    BRAND = "brand"
    ADMIN = "admin"
    DEVELOPER = "developer"


CREW = frozenset({Role.ARTIST, Role.MODERATOR, Role.ADMIN})


class Channel(StrEnum):
    """The door a command came through."""

    WEB = "web"
    SMS = "sms"


class DisplayKind(StrEnum):
    """What a display is for: the tablet on an amp, or the venue's projector."""

    STAGE = "stage"
    BIG_SCREEN = "big_screen"


class Participant(Struct, frozen=True):
    """One attendee or crew member inside one room.

    Attributes:
        participant_id: UUID of the attendee row of this show.
        account_id: the account (a guest is an account without an e-mail address).
        admitted: holds the code or invitation where the show asks for one; a participant who
            is not admitted (a ``hybrid`` show watched freely) may read and nothing else.
        device_id: the device that it came with first, where known.
        shows_presence: others are told when it is editing.
        display: the kind of a display, which is nobody: it is not counted and does nothing.
    """

    participant_id: str
    account_id: str
    role: Role
    display_name: str
    guest: bool = False
    admitted: bool = True
    device_id: str | None = None
    display: DisplayKind | None = None
    shows_presence: bool = True

    @property
    def is_crew(self) -> bool:
        """Whether this participant sees what crew sees (hidden tallies, moderation)."""
        return self.role in CREW


SYSTEM = Participant(
    participant_id="00000000-0000-0000-0000-000000000000",
    account_id="00000000-0000-0000-0000-000000000000",
    role=Role.ADMIN,
    display_name="Setroom",
)
"""The author of what nobody did by hand: a round closed by its timer, a show closed by a job."""

_TAKE_PART = frozenset(
    {
        "cast_vote",
        "post_chat",
        "rate_entry",
        "react",
        "remove_chat",
        "report_chat",
        "request_song",
        "upvote_song_request",
        "withdraw_vote",
    }
)
_EDIT_SETLIST = frozenset({"rewrite_setlist", "set_now_playing", "update_setlist"})
_VOUCH = frozenset({"confirm_entry"})
_MODERATE = frozenset(
    {
        "dismiss_chat_reports",
        "mute_participant",
        "readmit_participant",
        "release_chat",
        "remove_participant",
        "set_slow_mode",
        "set_word_filter",
    }
)
_DRIVE = frozenset(
    {
        "announce",
        "cancel_round",
        "close_round",
        "create_round",
        "extend_round",
        "hold_votes",
        "lock_setlist",
        "mark_song_request",
        "open_round",
        "release_votes",
        "reveal_round",
        "set_jury",
        "supersede_round",
        "unlock_setlist",
        "update_round",
        "withdraw_announcement",
    }
)
_SEAL = frozenset({"decide_tie", "seal_setlist", "unseal_setlist"})
_RUN = frozenset({"change_show_status"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.FAN: _TAKE_PART | _EDIT_SETLIST,
    Role.CURATOR: _TAKE_PART | _EDIT_SETLIST | _VOUCH,
    Role.MODERATOR: _TAKE_PART | _EDIT_SETLIST | _VOUCH | _MODERATE | _DRIVE,
    Role.ARTIST: _TAKE_PART | _EDIT_SETLIST | _VOUCH | _MODERATE | _DRIVE | _SEAL | _RUN,
    Role.ADMIN: _TAKE_PART | _EDIT_SETLIST | _VOUCH | _MODERATE | _DRIVE | _SEAL | _RUN,
    Role.BRAND: frozenset({"react"}),
    Role.DEVELOPER: frozenset(),
}
"""Commands by role. What is not listed is refused with ``not_allowed``."""


def can(participant: Participant) -> frozenset[str]:
    """The commands this participant may give in its room."""
    if not participant.admitted or participant.display is not None:
        return frozenset()
    return PERMISSIONS[participant.role]


def permitted(participant: Participant) -> list[str]:
    """`can`, in order; shared by all of whom it is the same, so not to be changed."""
    if not participant.admitted or participant.display is not None:
        return []
    return _PERMITTED[participant.role]


_PERMITTED = {role: sorted(commands) for role, commands in PERMISSIONS.items()}
