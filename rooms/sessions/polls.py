"""Those who are in a room without a connection: polls that wait for news, and who polls.

A waiting poll is a future and a timer: no task, no queue, no bytes of its own. What it gets is
made when it ends (`rooms.sessions.poll_answers`), once for all who stood at the same place. Many
that end together end a few per turn of the loop: each answer is a whole HTTP response.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Container

from rooms import limits
from rooms.participants import Participant
from rooms.scheduler import Cancellable, Scheduler
from rooms.sessions.seats import Seat, Seats

STATES_SLACK_S = 0.1
"""Polls that may hear of states this soon hear of them now: they are answered together."""

PRESENCE_COUNTED_EVERY_S = 1.0


class PollEnded(Exception):
    """The room let go of a waiting poll, as it would have closed a socket.

    Attributes:
        code: the close code of `rooms.messages.CloseCode`.
        reason: a short word.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Waiter:
    """One poll that waits.

    Attributes:
        hears_states_at: from when on a state may end its wait.
        missed: a state moved before that.
        is_due: its wait is over, and its turn will come.
    """

    __slots__ = ("future", "hears_states_at", "is_due", "missed", "participant_id", "session_id")

    def __init__(self, participant_id: str, session_id: str, hears_states_at: float) -> None:
        self.participant_id = participant_id
        self.session_id = session_id
        self.hears_states_at = hears_states_at
        self.missed = False
        self.is_due = False
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def resolve(self) -> None:
        """There is news, or the time is over."""
        if not self.future.done():
            self.future.set_result(None)

    def end(self, code: int, reason: str) -> None:
        """It may not wait on."""
        if not self.future.done():
            self.future.set_exception(PollEnded(code, reason))


class Polls:
    """One room's polls on this node.

    Attributes:
        seats: of those who were let in lately.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self.seats = Seats()
        self._scheduler = scheduler
        self._waiting: dict[Waiter, None] = {}
        self._by_participant: dict[str, dict[Waiter, None]] = {}
        self._present_until: dict[str, float] = {}
        self._counted = (float("-inf"), 0)
        self._release_asked = False
        self._states_moved = False
        self._due: deque[Waiter] = deque()
        self._resolving = False
        self._later: Cancellable | None = None

    # --- who polls ---------------------------------------------------------------------------

    def seen(self, participant_id: str, wait_s: float = 0.0) -> None:
        """Somebody polls, and is here for as long as that may take."""
        until = self._scheduler.time() + wait_s + limits.POLL_PRESENCE_S
        if participant_id not in self._present_until:
            self._counted = (float("-inf"), 0)
        self._present_until[participant_id] = until

    def is_here(self, participant_id: str) -> bool:
        """Whether somebody polls."""
        return self._present_until.get(participant_id, 0.0) >= self._scheduler.time()

    def participants(self, connected: Container[str]) -> int:
        """Who polls and is not ``connected``; counted anew once a second."""
        now = self._scheduler.time()
        counted_at, count = self._counted
        if now - counted_at < PRESENCE_COUNTED_EVERY_S:
            return count
        for who in [who for who, until in self._present_until.items() if until < now]:
            del self._present_until[who]
        self.seats.prune(now)
        count = sum(1 for who in self._present_until if who not in connected)
        self._counted = (now, count)
        return count

    def take_seat(self, credentials: str, participant: Participant, session_id: str) -> None:
        """Somebody was let in, and is not looked up again for a while."""
        self.seats.take(credentials, participant, session_id, self._scheduler.time())

    def seat_of(self, credentials: str) -> Seat | None:
        """Who these credentials are known to belong to."""
        return self.seats.find(credentials, self._scheduler.time())

    # --- waiting -----------------------------------------------------------------------------

    async def wait(self, participant_id: str, session_id: str, wait_s: float) -> None:
        """Returns when something was said, or after ``wait_s`` seconds.

        Call it without having awaited since the caller found that there is nothing new.

        Raises:
            PollEnded: the room lets go of this participant.
        """
        hears_states_at = self._scheduler.time() + limits.POLL_STATES_S
        waiter = Waiter(participant_id, session_id, hears_states_at)
        own = self._by_participant.setdefault(participant_id, {})
        if len(own) >= limits.POLLS_PER_PARTICIPANT:
            next(iter(own)).resolve()
        own[waiter] = self._waiting[waiter] = None
        timer = self._scheduler.call_later(wait_s, waiter.resolve)
        try:
            await waiter.future
        finally:
            timer.cancel()
            self._forget(waiter)

    def _forget(self, waiter: Waiter) -> None:
        self._waiting.pop(waiter, None)
        own = self._by_participant.get(waiter.participant_id, {})
        own.pop(waiter, None)
        if not own:
            self._by_participant.pop(waiter.participant_id, None)

    # --- news --------------------------------------------------------------------------------

    def event(self) -> None:
        """Something durable was said: everybody's wait is over, from the next turn of the loop
        on."""
        if self._waiting and not self._release_asked:
            self._release_asked = True
            self._scheduler.call_soon(self._release)

    def state(self) -> None:
        """A state moved: the wait of those who have waited `limits.POLL_STATES_S` is over, and
        that of the others once they have."""
        if self._waiting and not self._states_moved:
            self._states_moved = True
            self._scheduler.call_soon(self._tell_states)

    def _release(self) -> None:
        self._release_asked = False
        for waiter in self._waiting:
            self._make_due(waiter)
        self._begin()

    def _make_due(self, waiter: Waiter) -> None:
        if not waiter.is_due:
            waiter.is_due = True
            self._due.append(waiter)

    def _begin(self) -> None:
        if not self._resolving:
            self._resolve_some()

    def _resolve_some(self) -> None:
        for _ in range(min(limits.POLLS_ANSWERED_PER_TURN, len(self._due))):
            self._due.popleft().resolve()
        self._resolving = bool(self._due)
        if self._resolving:
            self._scheduler.call_soon(self._resolve_some)

    def _tell_states(self) -> None:
        self._states_moved = False
        for waiter in self._waiting:
            waiter.missed = True
        self._release_for_states()

    def _release_for_states(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        now = self._scheduler.time()
        next_at = float("inf")
        for waiter in self._waiting:
            if not waiter.missed or waiter.is_due:
                continue
            if waiter.hears_states_at <= now + STATES_SLACK_S:
                self._make_due(waiter)
            else:
                next_at = min(next_at, waiter.hears_states_at)
        self._begin()
        if next_at != float("inf"):
            self._later = self._scheduler.call_later(next_at - now, self._release_for_states)

    # --- who has to go -----------------------------------------------------------------------

    def end_participant(self, participant_id: str, code: int, reason: str) -> None:
        """Ends one participant's polls."""
        self.seats.let_go(participant_id=participant_id)
        self._present_until.pop(participant_id, None)
        for waiter in self._by_participant.get(participant_id, ()):
            waiter.end(code, reason)

    def end_session(self, session_id: str, code: int, reason: str) -> None:
        """Ends the polls that hang on one login."""
        self.seats.let_go(session_id=session_id)
        self._end_those(lambda waiter: waiter.session_id == session_id, code, reason)

    def end_all(self, code: int, reason: str) -> None:
        """Ends all polls."""
        self.seats.clear()
        self._end_those(lambda _: True, code, reason)

    def _end_those(self, chosen: Callable[[Waiter], bool], code: int, reason: str) -> None:
        for waiter in self._waiting:
            if chosen(waiter):
                waiter.end(code, reason)

    def answer_all(self) -> None:
        """Ends every wait at once, with what there is: this node is leaving."""
        for waiter in self._waiting:
            waiter.resolve()

    def stop(self) -> None:
        """Nobody waits on: the room is going away."""
        self.answer_all()
        if self._later is not None:
            self._later.cancel()
            self._later = None
