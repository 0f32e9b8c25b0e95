/** Every bound of the client, with its unit and the reason for its size. */

/** Commands kept for a room that cannot be reached; an evening without a signal fits. */
export const OUTBOX_COMMANDS_MAX = 200;

/** Commands sent at once when the socket is back, below the server's burst of 40. */
export const OUTBOX_BURST = 30;

/** Pause between two bursts, in milliseconds: 20 commands a second are allowed. */
export const OUTBOX_PAUSE_MS = 1_600;

/** Chat lines held on the page; the server's snapshot has as many. */
export const CHAT_MESSAGES_KEPT = 100;

/** First pause before the socket is opened again, in milliseconds. */
export const BACKOFF_FIRST_MS = 400;

/** Longest pause before the socket is opened again, in milliseconds. */
export const BACKOFF_MAX_MS = 20_000;

/** A connection that lived so long after its welcome worked, in milliseconds: the pauses begin anew. */
export const SETTLED_MS = 1_000;

/** Attempts that fail in a row before the page says "offline" instead of "reconnecting". */
export const ATTEMPTS_BEFORE_OFFLINE = 4;

/** How long a socket may take from its first byte to `welcome`, in milliseconds. */
export const WELCOME_TIMEOUT_MS = 15_000;

/** How long the browser's database may take to open, in milliseconds; then we go without it. */
export const STORAGE_TIMEOUT_MS = 2_000;

/** A position may not be longer than this, in bytes; the server rebalances before that. */
export const POSITION_BYTES_MAX = 64;


/** Characters of an entry's texts. */
export const TITLE_CHARACTERS_MAX = 200;
export const ARTIST_CHARACTERS_MAX = 200;
export const GUESTS_CHARACTERS_MAX = 200;
export const NOTE_CHARACTERS_MAX = 500;
export const CHAT_CHARACTERS_MAX = 500;

/** Characters of a person's name, as the server allows them. */
export const DISPLAY_NAME_CHARACTERS_MAX = 60;

/** Undecided song requests of one person in one queue; the server counts them as well. */
export const SONG_REQUESTS_PER_PARTICIPANT = 5;

/** Characters of the reason why a song request was declined. */
export const REASON_CHARACTERS_MAX = 200;

/** How long a socket or a poll may take to its welcome, in milliseconds; then it is blocked. */
export const CONNECT_TIMEOUT_MS = 8_000;

/** How long a stream may take to its welcome, in milliseconds: the server says it at once. */
export const STREAM_WELCOME_TIMEOUT_MS = 6_000;

/** A stream says something every 15 s; after so long, in milliseconds, it is dead or held back. */
export const STREAM_SILENCE_MS = 35_000;

/** Of a change that the server acknowledged, a stream must have told after this, in milliseconds. */
export const STREAM_LATE_MS = 8_000;

/** What a poll waits for news at first, in seconds: the shortest idle timeouts of proxies are 30 s. */
export const POLL_WAIT_S = 25;

/** And once that has held, in seconds; the server's most. The usual idle timeout of proxies is 60 s. */
export const POLL_LONG_WAIT_S = 57;

/** How much longer than its wait a poll may take, in milliseconds; then it is dead. */
export const POLL_SLACK_MS = 15_000;

/** Pause between two polls that both had news, in milliseconds: two a second are answered. */
export const POLL_PAUSE_MS = 500;

/** One update by POST, in bytes, as the server takes it. */
export const POSTED_UPDATE_BYTES_MAX = 64 * 1024;

/** Any other call may take so long, in milliseconds. */
export const CALL_TIMEOUT_MS = 20_000;

/** Changes of the setlist that come within this, in milliseconds, are fetched together. */
export const PULL_PAUSE_MS = 150;

/** A connection that breaks off sooner than this, in milliseconds, was hardly one. */
export const SHORT_LIFE_MS = 5_000;

/** After so long, in milliseconds, a way has shown that it works here. */
export const STEADY_LIFE_MS = 60_000;

/** A network that blocks sockets is remembered for so long, in milliseconds: a hotel's evening. */
export const WAY_KEPT_MS = 30 * 60_000;

/** First and longest pause before a socket is tried beside a slower way, in milliseconds. */
export const WAY_PROBE_FIRST_MS = 30_000;
export const WAY_PROBE_MAX_MS = 15 * 60_000;

/** Commands that were refused after they had waited, kept for the person to read. */
export const OUTBOX_REFUSALS_KEPT = 20;

/** A refusal that comes sooner after the tap than this, in milliseconds, is said once and gone. */
export const OUTBOX_TOLD_AT_ONCE_MS = 5_000;

/** How long commands are worth sending late, in seconds: a line of chat, a wish, crew's deeds. */
export const CHAT_WORTH_S = 15 * 60;
export const REQUEST_WORTH_S = 3 * 3600;
export const DEED_WORTH_S = 2 * 60;

/** Rooms that open without a network: a season of nights, a megabyte. */
export const SAVED_ROOMS_MAX = 10;

/** An open room is kept for offline at most so often, in milliseconds. */
export const ROOM_SAVED_EVERY_MS = 30_000;
