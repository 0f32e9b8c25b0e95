"""Line-ups, invitations and claims over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.params import JSONBody, PathParameter

from rooms.shows.ports import Taken
from rooms.shows.records import LineUpRecord
from server.accounts.addresses import normalised_email
from server.field_problems import FieldProblem
from server.paths import PathId
from server.problems import ApiError, invalid, not_allowed, not_found
from server.security.authentication import CallerIdentity, Viewer
from server.security.identity import Identity
from server.security.tokens import new_opaque_token, opaque_hash
from server.services import AppServices, Services
from server.shows.schemas import (
    ClaimBody,
    ClaimView,
    InvitationTokenView,
    InvitationView,
    InvitedView,
    LineUpPage,
    NewLineUpBody,
)
from server.shows.views import claim_view, invitation_view, line_up_view
from server.text import one_line

INVITATION_LASTS: Final = timedelta(days=30)
Token = Annotated[str, PathParameter(max_length=100)]


class LineUpController(Controller):
    """Who performs."""

    path = "/api/shows/{show_id:str}/artists"
    tags = ("line-up",)

    @post("/", operation_id="addArtist", summary="Add an artist, perhaps with an invitation")
    async def add(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        data: JSONBody[NewLineUpBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[InvitedView]:
        """201 with the place in the line-up; the invitation's token is shown this once."""
        await services.attendance.drive(str(show_id), identity)

        async def produce(creation_id: str) -> InvitedView:
            return await _add(services, str(show_id), creation_id, identity, data)

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/", operation_id="lineUp", summary="The line-up")
    async def line_up(self, show_id: PathId, viewer: Viewer, services: AppServices) -> LineUpPage:
        """In order."""
        await services.attendance.read(str(show_id), viewer)
        artists = await services.line_ups.line_up_of(str(show_id))
        return LineUpPage(items=[line_up_view(artist) for artist in artists])


class InvitationsController(Controller):
    """Answers to invitations."""

    path = "/api/invitations/{token:str}"
    tags = ("line-up",)

    @post("/accept", operation_id="acceptInvitation", status_code=200)
    async def accept(
        self, token: Token, identity: CallerIdentity, services: AppServices
    ) -> InvitationView:
        """The caller performs, and is crew of the show from now on."""
        return await _answer(services, token, identity, accept=True)

    @post("/decline", operation_id="declineInvitation", status_code=200)
    async def decline(
        self, token: Token, identity: CallerIdentity, services: AppServices
    ) -> InvitationView:
        """The artist does not perform."""
        return await _answer(services, token, identity, accept=False)


class ClaimsController(Controller):
    """Accounts that say they are an artist."""

    path = "/api"
    tags = ("line-up",)

    @post("/artists/{artist_id:str}/claim", operation_id="claimArtist")
    async def claim(
        self,
        request: Request[Any, Any, Any],
        artist_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        data: JSONBody[ClaimBody | None] = None,
    ) -> Response[ClaimView]:
        """201 with the claim."""
        if identity.guest:
            raise not_allowed("Sign up to claim an artist.")
        if await services.line_ups.artist_name(str(artist_id)) is None:
            raise not_found("artist")

        async def produce(creation_id: str) -> ClaimView:
            evidence = data.evidence if data else None
            try:
                claim = await services.line_ups.claim(
                    creation_id,
                    str(artist_id),
                    identity.account_id,
                    evidence,
                    services.clock.now(),
                )
            except Taken:
                raise _claimed() from None
            return claim_view(claim)

        return await services.idempotency.once(request, identity.account_id, produce)

    @post("/claims/{claim_id:str}/approve", operation_id="approveClaim", status_code=200)
    async def approve(
        self, claim_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ClaimView:
        """For admins: the account is the artist."""
        return await _decide(services, str(claim_id), identity, approve=True)

    @post("/claims/{claim_id:str}/reject", operation_id="rejectClaim", status_code=200)
    async def reject(
        self, claim_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> ClaimView:
        """For admins: it is not."""
        return await _decide(services, str(claim_id), identity, approve=False)


async def _add(
    services: Services, show_id: str, line_up_id: str, identity: Identity, body: NewLineUpBody
) -> InvitedView:
    name = one_line(body.name or "")
    artist_id = _artist_id(body.artist_id, name)
    email = None
    if body.email is not None:
        email = normalised_email(body.email)
        if email is None:
            raise invalid(FieldProblem("email", "invalid_email", "This is no e-mail address."))
    now = services.clock.now()
    token = new_opaque_token() if body.invite or email else None
    expires_at = now + INVITATION_LASTS
    try:
        added: LineUpRecord | None = await services.line_ups.add_artist(
            show_id,
            line_up_id=line_up_id,
            artist_id=artist_id,
            name=name,
            billing=body.billing,
            invitation=(opaque_hash(token), email, expires_at) if token else None,
            account_id=identity.account_id,
            now=now,
        )
    except Taken:
        raise ApiError(409, "artist_in_line_up", "This artist is in the line-up already.") from None
    if added is None:
        raise invalid(FieldProblem("artist_id", "unknown_artist", "There is no such artist."))
    view = line_up_view(added)
    url = f"{services.settings.public_url}/invitations/{token}"
    return InvitedView(
        id=view.id,
        name=view.name,
        billing=view.billing,
        position=view.position,
        status=view.status,
        invitation=InvitationTokenView(token=token, url=url, expires_at=expires_at)
        if token
        else None,
    )


def _artist_id(text: str | None, name: str) -> str | None:
    if text is None:
        if not name:
            raise invalid(FieldProblem("name", "missing", "Give artist_id or name."))
        return None
    try:
        return str(UUID(text))
    except ValueError:
        raise invalid(FieldProblem("artist_id", "invalid", "This is no id.")) from None


async def _answer(
    services: Services, token: str, identity: Identity, *, accept: bool
) -> InvitationView:
    if identity.guest:
        raise not_allowed("Sign up to answer an invitation.")
    token_hash = opaque_hash(token)
    answered = await services.line_ups.answer(
        token_hash, accept=accept, account_id=identity.account_id, now=services.clock.now()
    )
    if answered is not None:
        return invitation_view(answered)
    known = await services.line_ups.invitation(token_hash)
    if known is None:
        raise not_found("invitation")
    if known.status == "pending":
        raise ApiError(410, "invitation_expired", "This invitation has expired.")
    raise ApiError(409, "invitation_answered", "This invitation has been answered.")


async def _decide(
    services: Services, claim_id: str, identity: Identity, *, approve: bool
) -> ClaimView:
    if not identity.is_admin:
        raise not_allowed("Only admins decide on claims.")
    try:
        decided = await services.line_ups.decide_claim(
            claim_id, approve=approve, account_id=identity.account_id, now=services.clock.now()
        )
    except Taken:
        raise _claimed() from None
    if decided is None:
        raise not_found("claim")
    return claim_view(decided)


def _claimed() -> ApiError:
    return ApiError(409, "artist_claimed", "Another account is this artist.")
