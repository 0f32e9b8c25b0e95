"""What handlers work with, made once per process by `server.app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rooms.accounts.ports import AccountStore, ProfileStore, SessionStore
from rooms.node import Node
from rooms.ports import Clock, NewId, RoomLog
from rooms.shows.invitations import InvitationStore
from rooms.shows.ports import (
    AttendeeStore,
    ClaimStore,
    CrewStore,
    LineUpStore,
    ParticipantStore,
    ShowStore,
)
from server.accounts.people import People
from server.accounts.revocation import Revocation
from server.accounts.sessions import Sessions
from server.idempotency import Idempotency
from server.rate_limits import RateLimits
from server.security.authentication import Authenticator
from server.security.tickets import TicketService
from server.security.tokens import Tokens
from server.settings import Settings

if TYPE_CHECKING:
    import asyncpg

    from server.accounts.own_account import OwnAccount
    from server.accounts.own_data import OwnData
    from server.accuracy.accuracy import Accuracy
    from server.catalogue.catalogue import Catalogue
    from server.catalogue.finding import Finding
    from server.displays.displays import Displays
    from server.displays.facts import Facts
    from server.displays.tickets import AllTickets, DisplayTickets
    from server.displays.turnout import Turnout
    from server.doors.polls import PollDoor
    from server.doors.streams import Streams
    from server.mail.choices import MailChoices
    from server.mail.reports import MailReports
    from server.messaging.messaging import Messaging
    from server.metrics import Metrics
    from server.performances.reviews import SongReviews
    from server.performances.songs import Songs
    from server.posters.posters import Posters
    from server.replay.replays import Replays
    from server.reports.analytics import Analytics
    from server.reports.reports import Reports
    from server.reports.streaming import AnalyticsStreams
    from server.room_calls import RoomCalls
    from server.rounds.leaderboards import LeaderboardReads
    from server.rounds.rounds import Rounds
    from server.rounds.scrutiny import Scrutiny
    from server.sandbox.mailbox import Mailbox
    from server.sandbox.sandbox import Sandbox
    from server.setlist.history import Histories
    from server.setlist.rewriting import Rewriting
    from server.setlist.setlists import Setlists
    from server.setlist.suggestions import Suggestions
    from server.shows.attendance import Attendance
    from server.shows.check_in import CheckInDesk
    from server.shows.shows import Shows
    from server.sms.sms import Sms
    from server.song_requests.song_books import SongBooks
    from server.song_requests.song_requests import SongRequestReads
    from server.timeline.timelines import Timelines
    from storage.redis.clients import AnyRedis


@dataclass(slots=True, kw_only=True, eq=False)
class Services:
    """Everything that handlers share. ``pool`` and ``redis`` are for health checks and for
    domains that bring their own store."""

    settings: Settings
    clock: Clock
    new_id: NewId
    pool: asyncpg.Pool[Any]
    redis: AnyRedis
    node: Node
    room_log: RoomLog
    tokens: Tokens
    authenticator: Authenticator
    limits: RateLimits
    idempotency: Idempotency
    accounts: AccountStore
    sessions: SessionStore
    revocation: Revocation
    people: People
    signed_in: Sessions
    own_account: OwnAccount
    own_data: OwnData
    profiles: ProfileStore
    mail: MailChoices
    mail_reports: MailReports
    show_store: ShowStore
    crew: CrewStore
    line_ups: LineUpStore
    claims: ClaimStore
    invitations: InvitationStore
    attendees: AttendeeStore
    participants: ParticipantStore
    shows: Shows
    attendance: Attendance
    tickets: TicketService
    all_tickets: AllTickets
    displays: Displays
    display_tickets: DisplayTickets
    display_facts: Facts
    turnout: Turnout
    posters: Posters
    calls: RoomCalls
    streams: Streams
    polls: PollDoor
    rounds: Rounds
    scrutiny: Scrutiny
    leaderboards: LeaderboardReads
    check_in: CheckInDesk
    setlists: Setlists
    histories: Histories
    rewriting: Rewriting
    replays: Replays
    suggestions: Suggestions
    song_requests: SongRequestReads
    song_books: SongBooks
    timelines: Timelines
    reports: Reports
    analytics: Analytics
    analytics_streams: AnalyticsStreams
    accuracy: Accuracy
    songs: Songs
    finding: Finding
    catalogue: Catalogue
    song_reviews: SongReviews
    sms: Sms
    sandbox: Sandbox | None
    mailbox: Mailbox
    messaging: Messaging
    metrics: Metrics
    draining: bool = False
    report_soon: Callable[[], None] = lambda: None


AppServices: TypeAlias = NamedDependency[SkipValidation[Services]]
"""A handler's ``services``."""


def provide_services(state: State) -> Services:
    """Dependency ``services``."""
    services: Services = state.services
    return services
