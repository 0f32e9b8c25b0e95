"""Opens a node's stores and joins its parts, in order; the exit stack closes them in reverse."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from rooms.node import Node
from rooms.sessions.allowance import Allowances
from rooms.tasks import end
from server.accounts.own_account import OwnAccount
from server.accounts.own_data import OwnData
from server.accounts.people import People
from server.accounts.revocation import Revocation
from server.accounts.sessions import Sessions
from server.accuracy.accuracy import Accuracy
from server.catalogue.catalogue import Catalogue
from server.catalogue.finding import Finding
from server.catalogue.indexing import Indexing
from server.displays.displays import Displays
from server.displays.facts import Facts
from server.displays.logins import Logins
from server.displays.tickets import AllTickets, DisplayTickets
from server.displays.turnout import Turnout
from server.doors.polls import PollDoor
from server.doors.streams import Streams
from server.idempotency import Idempotency
from server.mail.web import mail_choices, mail_reports
from server.messaging.messaging import messaging_of
from server.metrics import Metrics
from server.operations.loop_lag import LoopLag
from server.operations.reporting import NodeReporting, web_report
from server.operations.sampling import RoomSamples
from server.performances.reviews import SongReviews
from server.performances.songs import Songs
from server.posters.posters import Posters
from server.rate_limits import SharedRateLimits
from server.replay.replays import Replays
from server.reports.analytics import Analytics
from server.reports.reports import Reports
from server.reports.streaming import AnalyticsStreams
from server.room_calls import RoomCalls
from server.rooms.roles import RoleWatch
from server.rooms.sessions import SessionWatch
from server.rooms.socket import SocketDoor
from server.rounds.leaderboards import LeaderboardReads
from server.rounds.presets import RoundMaterial
from server.rounds.rounds import Rounds
from server.rounds.scrutiny import Scrutiny
from server.sandbox.mailbox import Mailbox
from server.sandbox.sandbox import sandbox_of
from server.security.authentication import Authenticator
from server.security.passwords import Passwords
from server.security.refresh_tokens import RefreshTokens
from server.security.tickets import TicketService
from server.security.tokens import Tokens
from server.services import Services
from server.setlist.history import Histories
from server.setlist.past import Past
from server.setlist.rewriting import Rewriting
from server.setlist.setlists import Setlists
from server.setlist.suggestions import Suggestions
from server.settings import Settings
from server.shows.attendance import Attendance
from server.shows.check_in import CheckInDesk
from server.shows.look_alikes import prepare as prepare_looks
from server.shows.shows import Shows
from server.shows.stage_names import StageNames
from server.sms.sms import sms_of
from server.song_requests.song_books import SongBooks
from server.song_requests.song_requests import SongRequestReads
from server.telemetry.room_log import WatchedRoomLog
from server.timeline.recording import HeadCountRecording
from server.timeline.timelines import Timelines
from storage.accounts.accounts import PostgresAccounts
from storage.accounts.guests import PostgresGuests
from storage.accounts.idempotency import PostgresIdempotencyKeys
from storage.accounts.log_names import LogNames
from storage.accounts.personal_data import PersonalData
from storage.accounts.profiles import PostgresProfiles
from storage.accounts.sessions import PostgresSessions
from storage.accuracy.reputations import PostgresReputations, PostgresVerdicts
from storage.catalogue.artists import PostgresArtists
from storage.catalogue.nearby import NearbyShows
from storage.catalogue.places import PostgresPlaces
from storage.catalogue.search import PostgresSearch
from storage.catalogue.song_pasts import PostgresSongPasts
from storage.clock import DatabaseClock
from storage.database import close_pool, open_database, open_pool, share_of_rooms
from storage.displays.displays import PostgresDisplays
from storage.ids import uuid7
from storage.moderation.word_lists import chat_words
from storage.operations.nodes import PostgresNodes
from storage.performances.answers import PostgresAnswers
from storage.performances.reading import PostgresPerformances
from storage.performances.reviews import PostgresReviews
from storage.performances.songs import PostgresSongs
from storage.primary import PrimariesSeen
from storage.redis.clients import connect
from storage.replay.log import ReplayLog
from storage.rooms.bus import room_bus
from storage.sandbox.mail import PostgresSandboxMail
from storage.shows.attendees import PostgresAttendees
from storage.shows.check_ins import CheckIns
from storage.shows.claims import PostgresClaims
from storage.shows.crew import PostgresCrew
from storage.shows.invitations import PostgresInvitations
from storage.shows.line_up import PostgresLineUps
from storage.shows.participants import Participants
from storage.shows.repertoire import Repertoire
from storage.shows.roles import Roles
from storage.shows.rounds import RoundIndex
from storage.shows.scrutiny import Scrutinies
from storage.shows.setlist_history import SetlistHistory
from storage.shows.shows import PostgresShows
from storage.song_requests.catalogue import LineUpCatalogue
from storage.suggestions.history import PostgresShowHistory
from storage.suggestions.models import PostgresSuggestionModels
from storage.timeline.head_counts import PostgresHeadCounts
from storage.timeline.nights import Nights

if TYPE_CHECKING:
    from server.telemetry.exporting import Traces


def new_id() -> str:
    """A UUIDv7 string."""
    return str(uuid7())


async def assemble(
    settings: Settings, metrics: Metrics, stack: AsyncExitStack, traces: Traces | None = None
) -> tuple[Services, SocketDoor]:
    """Everything that a web node works with, running."""
    of_rooms, seen = share_of_rooms(settings.database_pool_size), PrimariesSeen()
    database = await open_database(
        settings.database_url.reveal(),
        application_name=f"setroom {settings.node_name}"[:63],
        connections_max=settings.database_pool_size - of_rooms,
        primaries_seen=seen,
    )
    stack.push_async_callback(database.close)
    pool = database.pool
    rooms_pool = await open_pool(
        settings.database_url.reveal(),
        application_name=f"setroom {settings.node_name} rooms"[:63],
        connections_max=of_rooms,
        primaries_seen=seen,
    )
    stack.push_async_callback(close_pool, rooms_pool)
    redis_url = settings.redis_url.reveal()
    redis = connect(
        redis_url, timeout_s=2.0, connect_s=2.0, connections_max=settings.redis_pool_size
    )
    stack.push_async_callback(redis.aclose)

    tracing = traces.rooms if traces else None
    room_log = WatchedRoomLog(rooms_pool, metrics.rooms.commits, tracing)
    clock = DatabaseClock(room_log.database_time)
    await clock.start()
    stack.push_async_callback(clock.stop)
    bus = room_bus(redis_url)
    await stack.enter_async_context(bus)
    node = Node(
        node_id=new_id(),
        room_log=room_log,
        bus=bus,
        clock=clock,
        new_id=new_id,
        words=chat_words(),
        tracing=tracing,
    )
    bus.on_lapse(node.lapsed)
    await node.start()
    stack.push_async_callback(node.stop)
    await _run_along(stack, HeadCountRecording(node, PostgresHeadCounts(pool), clock).run())

    sessions = PostgresSessions(pool)
    attendees = PostgresAttendees(pool)
    tokens = Tokens(settings.secret_key)
    limits = SharedRateLimits(redis_url)
    stack.push_async_callback(limits.close)
    passwords = Passwords()
    stack.callback(passwords.close)
    accounts = PostgresAccounts(pool)
    profiles = PostgresProfiles(pool)
    revocation = Revocation(sessions, node, clock)
    signed_in = Sessions(
        sessions, tokens, RefreshTokens(settings.secret_key), revocation, clock, new_id
    )
    crew = PostgresCrew(pool)
    prepare_looks()
    stage_names = StageNames(crew, clock)
    attendance = Attendance(attendees, stage_names, limits, clock, new_id)
    tickets = TicketService(settings.secret_key, attendees, clock, new_id)
    allowances = Allowances()
    display_store = PostgresDisplays(pool)
    display_tickets = DisplayTickets(settings.secret_key, display_store, clock, new_id)
    all_tickets = AllTickets(tickets, display_tickets)
    watch = SessionWatch(Logins(sessions, display_store), node, clock)
    await _run_along(stack, watch.run())
    await _run_along(stack, RoleWatch(lambda: node.rooms, Roles(pool), clock).run())
    calls = RoomCalls(node, attendance, allowances, clock)
    show_store = PostgresShows(pool)
    shows = Shows(show_store, attendance, node, clock, new_id)
    check_in = CheckInDesk(CheckIns(pool), attendance, limits, clock)
    repertoire = Repertoire(pool)
    suggestions = Suggestions(
        PostgresSuggestionModels(pool), PostgresShowHistory(pool), repertoire, clock
    )
    search = PostgresSearch(pool)
    await _run_along(stack, Indexing(search).run())
    sandbox = sandbox_of(settings, pool, limits, clock, new_id)
    if sandbox is not None:
        stack.push_async_callback(sandbox.node.close)
        await _run_along(stack, sandbox.deliveries.run())
    messaging = messaging_of(settings, pool, redis, attendance, clock)
    round_index = RoundIndex(pool)
    history = SetlistHistory(pool)
    past = Past(history)
    analytics = Analytics(attendance, pool, clock)
    services = Services(
        settings=settings,
        clock=clock,
        new_id=new_id,
        pool=pool,
        redis=redis,
        node=node,
        room_log=room_log,
        tokens=tokens,
        authenticator=Authenticator(tokens, sessions, clock, settings.origins),
        limits=limits,
        idempotency=Idempotency(PostgresIdempotencyKeys(pool), settings.secret_key, clock, new_id),
        accounts=accounts,
        sessions=sessions,
        revocation=revocation,
        people=People(accounts, PostgresGuests(pool), signed_in, passwords, limits, clock),
        signed_in=signed_in,
        own_account=OwnAccount(
            accounts,
            profiles,
            sessions,
            LogNames(pool),
            revocation,
            node,
            passwords,
            limits,
            clock,
        ),
        own_data=OwnData(PersonalData(pool)),
        profiles=profiles,
        mail=mail_choices(settings, pool, limits, clock),
        mail_reports=mail_reports(settings, pool, clock),
        show_store=show_store,
        crew=crew,
        participants=Participants(pool),
        line_ups=PostgresLineUps(pool),
        claims=PostgresClaims(pool),
        invitations=PostgresInvitations(pool),
        attendees=attendees,
        shows=shows,
        attendance=attendance,
        tickets=tickets,
        all_tickets=all_tickets,
        displays=Displays(display_store, attendance, revocation, clock),
        display_tickets=display_tickets,
        turnout=Turnout(node),
        posters=Posters(
            shows, attendance, public_url=settings.public_url, sms_number=settings.sms_number
        ),
        display_facts=Facts(
            shows, check_in, public_url=settings.public_url, sms_number=settings.sms_number
        ),
        calls=calls,
        streams=Streams(node, watch, metrics.rooms.joins),
        polls=PollDoor(node, attendance, watch, allowances, clock, tracing),
        rounds=Rounds(calls, round_index, RoundMaterial(suggestions, repertoire), new_id),
        scrutiny=Scrutiny(calls, round_index, Scrutinies(pool), new_id),
        leaderboards=LeaderboardReads(calls, round_index),
        check_in=check_in,
        setlists=Setlists(calls, attendance, history, past),
        histories=Histories(attendance, history, past),
        rewriting=Rewriting(calls, history, past),
        replays=Replays(room_log, ReplayLog(pool), attendance),
        suggestions=suggestions,
        song_requests=SongRequestReads(calls, LineUpCatalogue(pool)),
        song_books=SongBooks(LineUpCatalogue(pool), attendance, clock),
        timelines=Timelines(attendance, Nights(pool), clock),
        reports=Reports(shows, attendance, calls, pool),
        analytics=analytics,
        analytics_streams=AnalyticsStreams(analytics, sessions, clock),
        songs=Songs(attendance, PostgresPerformances(pool), PostgresSongs(pool)),
        finding=Finding(search, NearbyShows(pool)),
        catalogue=Catalogue(
            search,
            PostgresArtists(pool),
            PostgresPlaces(pool),
            PostgresSongs(pool),
            PostgresSongPasts(pool),
        ),
        song_reviews=SongReviews(PostgresReviews(pool), PostgresAnswers(pool), clock),
        accuracy=Accuracy(
            calls, attendance, PostgresReputations(pool), PostgresVerdicts(pool), clock
        ),
        sms=sms_of(
            settings,
            pool,
            node,
            attendance,
            shows,
            limits,
            messaging.throughput,
            clock,
            new_id,
            metrics.sms,
            tracing,
        ),
        sandbox=sandbox,
        mailbox=Mailbox(PostgresSandboxMail(pool)),
        messaging=messaging,
        metrics=metrics,
    )
    door = SocketDoor(
        rooms=node,
        tickets=all_tickets,
        watch=watch,
        clock=clock,
        allowances=allowances,
        origins=settings.origins,
        joins=metrics.rooms.joins,
        following=traces.following if traces else None,
    )
    await _report_along(services, stack)
    return services, door


async def _report_along(services: Services, stack: AsyncExitStack) -> None:
    """Watches the node and its loop, and says every few seconds that it is there."""
    name, node, lag = services.settings.node_name, services.node, LoopLag()
    samples = RoomSamples(node)
    lag.start()
    stack.callback(lag.stop)
    services.metrics.rooms.watch(name, node, samples, lag, lambda: services.draining)
    report = web_report(name, node, samples, lag, services.clock, lambda: services.draining)
    reporting = NodeReporting(PostgresNodes(services.pool), node.node_id, report)
    services.report_soon = reporting.soon
    await _run_along(stack, reporting.run())


async def _run_along(stack: AsyncExitStack, work: Any) -> None:
    """Runs ``work`` until the stack unwinds."""
    task = asyncio.create_task(work)

    async def stop() -> None:
        await end([task])

    stack.push_async_callback(stop)
