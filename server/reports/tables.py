"""What stands in the cells of a report."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, tzinfo

from msgspec import Struct

from rooms.messaging.masking import masked_mail, masked_number
from rooms.vote_config import Pick, VoteConfig, VoteType
from server.reports.texts import YES_NO, Language, Part
from server.rounds.schemas import RoundOutcome
from server.spreadsheets import Cell
from storage.reports.rows import AttendeeRow, MessageRow, ReportRows, VoteRow

Rows = list[list[Cell]]


class Reader(Struct, frozen=True):
    """Whom a report is for.

    Attributes:
        sees_numbers: phone numbers and addresses in full; masked to everybody else.
        zone: of the venue; times are said in it.
    """

    language: Language
    zone: tzinfo
    sees_numbers: bool


class Tables:
    """The tables of one show's report.

    Args:
        outcomes: the rounds with their results, as crew sees them.
    """

    def __init__(self, rows: ReportRows, outcomes: list[RoundOutcome], reader: Reader) -> None:
        self._rows = rows
        self._outcomes = outcomes
        self._reader = reader

    async def rows(self, part: Part) -> AsyncIterator[Rows]:
        """The rows of one table, some at a time."""
        match part:
            case Part.ATTENDEES:
                async for people in self._rows.attendees():
                    yield [self._attendee(one) for one in people]
            case Part.VOTES:
                rounds = await self._rows.rounds()
                async for votes in self._rows.votes():
                    yield [self._vote(one, rounds[one.round_id]) for one in votes]
            case Part.ROUNDS:
                yield list(self._rounds())
            case Part.MESSAGES:
                async for messages in self._rows.messages():
                    yield [self._message(one) for one in messages]

    def _attendee(self, row: AttendeeRow) -> list[Cell]:
        return [
            row.attendee_id,
            row.display_name,
            row.role,
            row.channel or "app",
            self._number(row.number),
            row.phone_state,
            self._time(row.confirmed_at),
            row.language,
            self._truth(row.admitted),
            self._time(row.joined_at),
            self._time(row.checked_in_at),
            self._time(row.removed_at),
            row.rounds,
            self._time(row.voted_last_at),
            row.messages,
        ]

    def _vote(self, row: VoteRow, config: VoteConfig) -> list[Cell]:
        return [
            config.title,
            row.round_id,
            row.attendee_id,
            row.display_name,
            row.voter,
            row.channel,
            self._truth(row.is_held),
            _choice(row.picks, config),
            self._time(row.cast_at),
        ]

    def _rounds(self) -> Iterator[list[Cell]]:
        for outcome in self._outcomes:
            result = outcome.result
            common: list[Cell] = [
                outcome.title,
                outcome.round_id,
                outcome.type,
                outcome.method,
                outcome.status,
                self._time(outcome.opened_at),
                self._time(outcome.closed_at),
            ]
            if result is None:
                yield [*common, *[None] * 9, outcome.config_hash]
                continue
            for option in outcome.options:
                yield [
                    *common,
                    option.label,
                    option.score,
                    option.supporters,
                    self._truth(option.winner),
                    result.votes,
                    result.voters,
                    result.channels.get("web", 0),
                    result.channels.get("sms", 0),
                    result.held,
                    outcome.config_hash,
                ]

    def _message(self, row: MessageRow) -> list[Cell]:
        address = row.address
        if address is not None and not self._reader.sees_numbers:
            address = masked_mail(address)
        return [
            row.message_id,
            row.kind,
            row.channel,
            row.attendee_id,
            row.display_name,
            address or self._number(row.number),
            row.language,
            row.state,
            row.reason,
            row.segments,
            self._time(row.created_at),
            self._time(row.sent_at),
            self._time(row.delivered_at),
        ]

    def _number(self, number: str | None) -> str | None:
        if number is None or self._reader.sees_numbers:
            return number
        return masked_number(number)

    def _time(self, at: datetime | None) -> str | None:
        """ISO 8601 with the venue's offset of that day."""
        if at is None:
            return None
        return at.astimezone(self._reader.zone).isoformat(timespec="seconds")

    def _truth(self, value: bool) -> str:
        yes, no = YES_NO[self._reader.language]
        return yes if value else no


def _choice(picks: tuple[Pick, ...], config: VoteConfig) -> str:
    """``Ripple``; ``1. Ripple, 2. Bertha`` of a ranked ballot; ``Ripple: 3`` of one with points."""
    labels = {option.id: option.label for option in config.options}
    said = []
    for place, pick in enumerate(picks, 1):
        label = labels.get(pick.option_id, pick.option_id)
        if pick.value is not None:
            label = f"{label}: {pick.value}"
        said.append(f"{place}. {label}" if config.type is VoteType.RANKED else label)
    return ", ".join(said)
