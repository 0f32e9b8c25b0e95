"""The setlist brought back to what it was: rollback, restore, undo."""

from __future__ import annotations

from typing import Any

from crdt.frames import EMPTY_UPDATE
from crdt.permissions import CREW_ROLES
from crdt.rewriting import Kept, Rewrite, back_from, back_to, carry_out
from rooms.commands import Envelope, RewriteSetlist
from rooms.decide.draft import Draft, is_system
from rooms.decide.setlist import edit_rules, editor_of, keep
from rooms.errors import Refused, not_allowed
from rooms.participants import Participant, Role


def rewrite_setlist(draft: Draft, envelope: Envelope, command: RewriteSetlist) -> dict[str, Any]:
    """Writes what was as a new edit; tells what it changed and what it left, and why.

    A rollback is for crew and curators. A restore or an undo is for whoever may edit.
    """
    who = envelope.participant
    if command.cause == "rollback" and not may_roll_back(who):
        raise not_allowed("Only the crew and curators bring the whole setlist back.")
    editor, rules = editor_of(draft, who), edit_rules(draft)
    if rules.locked and editor.role not in CREW_ROLES:
        raise Refused("setlist_locked", "The setlist is locked.", status=403)
    plan = _planned(draft, command)
    if not is_system(who):
        plan = plan.permitted(lambda action, entry_id: rules.refusal(editor, action, entry_id))
    if draft.twin.size_bound + plan.size > draft.twin.limits.document_bytes_max:
        _require_room(draft, plan)
    draft.twin_dirty = True
    update, changes = carry_out(draft.twin, plan)
    answer: dict[str, Any] = {
        "changed": [{"entry_id": one.entry_id, "kind": one.kind.value} for one in changes],
        "kept": [_told(one) for one in plan.kept],
    }
    if update == EMPTY_UPDATE:
        return answer
    event = keep(
        draft,
        envelope,
        update,
        changes,
        cause=command.cause,
        to_seq=command.to_seq,
        of_seq=command.of_seq,
    )
    draft.audit(
        envelope,
        f"{command.cause}_setlist",
        draft.state.facts.show_id,
        after={"seq": event.seq, "to_seq": command.to_seq, "of_seq": command.of_seq},
    )
    return answer | {"seq": event.seq}


def may_roll_back(who: Participant) -> bool:
    """Whether the participant may bring the whole setlist back."""
    return who.admitted and (who.is_crew or who.role is Role.CURATOR)


def _planned(draft: Draft, command: RewriteSetlist) -> Rewrite:
    if command.cause == "undo":
        return back_from(draft.twin, command.made, command.entries)
    return back_to(draft.twin, command.entries, whole=command.cause == "rollback")


def _require_room(draft: Draft, plan: Rewrite) -> None:
    """What was removed still takes a little room in the document, so it can become full."""
    if draft.twin.size + plan.size > draft.twin.limits.document_bytes_max:
        raise Refused("setlist_full", "The setlist's document is full.")


def _told(kept: Kept) -> dict[str, Any]:
    return {"entry_id": kept.entry_id, "code": kept.code, "fields": list(kept.fields)}
