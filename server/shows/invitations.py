"""``/api/shows/{id}/invitations`` for the crew, ``/api/invitations/{token}`` for the invited."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, post
from litestar.params import JSONBody, PathParameter

from rooms.participants import Role
from rooms.shows.invitations import InvitationKind, NewInvitation, TooManyInvitations
from rooms.shows.ports import Taken
from server.accounts.addresses import normalised_email
from server.field_problems import FieldProblem
from server.paths import PathId
from server.problems import ApiError, invalid, not_allowed, not_found
from server.security.authentication import CallerIdentity
from server.security.identity import Identity
from server.security.tokens import new_opaque_token, opaque_hash
from server.services import AppServices, Services
from server.shows.invitation_schemas import (
    InvitationPage,
    InvitationView,
    MadeInvitationView,
    NewInvitationBody,
)
from server.shows.line_up import INVITATION_LASTS
from server.shows.views import invitation_view, sent_invitation_view

Token = Annotated[str, PathParameter(max_length=100)]


class ShowInvitationsController(Controller):
    """Whom the crew has invited."""

    path = "/api/shows/{show_id:str}/invitations"
    tags = ("line-up",)

    @post("/", operation_id="invite", summary="Invite somebody to the crew or the line-up")
    async def invite(
        self,
        request: Request[Any, Any, Any],
        show_id: PathId,
        data: JSONBody[NewInvitationBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[MadeInvitationView]:
        """201 with the token, which is shown this once."""
        show = str(show_id)
        await services.shows.may_change(show, identity)
        if data.kind == "crew":
            await _check_owner(services, show, identity)

        async def produce(creation_id: str) -> MadeInvitationView:
            return await _invite(services, show, creation_id, identity, data)

        return await services.idempotency.once(
            request, identity.account_id, produce, keeps_answer=False
        )

    @get("/", operation_id="invitations", summary="Whom the show has invited")
    async def read(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> InvitationPage:
        """Those that wait first."""
        await services.attendance.drive(str(show_id), identity)
        now = services.clock.now()
        found = await services.invitations.of_show(str(show_id))
        return InvitationPage(items=[sent_invitation_view(one, now) for one in found])

    @delete("/{invitation_id:str}", operation_id="withdrawInvitation", status_code=204)
    async def withdraw(
        self,
        show_id: PathId,
        invitation_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
    ) -> None:
        """Takes a pending one back; again is the same, 409 once it is answered."""
        await services.attendance.drive(str(show_id), identity)
        before = await services.invitations.withdraw(
            str(show_id), str(invitation_id), identity.account_id, services.clock.now()
        )
        if before is None:
            raise not_found("invitation")
        if before not in ("pending", "withdrawn"):
            raise _answered()


class InvitationsController(Controller):
    """Answers to invitations."""

    path = "/api/invitations/{token:str}"
    tags = ("line-up",)

    @get("/", operation_id="readInvitation", summary="What one is invited to")
    async def read(self, token: Token, services: AppServices) -> InvitationView:
        """For whoever holds the token."""
        found = await services.invitations.by_token(opaque_hash(token))
        if found is None:
            raise not_found("invitation")
        if found.status == "pending" and found.expires_at <= services.clock.now():
            raise _expired()
        return invitation_view(found)

    @post("/accept", operation_id="acceptInvitation", status_code=200)
    async def accept(
        self, token: Token, identity: CallerIdentity, services: AppServices
    ) -> InvitationView:
        """The caller performs or helps, and is crew of the show from now on."""
        return await _answer(services, token, identity, accept=True)

    @post("/decline", operation_id="declineInvitation", status_code=200)
    async def decline(
        self, token: Token, identity: CallerIdentity, services: AppServices
    ) -> InvitationView:
        """The artist does not perform, the crew goes without."""
        return await _answer(services, token, identity, accept=False)


async def _check_owner(services: Services, show_id: str, identity: Identity) -> None:
    standing = await services.attendance.standing(show_id, identity)
    if standing.owner_id != identity.account_id and not identity.is_admin:
        raise not_allowed("Only the show's owner names its crew.")


async def _invite(
    services: Services,
    show_id: str,
    invitation_id: str,
    identity: Identity,
    body: NewInvitationBody,
) -> MadeInvitationView:
    now = services.clock.now()
    token = new_opaque_token()
    new = NewInvitation(
        invitation_id=invitation_id,
        show_id=show_id,
        kind=InvitationKind(body.kind),
        role=_role(body),
        artist_id=_artist_id(body),
        email=_email(body.email),
        token_hash=opaque_hash(token),
        account_id=identity.account_id,
        expires_at=now + INVITATION_LASTS,
    )
    try:
        made = await services.invitations.create(new, now)
    except TooManyInvitations:
        detail = "Too many invitations wait for an answer. Withdraw some first."
        raise ApiError(409, "too_many_invitations", detail) from None
    except Taken:
        raise _answered() from None
    if made is None:
        if body.kind == "crew":
            raise _answered()
        detail = "This artist is not in the line-up."
        raise invalid(FieldProblem("artist_id", "unknown_artist", detail))
    return MadeInvitationView(
        id=made.invitation_id,
        kind=made.kind.value,
        role=made.role.value if made.role else None,
        artist_id=made.artist_id,
        email=made.email,
        token=token,
        url=f"{services.settings.public_url}/invitations/{token}",
        created_at=made.created_at,
        expires_at=made.expires_at,
    )


def _role(body: NewInvitationBody) -> Role | None:
    if body.kind == "artist":
        if body.role is not None:
            raise invalid(FieldProblem("role", "not_crew", "An artist has no role to choose."))
        return None
    if body.role is None:
        raise invalid(FieldProblem("role", "missing", "Say what they are in the crew."))
    return Role(body.role)


def _artist_id(body: NewInvitationBody) -> str | None:
    if body.kind == "crew":
        if body.artist_id is not None:
            raise invalid(FieldProblem("artist_id", "not_artist", "Crew is nobody's artist."))
        return None
    try:
        return str(UUID(body.artist_id or ""))
    except ValueError:
        raise invalid(
            FieldProblem("artist_id", "invalid", "Name an artist of the line-up.")
        ) from None


def _email(text: str | None) -> str | None:
    if text is None:
        return None
    email = normalised_email(text)
    if email is None:
        raise invalid(FieldProblem("email", "invalid_email", "This is no e-mail address."))
    return email


async def _answer(
    services: Services, token: str, identity: Identity, *, accept: bool
) -> InvitationView:
    if identity.guest:
        raise not_allowed("Sign up to answer an invitation.")
    token_hash = opaque_hash(token)
    answered = await services.invitations.answer(
        token_hash, accept=accept, account_id=identity.account_id, now=services.clock.now()
    )
    if answered is not None:
        for participant_id in answered.participants:
            services.revocation.participant_changed(answered.invitation.show_id, participant_id)
        return invitation_view(answered.invitation)
    known = await services.invitations.by_token(token_hash)
    if known is None:
        raise not_found("invitation")
    if known.status == "pending":
        raise _expired()
    if known.status == "withdrawn":
        raise ApiError(410, "invitation_withdrawn", "This invitation was taken back.")
    raise _answered()


def _expired() -> ApiError:
    return ApiError(410, "invitation_expired", "This invitation has expired.")


def _answered() -> ApiError:
    return ApiError(409, "invitation_answered", "This invitation has been answered.")
