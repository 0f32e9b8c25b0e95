"""Who is connected to a room on this node, by participant and by ticket."""

from __future__ import annotations

from collections import Counter

from rooms import limits
from rooms.fanout.connection import Connection
from rooms.fanout.speech import Speech
from rooms.participants import Role
from rooms.pulse.views import Doors


class Roster:
    """Sockets in the order of their coming, per participant."""

    def __init__(self) -> None:
        self._by_participant: dict[str, dict[Connection, None]] = {}
        self._by_ticket: dict[str, Connection] = {}
        self._displays: set[str] = set()
        self._crew: dict[str, Role] = {}
        self._doors: Counter[Speech] = Counter()

    def __bool__(self) -> bool:
        return bool(self._by_participant)

    def __contains__(self, participant_id: object) -> bool:
        return participant_id in self._by_participant

    def participants(self) -> int:
        """Distinct participants; displays are nobody."""
        return len(self._by_participant) - len(self._displays)

    def doors(self, poll: int) -> Doors:
        """Connections by door, displays included, with those who have none and poll."""
        by = self._doors
        return Doors(by[Speech.ROOM] + by[Speech.YJS], by[Speech.STREAM], poll)

    def connections(self) -> list[Connection]:
        """All sockets."""
        return [one for sockets in self._by_participant.values() for one in sockets]

    def of_participant(self, participant_id: str) -> list[Connection]:
        """One participant's sockets, the oldest first."""
        return list(self._by_participant.get(participant_id, ()))

    def of_ticket(self, ticket_id: str) -> Connection | None:
        """The socket that a ticket opened."""
        return self._by_ticket.get(ticket_id)

    def surplus_of(self, participant_id: str) -> Connection | None:
        """The oldest socket of a participant who has as many as are allowed."""
        sockets = self._by_participant.get(participant_id, {})
        return next(iter(sockets)) if len(sockets) >= limits.SOCKETS_PER_PARTICIPANT else None

    def crew(self) -> dict[str, Role]:
        """Who may do more than an audience, as they came in."""
        return dict(self._crew)

    def add(self, connection: Connection) -> None:
        """One more."""
        participant_id = connection.participant.participant_id
        own = self._by_participant.setdefault(participant_id, {})
        if connection not in own:
            self._doors[connection.speech] += 1
        own[connection] = None
        self._by_ticket[connection.ticket_id] = connection
        if connection.participant.display is not None:
            self._displays.add(participant_id)
        elif connection.participant.role is not Role.FAN:
            self._crew[participant_id] = connection.participant.role

    def remove(self, connection: Connection) -> bool:
        """One less; whether it was here."""
        participant_id = connection.participant.participant_id
        sockets = self._by_participant.get(participant_id)
        if sockets is None or connection not in sockets:
            return False
        del sockets[connection]
        self._doors[connection.speech] -= 1
        if not sockets:
            del self._by_participant[participant_id]
            self._displays.discard(participant_id)
            self._crew.pop(participant_id, None)
        if self._by_ticket.get(connection.ticket_id) is connection:
            del self._by_ticket[connection.ticket_id]
        return True
