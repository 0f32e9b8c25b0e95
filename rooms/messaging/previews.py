"""What a broadcast would be: whom it reaches, what they read, what it costs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from rooms import limits
from rooms.messaging.audience import Recipient, judge, language_of
from rooms.messaging.broadcasts import Audience
from rooms.messaging.kinds import PHONE_CHANNELS, Channel, MessageKind
from rooms.messaging.stories import Story
from rooms.messaging.texts import Problem
from rooms.messaging.windows import last_moment
from rooms.show import ShowStatus
from rooms.sms.languages import Language

_OVER = frozenset({ShowStatus.CLOSED, ShowStatus.ARCHIVED})


class Reach:
    """Counts people, each by the first channel that reaches them."""

    def __init__(self, kind: MessageKind, audience: Audience, story: Story, at: datetime) -> None:
        self._kind = kind
        self._audience = audience
        self._story = story
        self._at = at
        self._reached: set[str] = set()
        self._against: dict[str, str] = {}
        self.by_text: Counter[tuple[Channel, Language]] = Counter()
        """People by channel and language."""
        self.deferred = 0

    def add(self, people: Iterable[Recipient]) -> None:
        """Counts people of one channel; channels in the order they are tried."""
        for one in people:
            if one.person_id in self._reached:
                continue
            verdict = judge(self._kind, self._audience.languages, one, self._story.night, self._at)
            if verdict.window is None:
                self._against.setdefault(one.person_id, verdict.against or "")
                continue
            self._reached.add(one.person_id)
            self.by_text[one.channel, language_of(one.language)] += 1
            self.deferred += verdict.deferred

    @property
    def total(self) -> int:
        """People who get it."""
        return len(self._reached)

    def kept_from(self, reason: str) -> int:
        """People who do not get it by any channel, for a reason."""
        return sum(
            against == reason and person not in self._reached
            for person, against in self._against.items()
        )


def untimely(
    kind: MessageKind,
    story: Story,
    channels: Iterable[Channel],
    asks_round: bool,
    at: datetime,
) -> list[Problem]:
    """Why a kind cannot be sent of a show at a moment, all of it.

    Args:
        asks_round: a round was named.
        at: when it is wanted.
    """
    found: list[Problem] = []
    status = story.night.status
    match kind:
        case MessageKind.NUDGE:
            found += _of_nudge(story, channels, asks_round)
        case MessageKind.RESULTS if status not in _OVER:
            found.append(Problem("kind", "show_not_over", "Results go out once the show is over."))
        case MessageKind.RESULTS if not story.won:
            detail = "No round has a result that everybody may see."
            found.append(Problem("kind", "no_results", detail))
        case MessageKind.RECAP if status not in _OVER:
            found.append(Problem("kind", "show_not_over", "A recap tells of a show that is over."))
        case MessageKind.BROADCAST if status is ShowStatus.DRAFT:
            detail = "People can be written to once the show is announced."
            found.append(Problem("kind", "show_not_open", detail))
        case _:
            pass
    if not found and at >= last_moment(kind, story.night):
        detail = "It is too late for this: people agreed to messages about the night."
        found.append(Problem("send_at", "too_late", detail))
    return found


def _of_nudge(story: Story, channels: Iterable[Channel], asks_round: bool) -> list[Problem]:
    if story.night.status is not ShowStatus.LIVE:
        return [Problem("kind", "show_not_live", "Rounds are open while the show is on.")]
    if not asks_round:
        return [Problem("round_id", "required", "Say which round to vote in.")]
    if story.round is None:
        return [Problem("round_id", "unknown_round", "This show has no such round.")]
    if not story.round.is_open:
        return [Problem("round_id", "round_not_open", "This round takes no votes now.")]
    if not story.round.takes_sms and PHONE_CHANNELS.intersection(channels):
        return [Problem("round_id", "round_takes_no_sms", "This round takes no votes by text.")]
    return []


def too_many(total: int) -> list[Problem]:
    """Whether a number of people can be written to at all."""
    if total == 0:
        return [Problem("audience", "nobody", "There is nobody who gets this.")]
    if total > limits.BROADCAST_RECIPIENTS_MAX:
        detail = f"{limits.BROADCAST_RECIPIENTS_MAX} people at most."
        return [Problem("audience", "too_many", detail)]
    return []
