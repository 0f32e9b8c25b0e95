"""Which edits count as saved, over several sockets."""

import pytest

from loadtests.wire.edits import Edit, EditLost, Saved, SaveLedger
from loadtests.wire.messages import SetlistRefused


async def test_an_edit_is_saved_when_its_update_is_among_the_received() -> None:
    ledger = SaveLedger()
    ledger.new_socket()
    first, second = Edit(("a",)), Edit(("b",))
    for edit in (first, second):
        ledger.add(edit)
    ledger.sent_step2()  # The empty reply to the server's step 1 counts as the first update.
    ledger.sent_update(second)
    ledger.saved(9, 1)
    assert first.is_saved and not second.is_saved
    ledger.saved(10, 2)
    assert await second.saved() == Saved(10)


async def test_what_was_sent_over_a_broken_socket_goes_again_with_the_next_step_2() -> None:
    ledger = SaveLedger()
    ledger.new_socket()
    edit = Edit(("a",))
    ledger.add(edit)
    ledger.sent_update(edit)
    ledger.new_socket()
    ledger.saved(5, 1)  # Nothing of ours was sent on this socket yet.
    assert not edit.is_saved
    ledger.sent_step2()
    ledger.saved(6, 1)
    assert edit.is_saved and ledger.unsaved == 0


async def test_a_refusal_is_told_with_the_edit_that_it_is_about() -> None:
    ledger = SaveLedger()
    ledger.new_socket()
    good, bad = Edit(("good",)), Edit(("bad",))
    for edit in (good, bad):
        ledger.add(edit)
        ledger.sent_update(edit)
    refusal = SetlistRefused(seq=3, code="setlist_locked", entries=["bad"])
    ledger.refused(refusal)
    ledger.saved(3, 2)
    assert (await good.saved()).refusal is None
    assert (await bad.saved()).refusal == refusal


async def test_an_edit_of_a_document_that_was_given_up_is_lost() -> None:
    ledger = SaveLedger()
    edit = Edit(("a",))
    ledger.add(edit)
    ledger.give_up()
    with pytest.raises(EditLost):
        await edit.saved()
