"""Piccolo tables, one domain per file.

Those in `AUTO_TABLES` are created by Piccolo's own migrations. Tables whose keys have more than
one column are beyond Piccolo's words: their SQL stands in ``storage/migrations``, and the
classes here describe them for queries. ``tests/storage/test_tables.py`` compares both with a
migrated database.
"""

from storage.tables.accounts import Account, Session
from storage.tables.accuracy import (
    AccountCluster,
    EntryVerdict,
    RatingRefresh,
    Reputation,
    Settlement,
)
from storage.tables.attendees import Attendee, Ticket
from storage.tables.catalogue import Artist, Claim, Song, SuggestionModel, Tour, Venue
from storage.tables.displays import Display, DisplayTicket
from storage.tables.keeping import AuditEntry, IdempotencyKey, OutboxEntry
from storage.tables.mail import (
    MailBounce,
    MailCollected,
    MailHanded,
    MailPreference,
    MailRecipient,
    MailSequence,
    MailSuppression,
)
from storage.tables.messages import (
    Broadcast,
    CarrierCallback,
    CarrierReconciliation,
    Message,
    MessageStep,
)
from storage.tables.operations import DeadJob, NodeRoom, NodeRow, ReleasedFigures
from storage.tables.performances import (
    ArchivedNight,
    Performance,
    SongReview,
    SongStatistics,
)
from storage.tables.phones import (
    ConfirmCode,
    ConfirmLink,
    Consent,
    Phone,
    PhoneAttendance,
    SmsInbound,
    Suppression,
)
from storage.tables.rooms import (
    ReactionCount,
    Reply,
    Room,
    RoomEvent,
    RoomSnapshot,
    SetlistClient,
)
from storage.tables.rounds import Ballot, BallotDevice, Round, Stance, StanceCount, Tally
from storage.tables.sandbox import SandboxMail, SandboxMessage, SandboxPhone
from storage.tables.shows import Crew, Invitation, LineUp, Show
from storage.tables.timeline import HeadCount

AUTO_TABLES = (
    Account,
    Session,
    Artist,
    Claim,
    Venue,
    Tour,
    Song,
    SuggestionModel,
    Show,
    LineUp,
    Invitation,
    Crew,
    Performance,
    Attendee,
    Ticket,
    Round,
    OutboxEntry,
    AuditEntry,
    IdempotencyKey,
)
"""Created by Piccolo."""

SQL_TABLES = (
    Room,
    RoomEvent,
    RoomSnapshot,
    SetlistClient,
    Ballot,
    BallotDevice,
    Tally,
    Stance,
    StanceCount,
    ReactionCount,
    Reply,
    ArchivedNight,
    SongReview,
    SongStatistics,
    Reputation,
    Settlement,
    AccountCluster,
    EntryVerdict,
    RatingRefresh,
    Display,
    DisplayTicket,
    HeadCount,
    Broadcast,
    Message,
    MessageStep,
    CarrierCallback,
    CarrierReconciliation,
    DeadJob,
    ReleasedFigures,
    NodeRow,
    NodeRoom,
    Phone,
    PhoneAttendance,
    Consent,
    Suppression,
    SmsInbound,
    ConfirmCode,
    ConfirmLink,
    SandboxPhone,
    SandboxMessage,
    SandboxMail,
    MailRecipient,
    MailPreference,
    MailSequence,
    MailCollected,
    MailSuppression,
    MailBounce,
    MailHanded,
)
"""Created by SQL in the migrations."""

ALL_TABLES = AUTO_TABLES + SQL_TABLES

__all__ = [
    "ALL_TABLES",
    "AUTO_TABLES",
    "SQL_TABLES",
    "Account",
    "AccountCluster",
    "ArchivedNight",
    "Artist",
    "Attendee",
    "AuditEntry",
    "Ballot",
    "BallotDevice",
    "Broadcast",
    "CarrierCallback",
    "CarrierReconciliation",
    "Claim",
    "ConfirmCode",
    "ConfirmLink",
    "Consent",
    "Crew",
    "DeadJob",
    "Display",
    "DisplayTicket",
    "EntryVerdict",
    "HeadCount",
    "IdempotencyKey",
    "Invitation",
    "LineUp",
    "MailBounce",
    "MailCollected",
    "MailHanded",
    "MailPreference",
    "MailRecipient",
    "MailSequence",
    "MailSuppression",
    "Message",
    "MessageStep",
    "NodeRoom",
    "NodeRow",
    "OutboxEntry",
    "Performance",
    "Phone",
    "PhoneAttendance",
    "RatingRefresh",
    "ReactionCount",
    "ReleasedFigures",
    "Reply",
    "Reputation",
    "Room",
    "RoomEvent",
    "RoomSnapshot",
    "Round",
    "SandboxMail",
    "SandboxMessage",
    "SandboxPhone",
    "Session",
    "SetlistClient",
    "Settlement",
    "Show",
    "SmsInbound",
    "Song",
    "SongReview",
    "SongStatistics",
    "Stance",
    "StanceCount",
    "SuggestionModel",
    "Suppression",
    "Tally",
    "Ticket",
    "Tour",
    "Venue",
]
