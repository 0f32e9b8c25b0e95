"""Line-ups and claims over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import JSONBody

from rooms.shows.ports import Taken
from rooms.shows.records import Billing, LineUpRecord
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
    InvitedView,
    LineUpBody,
    LineUpItemBody,
    LineUpPage,
    NewLineUpBody,
)
from server.shows.views import claim_view, line_up_view
from server.text import one_line

INVITATION_LASTS: Final = timedelta(days=30)


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
        await services.shows.may_change(str(show_id), identity)

        async def produce(creation_id: str) -> InvitedView:
            return await _add(services, str(show_id), creation_id, identity, data)

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/", operation_id="lineUp", summary="The line-up")
    async def line_up(self, show_id: PathId, viewer: Viewer, services: AppServices) -> LineUpPage:
        """In order."""
        await services.attendance.read(str(show_id), viewer)
        artists = await services.line_ups.line_up_of(str(show_id))
        return LineUpPage(items=[line_up_view(artist) for artist in artists])

    @put("/", operation_id="arrangeLineUp", summary="Order and billing")
    async def arrange(
        self,
        show_id: PathId,
        data: JSONBody[LineUpBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> LineUpPage:
        """The whole line-up as it is to be; 409 ``line_up_changed`` when others are in it now."""
        await services.shows.may_change(str(show_id), identity)
        arranged = await services.line_ups.arrange(
            str(show_id), _billings(data.items), identity.account_id, services.clock.now()
        )
        if arranged is None:
            detail = "These are not the artists of the line-up. Read it again."
            raise ApiError(409, "line_up_changed", detail)
        return LineUpPage(items=[line_up_view(artist) for artist in arranged])

    @delete("/{artist_id:str}", operation_id="removeArtist", status_code=204)
    async def remove(
        self, show_id: PathId, artist_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> None:
        """Takes an artist out, with its invitations and the place in the crew that came of one."""
        show = str(show_id)
        await services.shows.may_change(show, identity)
        changed = await services.line_ups.remove_artist(
            show, str(artist_id), identity.account_id, services.clock.now()
        )
        if changed is None:
            raise not_found("artist")
        for participant_id in changed:
            services.revocation.participant_changed(show, participant_id)


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
        if await services.claims.artist_name(str(artist_id)) is None:
            raise not_found("artist")

        async def produce(creation_id: str) -> ClaimView:
            evidence = data.evidence if data else None
            try:
                claim = await services.claims.claim(
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


def _billings(items: tuple[LineUpItemBody, ...]) -> dict[str, Billing]:
    """The order to be; ids are compared in one spelling."""
    billings: dict[str, Billing] = {}
    problems = []
    for index, item in enumerate(items):
        field = f"items[{index}].artist_id"
        try:
            artist_id = str(UUID(item.artist_id))
        except ValueError:
            problems.append(FieldProblem(field, "invalid", "This is no id."))
            continue
        if artist_id in billings:
            problems.append(FieldProblem(field, "duplicate", "This artist is named twice."))
        billings[artist_id] = item.billing
    if problems:
        raise invalid(*problems)
    return billings


async def _decide(
    services: Services, claim_id: str, identity: Identity, *, approve: bool
) -> ClaimView:
    if not identity.is_admin:
        raise not_allowed("Only admins decide on claims.")
    try:
        decided = await services.claims.decide_claim(
            claim_id, approve=approve, account_id=identity.account_id, now=services.clock.now()
        )
    except Taken:
        raise _claimed() from None
    if decided is None:
        raise not_found("claim")
    return claim_view(decided)


def _claimed() -> ApiError:
    return ApiError(409, "artist_claimed", "Another account is this artist.")
