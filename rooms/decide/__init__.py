"""The deciding part of a room: pure, no I/O, no clock.

``decide(state, commands, ballots) -> Decision(events, ballots, replies)``: each command is judged
by its own ``received_at`` and sees the effects of the commands before it in the same turn.
"""

from rooms.decide.turn import Decision, decide

__all__ = ["Decision", "decide"]
