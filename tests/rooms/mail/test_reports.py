"""Bounces and complaints as mails are read: the shapes of RFC 3464 and RFC 5965."""

from __future__ import annotations

import contextlib

import pytest

from rooms.mail.bounces import Report, Verdict
from rooms.mail.reports import NoReport, read_report
from tests.rooms.mail.reports import BOUNCE, COMPLAINT, OURS


def read(text: str) -> list[Report]:
    return read_report(text.replace("\n", "\r\n").encode())


def test_a_bounce_says_who_why_and_which_mail() -> None:
    [report] = read(BOUNCE)

    assert (report.address, report.verdict) == ("ann@example.org", Verdict.HARD)
    assert (report.status, report.message_id) == ("5.1.1", OURS)


def test_the_same_bounce_has_the_same_name_and_another_has_not() -> None:
    again = BOUNCE.replace("I'm sorry", "We are sorry")
    other = BOUNCE.replace("bounce-1@", "bounce-2@")

    assert read(BOUNCE)[0].report == read(again)[0].report
    assert read(BOUNCE)[0].report != read(other)[0].report


def test_the_envelopes_id_is_believed_before_what_came_back() -> None:
    envelope = "01890a5d-ac96-774b-bcce-b302099a8058"
    text = BOUNCE.replace("Reporting-MTA", f"Original-Envelope-Id: {envelope}\nReporting-MTA")

    assert read(text)[0].message_id == envelope


def test_a_bounce_without_the_mail_still_says_who() -> None:
    head, _, _ = BOUNCE.partition("--B\nContent-Type: text/rfc822-headers")
    [report] = read(head + "--B--\n")

    assert (report.address, report.message_id) == ("ann@example.org", None)


def test_each_recipient_is_judged_alone() -> None:
    more = """Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550

Final-Recipient: rfc822; bob@example.org
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; cleo@example.org
Action: failed
Status: 5.2.2 (mailbox full)

"""
    text = BOUNCE.replace("Remote-MTA: dns; mail.example.org\n", more, 1)
    found = {report.address: report.verdict for report in read(text)}

    assert found == {"ann@example.org": Verdict.HARD, "cleo@example.org": Verdict.SOFT}


def test_a_mail_that_came_back_whole_is_recognised() -> None:
    text = BOUNCE.replace("text/rfc822-headers", "message/rfc822")

    assert read(text)[0].message_id == OURS


def test_a_complaint_says_who_and_which_mail() -> None:
    [report] = read(COMPLAINT)

    assert (report.address, report.verdict) == ("ann@example.org", Verdict.COMPLAINT)
    assert (report.status, report.message_id) == ("abuse", OURS)


def test_a_complaint_that_hides_its_recipient_is_known_by_the_mail() -> None:
    text = COMPLAINT.replace("Original-Rcpt-To: <ann@example.org>\n", "")

    assert read(text)[0].address == "ann@example.org"


def test_who_says_that_it_was_no_spam_does_not_complain() -> None:
    assert read(COMPLAINT.replace("Feedback-Type: abuse", "Feedback-Type: not-spam")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Subject: Out of office\n\nBack on Monday.\n",
        BOUNCE.replace("report-type=delivery-status", "report-type=disposition-notification"),
        BOUNCE.replace("message/delivery-status", "text/plain"),
        "",
        "Content-Type: multipart/report; report-type=delivery-status\n\nnothing",
    ],
)
def test_another_mail_is_no_report(text: str) -> None:
    with pytest.raises(NoReport):
        read(text)


@pytest.mark.parametrize("cut", range(0, len(BOUNCE), 97))
def test_a_report_that_is_cut_off_breaks_nothing(cut: int) -> None:
    with contextlib.suppress(NoReport):
        assert all(isinstance(report, Report) for report in read(BOUNCE[:cut]))
