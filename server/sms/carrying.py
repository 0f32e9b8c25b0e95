"""Carries out what a text's route says, and makes the answer of what the room has kept.

The answer is a function of the route and the room's stored reply alone: said again, after a crash
or on another node, it is the same, byte for byte.
"""

from __future__ import annotations

from typing import Any, assert_never

from rooms.commands import CastVote, RequestSong
from rooms.messages import Ack, Reject
from rooms.participants import Participant
from rooms.sms import replies as say
from rooms.sms.ports import Phones
from rooms.sms.records import InboundText
from rooms.sms.rendering import refusal, render
from rooms.sms.replies import AnyReply
from server.problems import ApiError
from server.sms.proving import Proving
from server.sms.routes import Answered, AnyRoute, Ballot, Proof, Wish, decoded
from server.sms.sms_rooms import SmsRooms
from server.sms.twiml import SILENCE, twiml


class Carrying:
    """See the module."""

    def __init__(
        self,
        phones: Phones,
        rooms: SmsRooms,
        proving: Proving,
    ) -> None:
        self._phones = phones
        self._rooms = rooms
        self._proving = proving

    async def carry_on(self, text: InboundText, route: bytes) -> str:
        """Carries out the route of a text that came before and was not answered."""
        return await self.carry_out(text, decoded(route))

    async def carry_out(
        self, text: InboundText, route: AnyRoute, who: Participant | None = None
    ) -> str:
        """Carries out a route, and keeps the answer.

        Args:
            text: with the time at which it came first.
            who: the route's participant, where it is known already.

        Raises:
            ApiError: nothing is decided yet; the carrier shall try again.
        """
        match route:
            case Ballot() | Wish():
                reply, is_kept = await self._in_room(text, route, who)
                told = None if route.silent else reply
                answer = SILENCE if told is None else twiml(render(told, route.language))
                if is_kept:
                    self._phones.answered_soon(text.message_sid, answer)
                    return answer
            case Proof():
                answer = twiml(render(await self._prove(text, route), route.language))
            case Answered():
                return SILENCE  # answered in the claim itself: there is nothing to go on with
            case unreachable:
                assert_never(unreachable)
        await self._phones.answered(text.message_sid, answer)
        return answer

    async def _in_room(
        self, text: InboundText, route: Ballot | Wish, who: Participant | None
    ) -> tuple[AnyReply | None, bool]:
        """The reply, where there is one, and whether the room has kept what it is made of."""
        participant = who or await self._phones.participant(route.show_id, route.participant_id)
        if participant is None:
            return say.RefusedBy("not_allowed"), False
        command: CastVote | RequestSong
        if isinstance(route, Ballot):
            command = CastVote(route.round_id, route.picks)
        else:
            command = RequestSong(title=route.title, round_id=route.round_id)
        answer = await self._rooms.ask(
            route.show_id, participant, command, text.message_sid, text.received_at
        )
        if isinstance(answer, Reject):
            refused = refusal(
                answer.code, retryable=answer.retryable, retry_after_s=answer.retry_after_s
            )
            return refused, not answer.retryable
        return _taken(route, answer), True

    async def _prove(self, text: InboundText, route: Proof) -> AnyReply:
        try:
            await self._proving.by_code(text, route)
        except ApiError as error:
            if error.status >= 500:
                raise
            return say.RefusedBy(error.code)
        return say.PhoneLinked(route.title)


def _taken(route: Ballot | Wish, ack: Ack) -> AnyReply | None:
    data: dict[str, Any] = ack.data
    if isinstance(route, Ballot):
        if data.get("superseded"):
            return None  # a later text was answered already: what counts is what that says
        return say.VoteTaken(
            route.type,
            route.choices,
            changed=route.changed,
            held=bool(data.get("held")),
            final=route.final,
        )
    match data.get("outcome"):
        case "requested":
            return say.SongRequested(str(data["title"]))
        case "upvoted":
            return say.SongUpvoted(str(data["title"]))
        case _:
            return say.SongUnclear(tuple(str(one["title"]) for one in data["candidates"]))
