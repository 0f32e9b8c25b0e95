"""JOIN: by its code into a show."""

from __future__ import annotations

from rooms.show import ShowStatus
from rooms.sms import replies as say
from rooms.sms.consent import CONSENT_WORDING_VERSION
from rooms.sms.grammar import possible_join_code
from rooms.sms.languages import Language
from rooms.sms.ports import Phones
from rooms.sms.records import Attending, Caller, InboundText, JoinableShow
from rooms.sms.rendering import render
from rooms.sms.replies import AnyReply
from server.problems import ApiError
from server.rate_limits import JOIN_CODES_BY_PHONE, RateLimits
from server.shows.codes import typed_code
from server.sms.routes import ANSWERED
from server.sms.twiml import twiml

_OVER = frozenset({ShowStatus.CLOSED, ShowStatus.ARCHIVED, ShowStatus.CANCELLED})


class JoinDesk:
    """Lets phones in."""

    def __init__(self, phones: Phones, limits: RateLimits) -> None:
        self._phones = phones
        self._limits = limits

    async def join(
        self, text: InboundText, caller: Caller, code: str | None, language: Language
    ) -> AnyReply | str:
        """The reply, or the TwiML that was kept with the joining."""
        if code is None:
            return say.JoinHow()
        who = text.phone.number_hash.hex()
        try:
            await self._limits.test(JOIN_CODES_BY_PHONE, who)
        except ApiError as error:
            return say.RateLimited(round(error.retry_after_s or 60))
        show = await self._phones.show_by_code(typed_code(code))
        if show is None or show.status is ShowStatus.DRAFT:
            try:
                await self._limits.hit(JOIN_CODES_BY_PHONE, who)
            except ApiError as error:
                return say.RateLimited(round(error.retry_after_s or 60))
            return say.CodeUnknown(code)
        return await self._enter(text, caller, show, language)

    async def bare_code(
        self,
        text: InboundText,
        caller: Caller,
        language: Language,
        *,
        of_room: Attending | None,
    ) -> AnyReply | str | None:
        """A text that is the code of a show and says nothing else; ``None``: it is none."""
        code = possible_join_code(text.body)
        if code is None or of_room is not None:
            return None
        show = await self._phones.show_by_code(code)
        if show is None or show.status is ShowStatus.DRAFT:
            return None
        return await self._enter(text, caller, show, language)

    async def _enter(
        self, text: InboundText, caller: Caller, show: JoinableShow, language: Language
    ) -> AnyReply | str:
        if show.status in _OVER:
            return say.ShowOver(show.title)
        if not show.takes_sms:
            return say.ShowTakesNoTexts(show.title)
        async with self._phones.work(text) as work:
            if work.claim is not None:
                return work.claim.twiml or twiml()
            if work.suppressed:
                return say.StillStopped()
            joined = await work.join(
                show.show_id, language=language, wording=CONSENT_WORDING_VERSION
            )
            if joined is None:
                return say.RefusedBy("removed")  # undone: who may not come in is not kept
            attending, was_in = joined
            reply = say.AlreadyJoined(show.title) if was_in else say.Joined(show.title)
            answer = twiml(render(reply, language))
            await work.answer(ANSWERED, answer, attending)
            return answer
