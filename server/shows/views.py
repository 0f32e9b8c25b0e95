"""Shows as answers."""

from __future__ import annotations

from datetime import datetime

from rooms.participants import Role
from rooms.shows.invitations import InvitationRecord
from rooms.shows.records import ClaimRecord, CrewRecord, LineUpRecord, ShowRecord
from server.shows.invitation_schemas import InvitationView, SentInvitationView
from server.shows.schemas import (
    ClaimView,
    CrewMemberView,
    LineUpView,
    ShowView,
    TourView,
    VenueView,
)


def show_view(
    show: ShowRecord,
    *,
    crew: bool,
    role: Role | None = None,
    distance_km: float | None = None,
) -> ShowView:
    """A show as its crew or as others see it. ``role``: the viewer's in the crew."""
    venue, tour = show.venue, show.tour
    return ShowView(
        id=show.show_id,
        slug=show.slug,
        title=show.title,
        status=show.status.value,
        access=show.access.value,
        starts_at=show.starts_at,
        ends_at=show.ends_at,
        venue=VenueView(venue.name, venue.city, venue.country) if venue else None,
        artists=[line_up_view(artist) for artist in show.artists],
        created_at=show.created_at,
        updated_at=show.updated_at,
        join_code=show.join_code if crew else None,
        takes_sms=show.takes_sms,
        tour=TourView(tour.tour_id, tour.name) if tour else None,
        role=role.value if role else None,
        distance_km=None if distance_km is None else round(distance_km, 1),
    )


def line_up_view(artist: LineUpRecord) -> LineUpView:
    """An artist of a line-up."""
    return LineUpView(
        id=artist.artist_id,
        name=artist.name,
        billing=artist.billing.value,
        position=artist.position,
        status=artist.status.value,
    )


def invitation_view(invitation: InvitationRecord) -> InvitationView:
    """An invitation as whoever holds its token sees it."""
    return InvitationView(
        id=invitation.invitation_id,
        show_id=invitation.show_id,
        kind=invitation.kind.value,
        role=invitation.role.value if invitation.role else None,
        artist_id=invitation.artist_id,
        artist=invitation.artist_name,
        status=invitation.status,
        expires_at=invitation.expires_at,
        invited_by=invitation.invited_by,
        show_title=invitation.show_title,
        show_slug=invitation.show_slug,
        show_starts_at=invitation.show_starts_at,
    )


def sent_invitation_view(invitation: InvitationRecord, now: datetime) -> SentInvitationView:
    """An invitation as the show's crew sees it."""
    over = invitation.status == "pending" and invitation.expires_at <= now
    return SentInvitationView(
        id=invitation.invitation_id,
        kind=invitation.kind.value,
        role=invitation.role.value if invitation.role else None,
        artist_id=invitation.artist_id,
        artist=invitation.artist_name,
        email=invitation.email,
        status="expired" if over else invitation.status,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        invited_by=invitation.invited_by,
        answered_at=invitation.answered_at,
        answered_by=invitation.answered_by,
    )


def claim_view(claim: ClaimRecord) -> ClaimView:
    """A claim."""
    return ClaimView(
        id=claim.claim_id,
        artist_id=claim.artist_id,
        account_id=claim.account_id,
        status=claim.status,
        created_at=claim.created_at,
    )


def crew_view(member: CrewRecord) -> CrewMemberView:
    """A crew member."""
    return CrewMemberView(
        account_id=member.account_id,
        display_name=member.display_name,
        role=member.role.value,
        owner=member.owner,
    )
