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

/** Undecided song requests of one person in one queue; the server counts them as well. */
export const SONG_REQUESTS_PER_PARTICIPANT = 5;

/** Characters of the reason why a song request was declined. */
export const REASON_CHARACTERS_MAX = 200;
