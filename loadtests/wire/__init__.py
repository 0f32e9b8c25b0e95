"""A client of the wire contract: HTTP and one socket per room, nothing of the server's code.

``ApiClient`` speaks ``/api``; ``RoomClient`` holds one room's socket, its log and its setlist
document over reconnects. ``docs/protocol.md`` is what it relies on.
"""

from loadtests.wire.api import ApiClient, ApiProblem, Credentials
from loadtests.wire.commands import Refused
from loadtests.wire.edits import Edit, Saved
from loadtests.wire.room import RoomClient, RoomLost
from loadtests.wire.setlist import Entry, SetlistDocument

__all__ = [
    "ApiClient",
    "ApiProblem",
    "Credentials",
    "Edit",
    "Entry",
    "Refused",
    "RoomClient",
    "RoomLost",
    "Saved",
    "SetlistDocument",
]
