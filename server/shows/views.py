"""Shows as answers."""

from __future__ import annotations

from rooms.shows.records import ClaimRecord, CrewRecord, InvitationRecord, LineUpRecord, ShowRecord
from server.shows.schemas import (
    ClaimView,
    CrewMemberView,
    InvitationView,
    LineUpView,
    ShowView,
    TourView,
    VenueView,
)


def show_view(show: ShowRecord, *, crew: bool, distance_km: float | None = None) -> ShowView:
    """A show as its crew or as others see it."""
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
    """An answered invitation."""
    return InvitationView(
        id=invitation.invitation_id,
        show_id=invitation.show_id,
        artist_id=invitation.artist_id,
        artist=invitation.artist_name,
        status=invitation.status,
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
