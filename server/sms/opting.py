"""STOP and START, and what the carrier has handled of them itself."""

from __future__ import annotations

from rooms.sms import replies as say
from rooms.sms.consent import CONSENT_WORDING_VERSION
from rooms.sms.languages import Language
from rooms.sms.ports import Phones
from rooms.sms.records import Claim, ConsentSource, InboundText
from rooms.sms.rendering import render
from server.sms.routes import ANSWERED
from server.sms.twiml import SILENCE, twiml


class OptDesk:
    """Keeps who wants no texts. Each answers with the TwiML, or with what the text was answered
    when it came before."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    async def stop(
        self, text: InboundText, language: Language, source: ConsentSource
    ) -> str | Claim:
        """The last answer there is; a second STOP gets none, and one that the carrier has
        answered neither."""
        async with self._phones.work(text) as work:
            if work.claim is not None:
                return work.claim
            fresh = await work.stop(
                language=language, wording=CONSENT_WORDING_VERSION, source=source
            )
            ours = fresh and source is ConsentSource.TEXT
            answer = twiml(render(say.Stopped(), language)) if ours else SILENCE
            await work.answer(ANSWERED, answer)
            return answer

    async def start(
        self, text: InboundText, language: Language, source: ConsentSource
    ) -> str | Claim:
        """From now on the phone may join again."""
        async with self._phones.work(text) as work:
            if work.claim is not None:
                return work.claim
            await work.start(language=language, wording=CONSENT_WORDING_VERSION, source=source)
            ours = source is ConsentSource.TEXT
            answer = twiml(render(say.Started(), language)) if ours else SILENCE
            await work.answer(ANSWERED, answer)
            return answer

    async def note(self, text: InboundText) -> str | Claim:
        """HELP that the carrier has answered."""
        async with self._phones.work(text) as work:
            if work.claim is not None:
                return work.claim
            await work.answer(ANSWERED, SILENCE)
            return SILENCE
