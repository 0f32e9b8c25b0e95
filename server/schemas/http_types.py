"""TypeScript types of bodies that the clients' pages send and get over HTTP.

What the room's own messages consist of is in ``wire.ts``; it is imported from there.
"""

from __future__ import annotations

import re

from msgspec import inspect

from rooms.participants import Role
from rooms.shows.records import Billing
from server.accounts.schemas import (
    DeleteAccountBody,
    Ended,
    PasswordBody,
    PrivacyBody,
    ProfileBody,
    RoomVisitPage,
    SessionPage,
    UserView,
)
from server.displays.facts import DisplayFacts
from server.displays.schemas import (
    DisplayPage,
    DisplayTicketView,
    MadeDisplayView,
    NewDisplayBody,
)
from server.displays.turnout import TurnoutView
from server.doors.schemas import PollBody, StreamEnd
from server.mail.schemas import (
    MailPreferencesBody,
    MailPreferencesView,
    MailTypesBody,
    VerificationSent,
)
from server.messaging.schemas import (
    BroadcastPage,
    BroadcastView,
    MessageDetail,
    MessagePage,
    MessagingOffer,
    NewBroadcastBody,
    PreviewView,
)
from server.operations.node_schemas import NodesBody, NodeView, RoomPage, RoomView
from server.operations.schemas import (
    DeadLetterPage,
    DeadLetterView,
    JobsBody,
    ReconciliationPage,
)
from server.performances.schemas import (
    PerformancePage,
    ReviewBody,
    ReviewPage,
    ReviewView,
    SongPage,
    SongView,
)
from server.replay.schemas import ReplayPage, ReplayState
from server.reports.schemas import AnalyticsBody
from server.rounds.schemas import ResultsBody, RoundPage
from server.sandbox.schemas import (
    NewPhonesBody,
    PhoneChangeBody,
    PhoneChanges,
    PhoneMessagePage,
    PhonesView,
    PhoneTextBody,
    SaidView,
    SandboxMailPage,
    SandboxMailView,
)
from server.schemas.typescript import Writer
from server.schemas.vocabulary import EVENTS, PARTS, PLAIN_MESSAGES, STATES, first_line
from server.setlist.history_schemas import (
    HistoryOrder,
    HistoryPage,
    RestoreBody,
    RewriteView,
    RollbackBody,
    UndoBody,
)
from server.shows.check_in import CheckInCode
from server.shows.invitation_schemas import (
    InvitationPage,
    InvitationView,
    MadeInvitationView,
    NewInvitationBody,
)
from server.shows.participants import ParticipantPage
from server.shows.schemas import (
    ArtistBody,
    CrewBody,
    CrewMemberBody,
    CrewPage,
    InvitedView,
    LineUpBody,
    LineUpItemBody,
    LineUpPage,
    NewLineUpBody,
    NewShowBody,
    ShowPage,
    ShowView,
    TourBody,
    VenueBody,
)
from server.sms.schemas import AppPhoneView, PhoneCodeView
from server.song_requests.schemas import SongBookPage, SongChoicePage, SongRequestPage
from server.timeline.schemas import TimelineBody

ANSWERS: tuple[type, ...] = (
    HistoryPage,
    RewriteView,
    ReplayPage,
    ReplayState,
    SongRequestPage,
    SongChoicePage,
    PerformancePage,
    SongView,
    SongPage,
    ReviewView,
    ReviewPage,
    PollBody,
    StreamEnd,
    UserView,
    SessionPage,
    Ended,
    RoomVisitPage,
    MadeDisplayView,
    DisplayPage,
    DisplayTicketView,
    DisplayFacts,
    TurnoutView,
    ShowView,
    ShowPage,
    LineUpPage,
    InvitedView,
    MadeInvitationView,
    InvitationPage,
    InvitationView,
    SongBookPage,
    CrewPage,
    RoundPage,
    ResultsBody,
    ParticipantPage,
    TimelineBody,
    CheckInCode,
    AnalyticsBody,
    JobsBody,
    DeadLetterView,
    DeadLetterPage,
    ReconciliationPage,
    NodeView,
    NodesBody,
    RoomView,
    RoomPage,
    MessagingOffer,
    PreviewView,
    BroadcastView,
    BroadcastPage,
    MessagePage,
    MessageDetail,
    PhonesView,
    PhoneMessagePage,
    PhoneChanges,
    SaidView,
    SandboxMailPage,
    SandboxMailView,
    PhoneCodeView,
    AppPhoneView,
    MailPreferencesView,
    VerificationSent,
)
"""Bodies that the server sends."""

QUESTIONS: tuple[type, ...] = (
    RollbackBody,
    RestoreBody,
    UndoBody,
    ReviewBody,
    NewDisplayBody,
    NewShowBody,
    VenueBody,
    ArtistBody,
    TourBody,
    NewLineUpBody,
    CrewBody,
    CrewMemberBody,
    PrivacyBody,
    ProfileBody,
    PasswordBody,
    DeleteAccountBody,
    LineUpItemBody,
    LineUpBody,
    NewInvitationBody,
    NewBroadcastBody,
    NewPhonesBody,
    PhoneChangeBody,
    PhoneTextBody,
    MailPreferencesBody,
    MailTypesBody,
)
"""Bodies that clients send: fields with a default may be left out."""

PARAMETERS: tuple[type, ...] = (HistoryOrder, Billing, Role)
"""Values of query parameters, and of fields that clients send."""

HEADER = """\
// Generated from the server's structs by `python -m server.schemas --write`. Do not edit.
"""

_RAW = {"ReplayState": ("state: unknown;", "state: RoomSnapshot;")}
"""Fields that are raw JSON in Python, and what lies in them."""


def render() -> str:
    """The whole module ``clients/shared/src/http.ts``."""
    writer = Writer()
    for kind in (*PARTS, *PLAIN_MESSAGES, *EVENTS.values(), *STATES.values()):
        writer.add(kind)
    elsewhere = {*writer.names(), "EventMessage", "StateMessage", "Timestamp"}
    writer.know("EventMessage")
    writer.know("StateMessage")
    for kind in (*PARAMETERS, *ANSWERS):
        writer.add(kind)
    own = [writer.declaration(name) for name in writer.names() if name not in elsewhere]
    for kind in QUESTIONS:
        writer.know(kind.__name__)
    own += [_question(writer, kind) for kind in QUESTIONS]
    for name, (raw, typed) in _RAW.items():
        own = [text.replace(raw, typed) if f"interface {name} " in text else text for text in own]
    used = sorted(name for name in elsewhere if re.search(rf"\b{name}\b", _code(own)))
    imports = "import type {\n" + "".join(f"  {name},\n" for name in used) + '} from "./wire.ts";\n'
    return "\n".join([HEADER, imports, *own])


def _question(writer: Writer, kind: type) -> str:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    body = writer.struct_body(info, sent_by_client=True)
    return f"/** {first_line(kind)} */\nexport interface {kind.__name__} {body}\n"


def _code(declarations: list[str]) -> str:
    """Declarations without their comments, which may name what they do not use."""
    return re.sub(r"/\*\*.*?\*/", "", "\n".join(declarations), flags=re.DOTALL)
