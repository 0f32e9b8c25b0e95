"""A text comes in: what it asks for, and what it is answered. DOMAIN "SMS".

::

    look up ─► (came before: as then) ─► parse ─► decide ─► claim, with the route frozen
                                                               │
                      stored TwiML  ◄─ keep ◄─ render ◄─ carry out (the room, or one transaction)

What can be decided at once is claimed with its answer. Votes and wishes are claimed first and given
to the room under the MessageSid, so a text that comes again after a crash is carried out once.
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from rooms.ports import Clock
from rooms.sms import replies as say
from rooms.sms.grammar import parse
from rooms.sms.intents import (
    AnyIntent,
    ChangeLanguage,
    Confirm,
    Help,
    Join,
    RequestSong,
    Score,
    Start,
    Stop,
    Unknown,
    Vote,
)
from rooms.sms.languages import Language, language_called
from rooms.sms.ports import Phones
from rooms.sms.records import Attending, Caller, Claim, ConsentSource, InboundText, NewClaim
from rooms.sms.rendering import render
from rooms.sms.replies import AnyReply
from server.sms.carrying import Carrying
from server.sms.choosing_show import JoinDesk
from server.sms.confirming import ConfirmDesk
from server.sms.metrics import SmsMetrics
from server.sms.opting import OptDesk
from server.sms.receipts import Receipts
from server.sms.replying import Paces, is_phone, language_of
from server.sms.routes import ANSWERED, AnyRoute, Ballot, Wish, encoded
from server.sms.scores import score
from server.sms.sms_rooms import SmsRooms
from server.sms.twiml import SILENCE, twiml
from server.sms.voting import decide_vote, decide_wish, not_on


class SmsDoor:
    """See the module."""

    def __init__(
        self,
        *,
        phones: Phones,
        rooms: SmsRooms,
        carrying: Carrying,
        joining: JoinDesk,
        confirming: ConfirmDesk,
        opting: OptDesk,
        paces: Paces,
        receipts: Receipts,
        clock: Clock,
        metrics: SmsMetrics,
    ) -> None:
        self._phones = phones
        self._rooms = rooms
        self._carrying = carrying
        self._joining = joining
        self._confirming = confirming
        self._opting = opting
        self._paces = paces
        self._receipts = receipts
        self._clock = clock
        self._metrics = metrics

    async def answer(self, text: InboundText) -> str:
        """The TwiML for one text.

        Raises:
            ApiError, LogUnavailable, OSError: nothing is lost; the carrier shall try again.
        """
        caller = await self._phones.look_up(text)
        if caller.claim is not None:
            return await self._again(text, caller.claim)
        intent = parse(text.body, media=text.media, location=text.location)
        self._metrics.text(intent)
        language = _language(caller, text)
        if text.opt_out_type is not None:
            return await self._handled_by_carrier(text, language)
        if isinstance(intent, Stop | Start):
            return await self._opt(text, intent, language)
        due = self._paces.take(text.phone.number_hash, self._clock.monotonic())
        if not due and not isinstance(intent, Vote | Help):
            return SILENCE  # two machines, or a pocket: nothing is done and nothing is kept
        if isinstance(intent, Help):
            return await self._say(text, caller, say.HelpTold(), language)
        if caller.suppressed:
            return await self._say(text, caller, say.StillStopped(), language)
        if caller.phone_id is None and not is_phone(text.phone.number):
            return SILENCE
        return await self._meant(text, caller, intent, language, silent=not due)

    async def _meant(
        self,
        text: InboundText,
        caller: Caller,
        intent: AnyIntent,
        language: Language,
        *,
        silent: bool,
    ) -> str:
        """What somebody is answered who may be answered."""
        match intent:
            case Join(code=code):
                joined = await self._joining.join(text, caller, code, language)
                return await self._finish(text, caller, joined, language)
            case Confirm():
                confirmed = await self._confirming.confirm(text, caller, intent, language)
                if confirmed is None:
                    vote = Vote(intent.said, explicit=False)
                    return await self._in_room(text, caller, vote, language, silent=silent)
                return await self._finish(text, caller, confirmed, language)
            case ChangeLanguage(said=said):
                return await self._speak(text, caller, said, language)
            case Unknown(reason=reason):
                known = caller.attending is not None
                reply = say.NotRead(reason) if known else say.JoinHow()
                return await self._say(text, caller, reply, language)
            case Vote() | RequestSong() | Score():
                return await self._in_room(text, caller, intent, language, silent=silent)
            case Stop() | Start() | Help():
                raise AssertionError("answered before")
            case unreachable:
                assert_never(unreachable)

    # --- in a room ----------------------------------------------------------------------------

    async def _in_room(
        self,
        text: InboundText,
        caller: Caller,
        intent: Vote | RequestSong | Score,
        language: Language,
        *,
        silent: bool,
    ) -> str:
        attending = caller.attending
        if isinstance(intent, Vote) and not intent.explicit:
            # Somebody may text a code and nothing else; in a room options come first.
            joined = await self._joining.bare_code(text, caller, language, of_room=attending)
            if joined is not None:
                return await self._finish(text, caller, joined, language)
        if attending is None:
            return await self._say(text, caller, say.JoinHow(), language)
        refused = not_on(attending)
        if refused is not None and not isinstance(intent, Score):
            return await self._say(text, caller, refused, language)
        who = attending.participant
        async with self._rooms.enter(attending.show_id, who) as room:
            decided: AnyRoute | AnyReply
            match intent:
                case Vote():
                    decided = decide_vote(room, attending, intent, text.received_at, language)
                case RequestSong():
                    decided = decide_wish(room, attending, intent, text.received_at, language)
                case Score():
                    decided = score(room, who)
        return await self._finish(text, caller, decided, language, silent=silent)

    async def _finish(
        self,
        text: InboundText,
        caller: Caller,
        outcome: AnyRoute | AnyReply | str,
        language: Language,
        *,
        silent: bool = False,
    ) -> str:
        """Answers, or carries out what a route says; TwiML is what a transaction has kept."""
        if isinstance(outcome, str):
            return outcome
        if isinstance(outcome, AnyReply):
            return await self._say(text, caller, outcome, language, silent=silent)
        return await self._take(text, caller, outcome, silent=silent)

    async def _take(
        self, text: InboundText, caller: Caller, route: AnyRoute, *, silent: bool
    ) -> str:
        """Claims a text for its route, and carries it out."""
        if silent:
            self._metrics.shed_by_phone.inc()
        elif isinstance(route, Ballot | Wish) and not self._has_receipt(text):
            silent = True  # the vote counts; its receipt would wait behind others
            self._metrics.shed_by_number.inc()
        if isinstance(route, Ballot | Wish) and silent:
            route = replace(route, silent=True)
        before = await self._phones.claim(_claim(text, caller, encoded(route), None))
        if before is not None:
            return await self._again(text, before)
        who = caller.attending.participant if caller.attending is not None else None
        return await self._carrying.carry_out(text, route, who)

    def _has_receipt(self, text: InboundText) -> bool:
        return self._receipts.take(text.phone.sender, text.message_sid)

    async def _say(
        self,
        text: InboundText,
        caller: Caller,
        reply: AnyReply,
        language: Language,
        *,
        silent: bool = False,
    ) -> str:
        """Claims a text with its answer."""
        answer = SILENCE if silent else twiml(render(reply, language))
        before = await self._phones.claim(_claim(text, caller, ANSWERED, answer))
        return answer if before is None else await self._again(text, before)

    async def _again(self, text: InboundText, claim: Claim) -> str:
        """A text that came before: the same answer, or the same way to it."""
        self._metrics.repeated.inc()
        if claim.twiml is not None:
            return claim.twiml
        first = replace(text, received_at=claim.received_at)
        return await self._carrying.carry_on(first, claim.route)

    # --- language, STOP, START ------------------------------------------------------------------

    async def _speak(self, text: InboundText, caller: Caller, said: str, language: Language) -> str:
        wanted = language_called(said)
        if wanted is None or caller.phone_id is None:
            reply = say.LanguageUnknown() if wanted is None else say.JoinHow()
            return await self._say(text, caller, reply, wanted or language)
        async with self._phones.work(text) as work:
            claim = work.claim
            if claim is None:
                await work.speak(wanted)
                answer = twiml(render(say.LanguageChanged(), wanted))
                await work.answer(ANSWERED, answer, caller.attending)
                return answer
        return await self._again(text, claim)

    async def _opt(self, text: InboundText, intent: Stop | Start, language: Language) -> str:
        by = ConsentSource.TEXT
        if isinstance(intent, Stop):
            return await self._kept(text, await self._opting.stop(text, language, by))
        return await self._kept(text, await self._opting.start(text, language, by))

    async def _handled_by_carrier(self, text: InboundText, language: Language) -> str:
        """The carrier has answered already: what was said is kept, and nothing is added."""
        by = ConsentSource.CARRIER
        match text.opt_out_type:
            case "STOP":
                return await self._kept(text, await self._opting.stop(text, language, by))
            case "START":
                return await self._kept(text, await self._opting.start(text, language, by))
            case _:
                return await self._kept(text, await self._opting.note(text))

    async def _kept(self, text: InboundText, outcome: str | Claim) -> str:
        return outcome if isinstance(outcome, str) else await self._again(text, outcome)


def _claim(text: InboundText, caller: Caller, route: bytes, answer: str | None) -> NewClaim:
    attending: Attending | None = caller.attending
    return NewClaim(
        text=text,
        route=route,
        twiml=answer,
        phone_id=caller.phone_id,
        show_id=attending.show_id if attending else None,
        participant_id=attending.participant.participant_id if attending else None,
    )


def _language(caller: Caller, text: InboundText) -> Language:
    if caller.language is not None:
        return language_called(caller.language) or Language.EN
    return language_of(text.phone.number, text.body)
