"""What must hold after a night of texts, counted again in the database and at the carrier."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import asyncpg

from loadtests.sms.crowd import Phone, PhoneCrowd, Text
from loadtests.sms.network import GOOD

BALLOTS = """
SELECT phones.number, ballots.picks->0->>'option_id' AS option
  FROM ballots
  JOIN phone_attendances ON phone_attendances.attendee_id = ballots.participant_id
  JOIN phones ON phones.id = phone_attendances.phone_id
 WHERE ballots.round_id = $1 AND ballots.pattern <> ''
"""
ALL_BALLOTS = "SELECT count(*) FROM ballots WHERE round_id = $1 AND pattern <> ''"
TALLIES = "SELECT pattern, sum(ballots)::int AS ballots FROM tallies WHERE round_id = $1 GROUP BY 1"
KEPT = "SELECT message_sid, twiml FROM sms_inbound WHERE message_sid = ANY($1)"
CONSENTS = """
SELECT phones.number, consents.kind, count(*) AS times
  FROM consents JOIN phones ON phones.id = consents.phone_id
 WHERE consents.show_id = $1 GROUP BY 1, 2 HAVING count(*) > 1
"""
PHONES = "SELECT count(*) FROM phone_attendances WHERE show_id = $1"
ACTIVE = "SELECT count(*) FROM phone_attendances WHERE show_id = $1 AND state = 'active'"
MESSAGES = """
SELECT state, count(*) AS messages FROM messages WHERE show_id = $1 AND channel = 'sms' GROUP BY 1
"""


@dataclass(slots=True)
class Counted:
    """What a night came to.

    Attributes:
        promised: accepted votes by option, the last of each phone.
        unkept: texts that were answered by a node which died before it kept the answer; it has to
            be found again when they are repeated.
    """

    promised: Counter[str] = field(default_factory=Counter)
    uncertain: int = 0
    shed: int = 0
    told: int = 0
    phones: int = 0
    active: int = 0
    unkept: list[Text] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def option_id(option: int) -> str:
    """As the rounds of load tests call their options."""
    return f"o{option}"


def is_accepted(text: Text) -> bool:
    """Whether a vote was taken: said so, or answered with nothing because receipts were shed."""
    messages = text.messages
    return messages is not None and (not messages or _names(messages[0], text.option))


def _names(message: str, option: int) -> bool:
    return f"{option} Option {option}" in message


def possible(phone: Phone) -> set[str | None]:
    """The options that a phone's ballot may be for: the last accepted vote, or one that was sent
    after it and never answered."""
    found: set[str | None] = {None}
    for text in phone.votes:
        if is_accepted(text):
            found = {option_id(text.option)}
        elif text.messages is None:
            found.add(option_id(text.option))
    return found


def judge_answers(crowd: PhoneCrowd, counted: Counted) -> None:
    """Duplicates got the same answer; no vote was answered with anything but a receipt."""
    for phone in crowd.phones:
        for text in phone.texts:
            bodies = {
                answer.body
                for answer in text.answers
                if answer is not None and answer.status == GOOD
            }
            if len(bodies) > 1:
                counted.problems.append(f"{text.sid} ({text.body}) was answered twofold: {bodies}")
        for text in phone.votes:
            messages = text.messages
            if messages is None:
                continue
            counted.shed += not messages
            counted.told += bool(messages)
            if not is_accepted(text):
                counted.problems.append(f"{text.body!r} was answered {messages}")
    if set(crowd.forged) - {403}:
        counted.problems.append(f"forged texts were answered {dict(crowd.forged)}")


async def recount(database_url: str, crowd: PhoneCrowd, show_id: str, round_id: str) -> Counted:
    """Everything again, past what the server may make up."""
    counted = Counted()
    judge_answers(crowd, counted)
    connection = await asyncpg.connect(database_url)
    try:
        ballots = await connection.fetch(BALLOTS, round_id)
        whole = await connection.fetchval(ALL_BALLOTS, round_id)
        tallies = await connection.fetch(TALLIES, round_id)
        taken = [
            text for phone in crowd.phones for text in phone.texts if text.messages is not None
        ]
        kept = await connection.fetch(KEPT, [text.sid for text in taken])
        forged = await connection.fetch(KEPT, crowd.forged_sids)
        twice = await connection.fetch(CONSENTS, show_id)
        counted.phones = await connection.fetchval(PHONES, show_id)
        counted.active = await connection.fetchval(ACTIVE, show_id)
    finally:
        await connection.close()
    found: dict[str, list[str]] = {}
    for row in ballots:
        found.setdefault(row["number"], []).append(row["option"])
    _judge_ballots(crowd, found, counted)
    _equal(counted, "ballots of phones and of all", len(ballots), whole)
    cast = Counter(row["option"] for row in ballots)
    _equal(counted, "tallies", {r["pattern"]: r["ballots"] for r in tallies if r["ballots"]}, cast)
    told = {row["message_sid"]: row["twiml"] for row in kept}
    _equal(counted, "texts that were answered and are kept", len(told), len(taken))
    counted.unkept = [text for text in taken if told.get(text.sid) is None]
    if forged:
        counted.problems.append(f"{len(forged)} forged texts were kept")
    if twice:
        counted.problems.append(f"{len(twice)} consents of one kind were kept twice")
    return counted


async def message_states(database_url: str, show_id: str) -> dict[str, int]:
    """Texts of a show that answer nothing, by state."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(MESSAGES, show_id)
    finally:
        await connection.close()
    return {row["state"]: row["messages"] for row in rows}


def _judge_ballots(crowd: PhoneCrowd, found: dict[str, list[str]], counted: Counted) -> None:
    for phone in crowd.phones:
        ballots = found.get(phone.number, [])
        may = possible(phone)
        counted.uncertain += len(may) > 1
        if len(ballots) > 1:
            counted.problems.append(f"a phone has {len(ballots)} ballots")
        if (ballots[0] if ballots else None) not in may:
            counted.problems.append(f"a ballot is for {ballots}, promised was {may}")
        if ballots:
            counted.promised[ballots[0]] += 1


def _equal(counted: Counted, what: str, found: object, expected: object) -> None:
    if found != expected:
        counted.problems.append(f"{what}: {found}, expected {expected}")
