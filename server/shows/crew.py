"""``/api/shows/{id}/crew``: who drives a show."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, get, put
from litestar.params import JSONBody

from rooms.participants import Role
from rooms.shows.ports import Standing
from server.field_problems import FieldProblem
from server.paths import PathId
from server.problems import invalid, not_allowed
from server.security.authentication import CallerIdentity
from server.services import AppServices, Services
from server.shows.attendance import is_crew
from server.shows.schemas import CrewBody, CrewMemberBody, CrewPage
from server.shows.views import crew_view

CREW_ROLES = (Role.ARTIST, Role.MODERATOR, Role.CURATOR, Role.ADMIN, Role.BRAND)
"""What the owner may name. A brand sees figures (docs/decisions/reports.md) and is no crew."""


class CrewController(Controller):
    """A show's crew."""

    path = "/api/shows/{show_id:str}/crew"
    tags = ("line-up",)

    @get("/", operation_id="crew", summary="Who drives the show")
    async def read(
        self, show_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> CrewPage:
        """For the crew itself."""
        standing = await services.attendance.standing(str(show_id), identity)
        if not is_crew(standing, identity):
            raise not_allowed("Only this show's crew may see it.")
        return await _page(services, str(show_id))

    @put("/", operation_id="setCrew", summary="Name the crew")
    async def replace(
        self,
        show_id: PathId,
        data: JSONBody[CrewBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> CrewPage:
        """The whole list besides the owner, who always belongs to it.

        Sockets of those whose role changed are closed: they come back with the new one.
        """
        show = str(show_id)
        standing = await services.attendance.standing(show, identity)
        if standing.owner_id != identity.account_id and not identity.is_admin:
            raise not_allowed("Only the show's owner names its crew.")
        members = await _members(services, data.members, standing)
        try:
            changed = await services.crew.set_crew(
                show, members, identity.account_id, services.clock.now()
            )
        except LookupError:
            raise invalid(
                FieldProblem("members", "unknown_account", "Not all of these are accounts.")
            ) from None
        for participant_id in changed:
            services.revocation.participant_changed(show, participant_id)
        return await _page(services, show)


async def _members(
    services: Services, given: tuple[CrewMemberBody, ...], standing: Standing
) -> dict[str, Role]:
    members: dict[str, Role] = {}
    problems: list[FieldProblem] = []
    for index, member in enumerate(given):
        where = f"members[{index}]"
        if member.role not in CREW_ROLES:
            problems.append(FieldProblem(f"{where}.role", "not_crew", "Crew has other roles."))
            continue
        account_id = await _account_of(services, member)
        if account_id is None:
            problems.append(FieldProblem(where, "unknown_account", "There is no such account."))
        elif account_id in members:
            problems.append(FieldProblem(where, "duplicate", "This account is named twice."))
        elif account_id != standing.owner_id:
            members[account_id] = member.role
    if problems:
        raise invalid(*problems)
    return members


async def _account_of(services: Services, member: CrewMemberBody) -> str | None:
    if member.account_id is not None:
        try:
            return str(UUID(member.account_id))
        except ValueError:
            return None
    if member.email is None:
        return None
    account = await services.accounts.by_email(member.email.strip())
    return account.account_id if account else None


async def _page(services: Services, show_id: str) -> CrewPage:
    return CrewPage(items=[crew_view(member) for member in await services.crew.crew_of(show_id)])
