"""CONFIRM and YES: to be texted on the show's night, or to prove a phone to the app."""

from __future__ import annotations

from datetime import timedelta

from rooms import limits
from rooms.show import ShowStatus
from rooms.sms import replies as say
from rooms.sms.consent import CONSENT_WORDING_VERSION
from rooms.sms.intents import Confirm
from rooms.sms.languages import Language
from rooms.sms.ports import Phones, Proofs
from rooms.sms.records import Attending, Caller, InboundText, PhoneState
from rooms.sms.rendering import render
from rooms.sms.replies import AnyReply
from server.problems import ApiError
from server.rate_limits import CONFIRM_CODES_BY_PHONE, RateLimits
from server.sms.routes import ANSWERED, Proof, encoded
from server.sms.secrets import CODE_DIGITS, PhoneSecrets
from server.sms.twiml import twiml

_COMING = frozenset({ShowStatus.PUBLISHED, ShowStatus.LIVE})


class ConfirmDesk:
    """Confirms phones.

    Args:
        public_url: what links begin with.
    """

    def __init__(
        self,
        phones: Phones,
        proofs: Proofs,
        secrets: PhoneSecrets,
        rate_limits: RateLimits,
        public_url: str,
    ) -> None:
        self._phones = phones
        self._proofs = proofs
        self._secrets = secrets
        self._rate_limits = rate_limits
        self._public_url = public_url

    async def confirm(
        self, text: InboundText, caller: Caller, intent: Confirm, language: Language
    ) -> AnyReply | Proof | str | None:
        """The reply, the way of a proof, or the TwiML that was kept with the confirmation;
        ``None``: nothing is to be confirmed, so it may be the name of an option."""
        if intent.code is not None:
            return await self._by_code(text, caller, intent.code, language)
        attending = caller.attending
        if attending is None or attending.status not in _COMING or attending.removed:
            return say.NothingToConfirm()
        if attending.state is PhoneState.ACTIVE:
            # "Yes" may be what a round asks for.
            live = attending.status is ShowStatus.LIVE and not _is_confirm(intent)
            return None if live else say.AlreadyConfirmed(attending.title)
        return await self._activate(text, attending, language)

    async def _activate(
        self, text: InboundText, attending: Attending, language: Language
    ) -> AnyReply | str:
        texts = [render(say.Confirmed(attending.title), language)]
        async with self._phones.work(text) as work:
            if work.claim is not None:
                return work.claim.twiml or twiml()
            if work.suppressed:
                return say.StillStopped()
            await work.confirm(attending, language=language, wording=CONSENT_WORDING_VERSION)
            if not attending.is_linked:
                token = self._secrets.new_token()
                hashed = self._secrets.token_hash(token)
                assert hashed is not None, "it is our own"
                lasts = timedelta(seconds=limits.CONFIRM_LINK_S)
                await work.add_link(hashed, attending, text.received_at + lasts)
                url = f"{self._public_url}/c/{token}"
                texts.append(render(say.ConfirmLink(attending.title, url), language))
            answer = twiml(*texts)
            await work.answer(ANSWERED, answer, attending)
            return answer

    async def _by_code(
        self, text: InboundText, caller: Caller, code: str, language: Language
    ) -> AnyReply | Proof | str | None:
        who = text.phone.number_hash.hex()
        try:
            await self._rate_limits.test(CONFIRM_CODES_BY_PHONE, who)
            record = await self._proofs.code(self._secrets.code_hash(code))
            if record is None:
                if caller.attending is not None and len(code) != CODE_DIGITS:
                    return None
                await self._rate_limits.hit(CONFIRM_CODES_BY_PHONE, who)
                return say.CodeWrong()
        except ApiError as error:
            return say.RateLimited(round(error.retry_after_s or 60))
        if record.used_at is not None or record.expires_at <= text.received_at:
            return say.CodeExpired()
        gone: list[tuple[str, str, str]] = []
        if caller.account_id is not None and caller.account_id != record.account_id:
            if not caller.is_guest:
                return say.RefusedBy("phone_taken")  # of somebody who signs in, and is asked to
            gone = await self._proofs.shared_shows(caller.account_id, record.account_id)
        proof = Proof(
            show_id=record.show_id,
            attendee_id=record.attendee_id,
            title=record.title,
            language=language,
            gone=tuple(gone),
        )
        async with self._phones.work(text) as work:
            if work.claim is not None:
                return work.claim.twiml or twiml()
            if work.suppressed:
                return say.StillStopped()
            if not await work.take_code(self._secrets.code_hash(code)):
                return say.CodeExpired()
            await work.answer(encoded(proof), None, caller.attending)
        return proof


def _is_confirm(intent: Confirm) -> bool:
    return intent.said.casefold().startswith("confirm")
