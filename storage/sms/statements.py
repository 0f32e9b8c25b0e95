"""Statements of one phone's doings: joining, confirming, stopping, proving."""

from __future__ import annotations

from storage.sms.rows import WHO, WHO_FROM

# Two texts of one phone at once must not make two accounts of it: the lock comes first.
BEGIN = """
WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock($6))
INSERT INTO sms_inbound (message_sid, sender, channel, received_at, opt_out_type, route)
SELECT $1::text, $2::text, $3::text, $4::timestamptz, $5::text, '{}' FROM alone
ON CONFLICT (message_sid) DO NOTHING RETURNING message_sid
"""

CLAIMED = "SELECT route, twiml, received_at FROM sms_inbound WHERE message_sid = $1"

# Under the lock: a STOP may have come since the phone was looked up.
STANDING = """
SELECT p.id, p.account_id,
       EXISTS (SELECT FROM suppressions s
                WHERE s.sender = $3 AND s.channel = $1 AND s.number_hash = $4
                  AND s.lifted_at IS NULL) AS suppressed
  FROM (SELECT) AS one LEFT JOIN phones p ON p.channel = $1 AND p.number = $2
"""

# Somebody new, in one statement: thousands join within the minute that the code is shown.
COME = """
WITH account AS (
    INSERT INTO accounts (id, kind, role, display_name, language, show_name, created_at, updated_at)
    VALUES ($1, 'guest', 'fan', $2, $3, false, $4, $4)
), phone AS (
    INSERT INTO phones (id, channel, number, number_hash, account_id, language, created_at)
    VALUES ($5, $6, $7, $8, $1, $3, $4)
), attendee AS (
    INSERT INTO attendees (id, show_id, account_id, role, display_name, admitted, joined_at)
    VALUES ($9, $10, $1, 'fan', $11, true, $4)
), attendance AS (
    INSERT INTO phone_attendances (attendee_id, phone_id, show_id, state, joined_at)
    VALUES ($9, $5, $10, 'pending', $4)
), consent AS (
    INSERT INTO consents (id, phone_id, show_id, kind, wording_version, language, source, at)
    VALUES ($12, $5, $10, 'join', $13, $3, 'text', $4)
)
SELECT title, status FROM shows WHERE id = $10
"""

JOIN = """
INSERT INTO attendees AS a (id, show_id, account_id, role, display_name, admitted, joined_at)
SELECT $1, $2, $3, 'fan',
       CASE WHEN accounts.show_name THEN accounts.display_name
            ELSE $5 || ' ' || right($1::uuid::text, 4) END, true, $4
  FROM accounts WHERE accounts.id = $3
ON CONFLICT (show_id, account_id) DO UPDATE SET admitted = true
RETURNING id, removed_at
"""

# A phone that was linked at this show stays the attendee that it came as.
ATTEND = """
INSERT INTO phone_attendances AS p (attendee_id, phone_id, show_id, state, joined_at)
VALUES ($1, $2, $3, 'pending', $4)
ON CONFLICT (phone_id, show_id) DO UPDATE
   SET state = CASE WHEN p.state IN ('pending', 'active') THEN p.state ELSE 'pending' END,
       joined_at = excluded.joined_at
RETURNING old.state IN ('pending', 'active') AS was_in
"""

ATTENDING = f"""
SELECT here.attendee_id, here.show_id, here.state, shows.title, shows.status, {WHO}
  FROM phone_attendances here JOIN shows ON shows.id = here.show_id {WHO_FROM}
 WHERE here.phone_id = $1 AND here.show_id = $2
"""

CONFIRM = """
UPDATE phone_attendances SET state = 'active', confirmed_at = coalesce(confirmed_at, $3)
 WHERE phone_id = $1 AND show_id = $2 AND state IN ('pending', 'none')
"""

CONFIRM_ALL = """
WITH confirmed AS (
    UPDATE phone_attendances SET state = 'active', confirmed_at = coalesce(confirmed_at, $3)
     WHERE phone_id = $1 AND show_id = $2 AND state IN ('pending', 'none')
), known AS (
    UPDATE attendees SET phone_confirmed_at = coalesce(phone_confirmed_at, $3) WHERE id = $4
)
INSERT INTO consents (id, phone_id, show_id, kind, wording_version, language, source, at)
VALUES ($5, $1, $2, 'confirm', $6, $7, 'text', $3)
"""

KNOWN_BY_PHONE = """
UPDATE attendees SET phone_confirmed_at = coalesce(phone_confirmed_at, $2) WHERE id = $1
"""

ADD_CONSENT = """
INSERT INTO consents (id, phone_id, show_id, kind, wording_version, language, source, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

SUPPRESS = """
INSERT INTO suppressions AS s (sender, channel, number_hash, since, source)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (sender, channel, number_hash) DO UPDATE
   SET since = excluded.since, source = excluded.source, lifted_at = NULL
 WHERE s.lifted_at IS NOT NULL
RETURNING sender
"""

SILENCE = "UPDATE phone_attendances SET state = 'suppressed' WHERE phone_id = $1"

LIFT = """
UPDATE suppressions SET lifted_at = $4
 WHERE sender = $1 AND channel = $2 AND number_hash = $3 AND lifted_at IS NULL
RETURNING sender
"""

FORGET_STATES = """
UPDATE phone_attendances SET state = 'none' WHERE phone_id = $1 AND state = 'suppressed'
"""

ADD_LINK = """
INSERT INTO confirm_links (token_hash, phone_id, attendee_id, show_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""

TAKE_CODE = """
UPDATE confirm_codes SET used_at = $2
 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING attendee_id
"""

ANSWER = """
UPDATE sms_inbound SET route = $2::json, twiml = $3, phone_id = $4, show_id = $5,
       participant_id = $6, body = $7
 WHERE message_sid = $1
"""
