"""A bounce and a complaint, as mails: after the examples of RFC 3464 and RFC 5965."""

OURS = "01890a5d-ac96-774b-bcce-b302099a8057"

BOUNCE = f"""From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: hello@setroom.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 3D4F
Arrival-Date: Sun, 22 Nov 2026 00:12:00 +0000

Final-Recipient: rfc822; Ann@example.org
Original-Recipient: rfc822;ann@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>: Recipient address rejected

--B
Content-Type: text/rfc822-headers

From: Setroom <hello@setroom.test>
To: Ann <ann@example.org>
Message-ID: <{OURS}@setroom.test>
Subject: Welcome

--B--
"""

COMPLAINT = f"""From: <abusedesk@example.com>
Subject: FW: Earn money
To: hello@setroom.test
Message-ID: <fbl-7@example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
 boundary="part1"

--part1
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <hello@setroom.test>
Original-Rcpt-To: <ann@example.org>

--part1
Content-Type: message/rfc822
Content-Disposition: inline

From: <hello@setroom.test>
To: <ann@example.org>
Message-ID: <{OURS}@setroom.test>
Subject: Welcome

Hello
--part1--
"""
