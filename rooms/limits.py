"""Every bound of a room, in one place, with its unit and the reason for its size.

A limit that a client can meet is part of the wire contract: change it together with
``docs/protocol.md``.
"""

# --- what one client may send -------------------------------------------------------------
TEXT_FRAME_BYTES_MAX = 16 * 1024
"""One room message. The largest command (a chat line of 500 characters) is under 3 KiB."""

FRAGMENTS_MAX = 16 * 1024
"""Frames of one message: the largest in pieces of 64 bytes. Empty ones would have no end."""

CONTROL_FRAMES_PER_SECOND = 20
CONTROL_FRAMES_BURST = 200
"""Pings and pongs of one socket. The busiest client pings every few seconds; each costs 5 µs."""

YJS_UPDATE_BYTES_MAX = 64 * 1024
"""One incremental Yjs update: an offline evening of edits fits, a bomb does not."""

FIRST_SYNC_BYTES_MAX = 1024 * 1024
"""The first sync step 2 of a socket may be as large as a document."""

DOCUMENT_BYTES_MAX = 1024 * 1024
"""Encoded setlist document. pycrdt holds the GIL while it applies: this bounds the stall."""

AWARENESS_BYTES_MAX = 4 * 1024
"""One awareness frame: a name, a colour and a cursor."""

COMMANDS_PER_SECOND = 20
"""Sustained commands per participant, all of its sockets together."""

COMMANDS_BURST = 40
"""Commands a participant may send at once after being quiet (an outbox that empties)."""

SETLIST_UPDATES_PER_SECOND = 30
"""Yjs updates per participant; beyond, reading from the socket pauses (nothing is dropped)."""

SETLIST_UPDATES_BURST = 120
"""A provider that comes back from offline sends what it queued."""

REPAIRS_PER_PARTICIPANT = 200
"""Refused edits repaired per participant and room; two hundred add 8 KiB to the document."""

SOCKETS_PER_PARTICIPANT = 5
"""Phones, tablets, tabs; sockets and streams together. The sixth closes the oldest."""

POLLS_PER_PARTICIPANT = 5
"""Polls of one participant that wait on a node. The sixth ends the oldest's wait."""

POLLS_PER_SECOND = 2
"""Sustained polls per participant. Beyond, a poll waits: its answer then holds more."""

POLLS_BURST = 10
"""Polls at once after being quiet: several tabs that come back together."""

# --- what a room holds --------------------------------------------------------------------
ENTRIES_MAX = 300
"""Setlist entries of one show. The longest known night has under 60."""

TITLE_CHARACTERS_MAX = 200
NOTE_CHARACTERS_MAX = 500
MARKS_MAX = 6
"""Combining marks on one letter. Chanted Hebrew and Tibetan stacks need as many; more is how a line
is made to run over its neighbours."""

CHAT_CHARACTERS_MAX = 500
ANNOUNCEMENT_CHARACTERS_MAX = 500
DISPLAY_NAME_CHARACTERS_MAX = 60
POSITION_BYTES_MAX = 64
"""A fractional index longer than this is rebalanced by the server first."""

POSITION_REBALANCE_BYTES = 48
"""Positions are rewritten from here on, so that POSITION_BYTES_MAX is never met."""

FILTER_WORDS_MAX = 200
"""The crew's own words in a show's word filter."""

FILTER_WORD_CHARACTERS_MAX = 60
"""One of them: a word, or a phrase of a few."""

HELD_CHAT_MAX = 100
"""Lines of one show that wait for crew. Beyond, a further one is refused and its author told:
nothing that waits is lost, and nobody can push another's line out."""

HELD_CHAT_PER_PARTICIPANT = 3
"""Lines of one participant that wait for crew: who is misunderstood stops, who floods has to."""

REPORTED_CHAT_MAX = 100
"""Reported lines that are remembered; beyond, the one reported longest ago is forgotten."""

REPORTERS_PER_LINE_MAX = 200
"""People who are remembered as having reported a line; further reports change nothing."""

CHAT_REPORTS_PER_MINUTE = 6
"""Reports of one participant: a bad minute is reported line by line, a campaign is not."""

ACTS_KEPT = 400
"""Things of which is remembered who did the last to them: rounds, song requests, the lock."""

CHAT_MESSAGES_KEPT = 100
"""Chat messages in a `welcome` snapshot; older ones are in the log."""

ROUND_OPTIONS_MAX = 40
OPEN_ROUNDS_MAX = 8
ROUNDS_PER_SHOW_MAX = 200
OWN_ENDED_ROUNDS_MAX = 40
"""Somebody who comes is told what they chose in so many of the latest rounds that are over: more
than a night has, and a bound on what is read of each."""

ROUND_DURATION_S_MAX = 6 * 3600
ROUND_WINDOW_S_MAX = 7 * 3600
"""A round with every extension: the longest one can still be extended."""

LEADERBOARD_ENTRIES_MAX = 100
"""Songs in one leaderboard, the first by rank: about 12 KiB."""

TOUR_ROUNDS_MAX = 5_000
"""Results that a tour's leaderboard is made of, the newest first."""

CLOSE_MARGIN_S = 1.0
"""A due round waits this long for other nodes' inboxes before it is closed."""

JURY_MAX = 200
"""Jurors of one show."""

BALLOTS_PER_DEVICE = 3
"""Accounts that vote in one round with one device before further ballots are held for review: a
family hands its phone round, a fourth account is looked at."""

HELD_VOTES_SHOWN = 200
"""Held ballots in one answer and released by one call."""

REASON_CHARACTERS_MAX = 200
"""Why a song request was declined."""

SONG_REQUESTS_MAX = 2_000
"""Song requests of one show, all queues together; they live in every node's memory."""

SONG_REQUESTS_SHOWN = 50
"""Song requests in one `song_requests` state: 50 are about 10 KiB."""

SONG_REQUESTS_PER_PARTICIPANT = 5
"""Undecided song requests of one participant in one queue; crew is not bound by it."""

SONG_REQUESTS_PAGE_MAX = 200
"""Song requests in one answer over HTTP: 40 KiB."""

SONG_REQUEST_QUEUES_SHOWN = 8
"""Queues of rounds in a `welcome`, beside the standing one: as many as may be open at once."""

INVITATIONS_PER_SHOW = 100
"""Invitations of one show that wait for an answer: as many as a crew may have members."""

INVITATIONS_SHOWN = 200
"""Invitations in a show's list: those that wait, and the newest of the others."""

DISPLAYS_PER_SHOW = 20
"""Displays of one show in use: stages, screens, lobbies. Twenty are more than any venue has."""

DISPLAYS_REVOKED_SHOWN = 20
"""Revoked displays that are remembered, for the list; the audit log remembers all."""

STANCES_PER_PARTICIPANT = 1_000
"""Upvotes and ratings of one participant in one show, taken back ones included."""

HOLD_S = 1.0
"""A node whose inbox still holds votes received in time keeps their round open so much longer;
it says so again with every turn."""

HOLD_AFTER_S = 0.15
"""A vote received in time that is not decided so long after its round's end makes its node hold the
round at once, beside the turn: what a busy node has decided by then needs no hold."""

LAST_WORD_MARGIN_S = 0.5
"""So much later than another a vote was surely received, whichever nodes received them: all follow
the database's clock to within a tenth of a second, and nobody changes vote and node in less. What
is closer together counts in the order of its turns."""

HOLD_MAX_S = 30.0
"""Beyond this after its end a round closes whatever anybody's inbox holds."""

SLOW_MODE_INTERVAL_S_MAX = 600
MUTE_DURATION_S_MAX = 30 * 24 * 3600

# --- queues -------------------------------------------------------------------------------
INBOX_COMMANDS_MAX = 10_000
"""Commands waiting for one room's actor. Full means `room_busy`, said at once."""

TURN_COMMANDS_MAX = 500
"""Commands decided and committed together: 500 votes commit in about 6 ms."""

TURN_AHEAD_FROM = 500
"""Commands that wait behind a turn under way from which on the next one is decided ahead: a full
one, which cannot grow any more."""

TURN_BYTES_MAX = 2 * 1024 * 1024
"""Payload of one turn, so that a batch of first syncs does not become one giant commit."""

CONNECTION_QUEUE_BYTES_MAX = 1024 * 1024
"""Bytes not yet taken by one receiver. Beyond, it is closed (4008) and resumes."""

BUS_QUEUE_MESSAGES_MAX = 10_000
"""Messages waiting for Redis on one node. Beyond, the oldest are dropped; the log heals it."""

ROOM_READS_MAX = 2
"""Reads of missed events that one room has under way on a node; the next ones wait. A node has few
connections for its rooms (`storage.database.share_of_rooms`), and a room whose people all come back
at once must leave some to the others."""

REPLAY_EVENTS_MAX = 2_000
"""A gap larger than this is answered with a snapshot instead of the missed events."""

EVENTS_IN_MEMORY_MAX = 512
"""The newest events an actor keeps encoded, so that most resumes cost no query."""

# --- time ---------------------------------------------------------------------------------
UNAUTHENTICATED_SOCKET_S = 5.0
UNAUTHENTICATED_SOCKET_BYTES_MAX = 16 * 1024
REFUSED_BYTES_MAX = 1024 * 1024
"""Taken in of a head that was refused for its size, so that its sender reads the refusal."""

BODY_S = 30.0
"""For the body of a call, from its headers on: 256 KiB at 9 KiB a second."""

TICKET_FIRST_USE_S = 60
QUIET_ROOM_HEARTBEAT_S = 20.0
"""Stock y-websocket providers reconnect after 30 s of silence."""

QUIET_STREAM_HEARTBEAT_S = 15.0
"""A comment on a quiet event stream: the shortest idle timeouts of proxies are 30 s."""

STREAM_PADDING_BYTES = 2 * 1024
"""A comment at the start of an event stream: proxies that hold the first 1 to 2 KiB back."""

STREAM_RETRY_S = 2.0
"""A browser whose stream broke comes back after so long, give or take half of it."""

POLL_WAIT_S_MAX = 57.0
"""A poll waits at most so long: the usual idle timeout of proxies is 60 s. Clients begin with 25,
since the shortest are 30 s, and go back to that where a longer wait was cut."""

POLL_STATES_S = 1.0
"""A changed state ends a poll's wait, but not before so long: 1,000 pollers of a busy tally
are 1,000 calls a second, not 5,000. An event ends it at once."""

POLL_SEAT_S = 75.0
"""Credentials of somebody who polls are looked up again after so long, which is longer than a poll
may wait, so that the next one finds its seat; a revocation is told to the room at once, as it is
for sockets."""

POLL_SEATS_MAX = 20_000
"""Seats of one room on a node; whoever has none is looked up at every poll."""

POLL_PRESENCE_S = 10.0
"""Who polls is counted as present for so long after the last poll: the way back and forth."""

STATES_PER_SECOND = 5
"""Conflated `state` messages of one name per room and second."""

CONFIDENCE_INTERVAL_S = 1.0
"""Between two `confidence` states of one entry: a list has thirty entries, and when a song ends a
whole audience rates. Thirty a second are 6 kB to each phone."""

PULSE_INTERVAL_S = 1.0
"""Between two `pulse` states: nobody reads votes a second faster than once a second."""

REACH_S = 1.0
"""How long a read, or somebody who saw more on another node, waits for this one to get there."""

HEAL_INTERVAL_S = 2.0
SLOW_CONSUMER_ABORT_S = 2.0
"""After a close frame that is not taken, the transport is aborted."""

ROOM_IDLE_UNLOAD_S = 60.0
TURN_LOCK_TIMEOUT_MS = 900
"""Longer than a stalled holder may keep the lock: whoever waits for that one gets it."""

TURN_IDLE_IN_TRANSACTION_MS = 600
"""A node that stalls while it holds a room's lock loses it within a second."""

APPEND_RETRIES_MAX = 5
"""Tries to learn the outcome of one append whose commit is unknown, before the room reloads."""

LOST_RACES_BEFORE_LOCK = 2

# --- texts from phones --------------------------------------------------------------------
SMS_CHOICE_CHARACTERS_MAX = 320
"""A text that may be a choice: two segments, or a ballot that names ten songs in full."""

SMS_CODE_CHARACTERS_MAX = 12
"""A code as it is told back to whoever typed it; codes have six."""

SMS_BODY_CHARACTERS_MAX = 1_600
"""Of a text that came in; carriers deliver no longer ones."""

SMS_REPLIES_PER_PHONE_S = 6.0
"""Seconds after which a phone is answered once more: two machines must not answer each other."""

SMS_REPLIES_PER_PHONE_BURST = 12
"""Answers at once: a whole night's words of somebody who tries everything out."""

SMS_PACED_PHONES_MAX = 50_000
"""Phones whose pace is remembered, per node."""

SMS_RECEIPTS_AHEAD_S = 8.0
"""How far ahead a number's turns may lie for a receipt to be given: later ones tell nobody
anything. Less than `TURN_AHEAD_S`, so that messages still find a turn while receipts are shed."""

SMS_RECEIPTS_LEARN_S = 0.05
"""So often a node says what it has answered, and hears how far ahead the number's turns lie."""

SMS_RECEIPTS_UNLEARNT_S = 0.25
"""A node gives receipts for so much of a number's time before it has heard what others gave."""

SMS_RECEIPTS_UNLEARNT_MIN = 3
"""But at least so many, where a number takes one a second."""

SMS_RETRY_S = 8.0
"""How long the door itself says a command again before it asks the carrier to: Twilio gives up
on a webhook after 15 s."""

CONFIRM_CODE_S = 15 * 60
"""How long a code that the app shows can be texted."""

CONFIRM_LINK_S = 24 * 3600
"""How long the link in a text can be tapped: the night, and the morning after."""

SMS_CANDIDATES_MAX = 3
"""Options that an unclear text is asked about; more than one segment holds with their names."""

# --- archives and suggestions ------------------------------------------------------------
ARCHIVE_BYTES_MAX = 256 * 1024 * 1024
"""One archive file, decompressed: fifty times the largest known, and no bomb."""

# --- fan-out ------------------------------------------------------------------------------
FANOUT_SLICE_RECEIVERS = 128
"""Receivers written to before other rooms and sockets get their turn: about 1 ms. A line of a small
room takes about six turns of the loop, and waits for one slice of a large room in each."""

POLLS_ANSWERED_PER_TURN = 4
"""Waiting polls whose wait ends in one turn of the loop: an answer is a whole call, some 0.3 ms."""

FANOUT_UNIT_BYTES = 16 * 1024
"""A write of so many bytes counts as one receiver more in a slice: by then copying costs as much
as the system call."""

STATE_SLOTS_MAX = 2_048
"""State keys whose last sending is remembered; older ones are forgotten, not unsent."""

AWARENESS_EDITORS_MAX = 64
"""Editors whose cursors a room shows. More would be noise to people and load to phones."""

FREE_FRAMES_PER_SECOND = 100
FREE_FRAMES_BURST = 1_000
"""Binary messages of one socket that nothing else bounds: awareness, empty updates. A pointer moves
60 times a second. Beyond, reading pauses: they cost their sender nothing, and have no answer that
would slow it down."""

AWARENESS_FRAMES_PER_SECOND = 20
"""Awareness frames read from one socket; the rest is dropped unread."""

AWARENESS_SILENCE_S = 40.0
"""Another node's editor who says nothing for so long has left; providers renew every 15 s."""

SETLIST_BYTES_IN_FLIGHT_MAX = 2 * 1024 * 1024
"""Yjs updates of one socket that are not durable yet; beyond, reading from it pauses."""

EARLY_UPDATES_WAIT_S = 1.0
"""Updates that arrive before the socket's first sync step 2 wait so long for it: they may build
on edits made offline that only the step 2 holds."""

ALLOWANCES_KEPT = 20_000
"""Participants whose rate limits are remembered; those who were quiet are forgotten first."""

SYNC_REQUESTS_PER_SECOND = 2
SYNC_REQUESTS_BURST = 10
"""Sync step 1 frames per socket; each costs up to a document of answer."""

SUGGESTIONS_MAX = 50
"""Songs in one answer."""

SUGGESTION_MODEL_BYTES_MAX = 64 * 1024 * 1024
"""One artist's model, decompressed; the largest known has 4 MiB."""

# --- effects (outbox) ---------------------------------------------------------------------
EFFECT_TIMEOUT_S = 120.0
"""What delivering one effect may take; the longest known takes a second."""

EFFECT_LEASE_S = 150.0
"""How long a worker that died keeps an effect from the others: longer than it may take."""

EFFECT_FINISH_S = 3.0
"""What an effect under way may still take when its worker stops; then its lease runs out."""

EFFECT_RETRY_FIRST_S = 2.0
EFFECT_RETRY_LAST_S = 3600.0
EFFECT_ATTEMPTS_MAX = 20
"""Tries over at least five hours: an outage of an evening is waited out. Then it is dead."""

EFFECT_ERROR_CHARACTERS_MAX = 300
EFFECTS_AT_ONCE = 3
"""Effects that one worker delivers at the same time; each may hold a database connection."""

OUTBOX_SCAN_S = 5.0
"""The outbox is looked at so often even without a nudge: one indexed query."""

# --- performances -------------------------------------------------------------------------
REVIEW_CANDIDATES_MAX = 5
"""Songs that a review proposes; the right one is nearly always among the first three."""

CATALOGUE_SONGS_MAX = 5_000
"""Songs of one artist that a setlist is matched against. The largest known has 1,600."""

SONGS_PAGE_MAX = 200
REVIEWS_PAGE_MAX = 100
REVIEW_REASON_CHARACTERS_MAX = 300

# --- sandbox ------------------------------------------------------------------------------
SANDBOX_PHONES_PER_ACCOUNT = 12
"""Simulated phones that somebody looks at side by side."""

SANDBOX_CROWD_PER_ACCOUNT = 100
"""Further ones that vote as a crowd: more would need more numbers than are kept for fiction."""

SANDBOX_PHONE_NAME_CHARACTERS_MAX = 40
SANDBOX_MESSAGES_PER_PHONE = 200
"""Texts that one simulated phone keeps; the oldest go."""

SANDBOX_MESSAGES_PAGE_MAX = 1_000
"""Twilio's own largest page, in messages."""

SANDBOX_CHANGES_MAX = 500
"""Changed texts in one answer; what is more comes with the next."""

SANDBOX_WAIT_S_MAX = 25.0
"""How long a look for changed texts waits, as other polls do."""

SANDBOX_MAIL_BYTES_MAX = 1024 * 1024
"""One mail as it would have gone out. Ours are under 100 KiB."""

SANDBOX_MAIL_PAGE_MAX = 50
SANDBOX_SUBJECT_CHARACTERS_MAX = 500
"""What is kept of a subject for lists."""

TEXT_CHARACTERS_MAX = 1_600
"""One text message: what Twilio takes and delivers, in ten or more segments."""

# --- mail -----------------------------------------------------------------------------------
MAIL_NIGHT_KEPT_S = 60.0
"""What came of a show is read anew after so long: a recap goes to thousands, at ten a second."""

MAIL_NIGHTS_KEPT_MAX = 16
"""Shows of which it is kept, per worker: as many as end on the same evening and are told of."""

MAIL_ROUNDS_MAX = 20
"""Rounds in a mail of results; Gmail cuts off what is beyond 102 kB of HTML."""

MAIL_OPTIONS_MAX = 8
"""Options shown of one round, the best first."""

MAIL_DIGEST_LIST_MAX = 6
"""Shows, nights or messages in one list of a digest: more is not read."""

# --- messages -----------------------------------------------------------------------------
MESSAGES_KEPT_BACK = 2
"""Of the messages that a person was promised of one show (`rooms.sms.consent`), for the results
and the recap, which everybody is to get: crew has the others."""

BROADCAST_CHARACTERS_MAX = 640
"""Crew's own text, in one language: four segments of plain letters, and of emoji ten."""

BROADCAST_SEGMENTS_MAX = 6
"""Segments of one text with its variables filled in. Carriers take ten, and people none."""

BROADCAST_RECIPIENTS_MAX = 100_000
"""People of one broadcast: twice the largest audience of one night."""

BROADCASTS_PER_SHOW = 100
"""Broadcasts of one show: beyond, something runs away."""

EXPANSION_MESSAGES = 500
"""Messages that a broadcast is turned into at once: one transaction of about 50 ms."""

MESSAGES_PAGE_MAX = 200
MESSAGES_LEASED_MAX = 60
"""Messages that one worker has leased of one sender: half a second of the fastest number."""

MESSAGES_AHEAD_S = 5.0
"""A worker leases no more than its number can send in so long, so that no lease ends unused."""

MESSAGE_LEASE_S = 25.0
"""How long a worker that died keeps a message from others: longer than waiting for a turn
(`TURN_AHEAD_S`) and handing it over (`CARRIER_TIMEOUT_S`) take."""

TURN_AHEAD_S = 10.0
"""A turn further ahead than this is not taken: the message goes back and comes again."""

CARRIER_TIMEOUT_S = 10.0
"""One call of a carrier; Twilio answers in 0.1 to 0.5 s."""

CARRIER_ANSWER_BYTES_MAX = 2 * 1024 * 1024
"""One answer of a carrier: a page of 1,000 messages is 1 MiB."""

LOOKUP_AFTER_S = 20.0
"""A message that the carrier does not list is not sent again before so long after its hand-over:
lists lag behind."""

LOOKUP_EVERY_S_MAX = 900.0
"""A message in doubt is looked up at least so often while the carrier cannot be asked."""

LOOKUP_MESSAGES = 50
"""The newest messages to a number among which a lost one is looked for: weeks of ours."""

MESSAGE_RETRY_FIRST_S = 2.0
MESSAGE_RETRY_LAST_S = 300.0
MESSAGE_ATTEMPTS_MAX = 8
"""Tries of one message, over ten minutes at least. Then it has failed."""

SENDER_PAUSE_S = 0.5
SENDER_PAUSE_MAX_S = 30.0
"""A number whose carrier says "too many", or nothing at all, is left alone for so long: doubled
each time that it does not help."""

LOCAL_SHARE = 4
"""Without Redis nobody knows what the others send: each worker takes this part of a number's
throughput. Four workers together then keep to it."""

MESSAGES_SCAN_S = 1.0
"""The queue is looked at so often even without a nudge: one indexed query for each number."""

CALLBACK_KEPT_DAYS = 3
"""What a carrier said of messages that never became known; and how long a doubt lasts before it is
given up: nobody wants a text three days late."""

MESSAGE_TEXTS_KEPT_DAYS = 90
"""Texts of messages; afterwards there is only that something was sent. Disputes of bills and
complaints take weeks."""

RECONCILED_MESSAGES_MAX = 200_000
"""Messages of one day and number that are compared; beyond, the comparison is incomplete."""

RECONCILIATION_DIFFERENCES_MAX = 100
"""Differences that are kept with a comparison, to be looked at; all are counted."""

MAIL_CONNECTIONS_MAX = 4
"""Connections of one worker to the mail server; submission servers allow ten to twenty each."""

MAIL_PER_CONNECTION_MAX = 100
"""Mails over one connection, as many servers allow; then a new one is opened."""

MAIL_IDLE_S = 20.0
"""A connection that was not used for so long is closed. Servers wait five minutes (RFC 5321
§4.5.3.2.7), some much less."""

MAIL_GOODBYE_S = 1.0

MAIL_COLLECTED_MAX = 60
"""What one digest tells of mails that waited, before it is cut down to its lists."""

MAIL_JOB_MAX = 500
"""Digests, welcomes or notices that one run of a job, or one transaction, queues."""

MAIL_CODE_CHARACTERS_MAX = 32
"""Of a mail server's code, as the column has it: ``5.1.10`` is a long one."""

ANNOUNCED_TOGETHER_MAX = 500
"""Tickets in one message to the other nodes: about 20 KB."""
