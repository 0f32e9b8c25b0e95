"""``/api/sandbox``: simulated phones and kept mail, for those who try things out."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import JSONBody, QueryParameter
from msgspec import UNSET

from rooms import limits
from rooms.sandbox.numbers import COUNTRIES
from rooms.sandbox.ports import PhoneChange
from rooms.sandbox.records import split_address
from server.paths import PathId
from server.problems import not_found
from server.sandbox.printed import printed
from server.sandbox.sandbox import Sandbox
from server.sandbox.schemas import (
    NewPhonesBody,
    PhoneChangeBody,
    PhoneChanges,
    PhoneMessagePage,
    PhoneNumberView,
    PhonesView,
    PhoneTextBody,
    PhoneView,
    SaidView,
    SandboxMailPage,
    SandboxMailView,
    message_view,
    phone_view,
)
from server.security.authentication import CallerIdentity
from server.services import AppServices, Services

AnyRequest = Request[Any, Any, Any]


class SandboxPhonesController(Controller):
    """Simulated phones of whoever calls, where a sandbox carries texts (else 404)."""

    path = "/api/sandbox"
    tags = ("sandbox",)

    @get("/phones", operation_id="sandboxPhones", summary="My simulated phones")
    async def phones(self, identity: CallerIdentity, services: AppServices) -> PhonesView:
        """Those that are looked at one by one first, then the crowd."""
        sandbox = _sandbox(services)
        version = await sandbox.phones.head()
        found = await sandbox.phones.of(identity)
        return _phones(sandbox, [phone_view(phone) for phone in found], version)

    @post("/phones", operation_id="addSandboxPhones", summary="New simulated phones")
    async def add(
        self,
        request: AnyRequest,
        data: JSONBody[NewPhonesBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[PhonesView]:
        """201 with the new ones, whose numbers nobody has."""
        sandbox = _sandbox(services)

        async def produce(creation_id: str) -> PhonesView:
            made = await sandbox.phones.add(
                identity,
                name=data.name,
                channel=data.channel,
                country=data.country,
                count=data.count,
                crowd=data.crowd,
                first_id=creation_id,
            )
            views = [phone_view(phone) for phone in made]
            return _phones(sandbox, views, await sandbox.phones.head())

        return await services.idempotency.once(request, identity.account_id, produce)

    @put("/phones/{phone_id:str}", operation_id="changeSandboxPhone", summary="Change a phone")
    async def change(
        self,
        phone_id: PathId,
        data: JSONBody[PhoneChangeBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> PhoneView:
        """Its name; whether it is on; whether its carrier answers STOP by itself."""
        change = PhoneChange(
            name=None if data.name is UNSET else data.name,
            switched_off=None if data.switched_off is UNSET else data.switched_off,
            carrier_opt_out=None if data.carrier_opt_out is UNSET else data.carrier_opt_out,
        )
        return phone_view(await _sandbox(services).phones.change(identity, str(phone_id), change))

    @delete("/phones/{phone_id:str}", operation_id="removeSandboxPhone", summary="Remove a phone")
    async def remove(
        self, phone_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> None:
        """204; its texts go with it."""
        await _sandbox(services).phones.remove(identity, str(phone_id))

    @delete("/crowd", operation_id="removeSandboxCrowd", summary="Send the crowd home")
    async def remove_crowd(self, identity: CallerIdentity, services: AppServices) -> None:
        """204."""
        await _sandbox(services).phones.remove_crowd(identity)

    @get(
        "/phones/{phone_id:str}/messages",
        operation_id="sandboxPhoneMessages",
        summary="A phone's texts",
    )
    async def messages(
        self,
        phone_id: PathId,
        identity: CallerIdentity,
        services: AppServices,
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=limits.SANDBOX_MESSAGES_PER_PHONE)] = 50,
    ) -> PhoneMessagePage:
        """The newest first."""
        found, more = await _sandbox(services).phones.messages(
            identity, str(phone_id), cursor, limit
        )
        return PhoneMessagePage(items=[message_view(one) for one in found], next_cursor=more)

    @post(
        "/phones/{phone_id:str}/texts",
        operation_id="sendSandboxText",
        summary="Text from a simulated phone",
    )
    async def text(
        self,
        request: AnyRequest,
        phone_id: PathId,
        data: JSONBody[PhoneTextBody],
        identity: CallerIdentity,
        services: AppServices,
    ) -> Response[SaidView]:
        """201 once the webhook for texts has answered, with what it answered."""
        sandbox = _sandbox(services)

        async def produce(creation_id: str) -> SaidView:
            said = await sandbox.phones.text(identity, str(phone_id), data.body, creation_id)
            return SaidView(
                text=message_view(said.text), replies=[message_view(one) for one in said.replies]
            )

        return await services.idempotency.once(request, identity.account_id, produce)

    @get("/messages", operation_id="sandboxChanges", summary="What changed on my phones")
    async def changes(
        self,
        identity: CallerIdentity,
        services: AppServices,
        after: Annotated[int, QueryParameter(ge=0)],
        wait_s: Annotated[float, QueryParameter(ge=0, le=limits.SANDBOX_WAIT_S_MAX)] = 0.0,
    ) -> PhoneChanges:
        """After a version; waits for the next change for up to ``wait_s`` seconds."""
        found, version = await _sandbox(services).phones.changes(
            identity, after, wait_s, lambda: services.draining
        )
        return PhoneChanges(items=[message_view(one) for one in found], next=version)


class SandboxMailController(Controller):
    """Mail that was kept instead of being sent; none where mail is sent."""

    path = "/api/sandbox/mail"
    tags = ("sandbox",)

    @get("/", operation_id="sandboxMail", summary="Mail that was not sent")
    async def page(
        self,
        identity: CallerIdentity,
        services: AppServices,
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=limits.SANDBOX_MAIL_PAGE_MAX)] = 30,
    ) -> SandboxMailPage:
        """The newest first: of one's shows and to one's own address; all of it for admins."""
        return await services.mailbox.page(identity, cursor, limit)

    @get("/{mail_id:str}", operation_id="sandboxMailOne", summary="One mail that was not sent")
    async def one(
        self, mail_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> SandboxMailView:
        """Its text, its HTML and its headers."""
        return await services.mailbox.one(identity, str(mail_id))


def _sandbox(services: Services) -> Sandbox:
    if services.sandbox is None:
        raise not_found("address")
    return services.sandbox


def _phones(sandbox: Sandbox, items: list[PhoneView], version: int) -> PhonesView:
    return PhonesView(
        items=items,
        numbers=[
            PhoneNumberView(channel, address, printed(split_address(address)[1]))
            for channel, address in sandbox.numbers.items()
        ],
        countries=list(COUNTRIES),
        phones_max=limits.SANDBOX_PHONES_PER_ACCOUNT,
        crowd_max=limits.SANDBOX_CROWD_PER_ACCOUNT,
        version=version,
    )
