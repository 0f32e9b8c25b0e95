"""Keeping a round open for votes that were received in time: one statement, whatever the head is.

It moves the head, as every append does: so a close that was decided without it is lost. Both
conditions are there twice, because between the first look and the room's lock another turn may
have closed the round (READ COMMITTED looks at a row again after it has waited for it).
"""

from __future__ import annotations

from typing import Final

_MAY = """r.id = $2 AND r.show_id = $1 AND r.status IN ('open', 'grace')
    AND (r.held_until IS NULL OR r.held_until < $3)"""

HOLD_ROUND: Final = f"""
WITH moved AS (
    UPDATE rooms SET state_version = state_version + 1
     WHERE show_id = $1 AND EXISTS (SELECT FROM rounds r WHERE {_MAY})
    RETURNING state_version
)
UPDATE rounds r SET held_until = $3, version = moved.state_version
  FROM moved WHERE {_MAY}
"""
