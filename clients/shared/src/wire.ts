// Generated from the server's structs by `python -m server.schemas --write`. Do not edit.

/** RFC 3339, UTC. */
export type Timestamp = string;

export const SUBPROTOCOL = "setroom.v1";
export const PROTOCOL_VERSION = 1;
export const REACTIONS = ["love", "fire", "clap", "wow", "sing", "tears"] as const;
export const CLOSE_CODES = {
  going_away: 1001,
  invalid_data: 1007,
  internal_error: 1011,
  restarting: 1012,
  try_later: 1013,
  too_slow: 4008,
  replaced: 4009,
  role_changed: 4010,
  too_many: 4029,
  ticket_expired: 4401,
  not_allowed: 4403,
  no_such_room: 4404,
  removed: 4410,
  too_large: 4413,
} as const;

/** ``you`` in ``welcome``: who this socket is, and what it may do. */
export interface You {
  participant_id: string;
  role: string;
  can: readonly string[];
  display_name: string;
  guest: boolean;
  admitted: boolean;
  ballots: readonly OwnBallot[];
  upvotes: readonly string[];
  ratings: Readonly<Record<string, number>>;
  muted_until: Timestamp | null;
  display: DisplayKind | null;
  held: readonly OwnHeldChat[];
}

/** The participant's own current choice in a round. */
export interface OwnBallot {
  round_id: string;
  picks: readonly Pick[];
}

/** One chosen option. ``value``: points, or ±1 (``updown``); otherwise absent. */
export interface Pick {
  option_id: string;
  value?: number | null;
}

/** What a display is for: the tablet on an amp, or the venue's projector. */
export type DisplayKind = "stage" | "big_screen";

/** A line of one's own that waits for crew. */
export interface OwnHeldChat {
  chat_message_id: string;
  text: string;
  at: Timestamp;
}

/** ``state`` of a ``welcome`` that is not ``recovered``. */
export interface RoomSnapshot {
  show: ShowFacts;
  setlist: SetlistView;
  rounds: readonly RoundView[];
  chat: readonly ChatView[];
  slow_mode_interval_s: number;
  head_count: HeadCount;
  reactions: ReactionCounts;
  song_requests: readonly SongRequests[];
  leaderboard: Leaderboard;
  confidence: readonly Confidence[];
  now_playing: NowPlaying | null;
  announcement: Announcement | null;
  sealed: boolean;
  moderation: Moderation | null;
  pulse: Pulse | null;
  acts: Readonly<Record<string, Act>> | null;
}

/** What a room shows of its show. Times are UTC. ``takes_sms``: fans may vote by SMS. ``time_zone``: the venue's, by its IANA name, where its city is known. */
export interface ShowFacts {
  show_id: string;
  slug: string;
  title: string;
  status: ShowStatus;
  access: Access;
  starts_at: Timestamp;
  artists: readonly string[];
  venue: string | null;
  city: string | null;
  country: string | null;
  takes_sms: boolean;
  time_zone: string | null;
}

/** ``draft → published → live → closed → archived``; ``cancelled`` from the first three. */
export type ShowStatus = "draft" | "published" | "live" | "closed" | "archived" | "cancelled";

/** ``public``; ``private``: code or invitation; ``hybrid``: watch freely, vote with a code. */
export type Access = "public" | "private" | "hybrid";

/** The setlist for clients without Yjs, in playing order. */
export interface SetlistView {
  locked: boolean;
  entries: readonly (Readonly<Record<string, unknown>>)[];
}

/** A round as one audience sees it. */
export interface RoundView {
  round_id: string;
  status: string;
  config: VoteConfig;
  config_hash: string;
  opened_at?: Timestamp | null;
  closes_at?: Timestamp | null;
  closed_at?: Timestamp | null;
  result?: RoundResult | null;
  tally?: Tally | null;
  seed_hash?: string | null;
  runoff_of?: string | null;
  stage_of?: string | null;
  stage?: number;
  supersedes?: string | null;
  superseded_by?: string | null;
}

/** How one round works. ``v`` is the version of this shape. */
export interface VoteConfig {
  title: string;
  options: readonly Option[];
  v: number;
  type: VoteType;
  pick: PickRule;
  tally: TallyRule;
  window: Window;
  change: Change;
  visibility: Visibility;
  tie: readonly TieRule[];
  quorum: number;
  who: Who;
  fraud: Fraud;
}

/** One choice. ``code`` is what an SMS says; ``song_id`` or ``entry_id`` ties it to a song. */
export interface Option {
  id: string;
  label: string;
  code?: string | null;
  song_id?: string | null;
  entry_id?: string | null;
}

/** How a participant chooses. */
export type VoteType = "single" | "approval" | "ranked" | "points" | "updown" | "bracket" | "queue" | "weighted";

/** How many options a ballot names; ``budget`` in points, for ``points``. */
export interface PickRule {
  min: number;
  max: number;
  budget: number | null;
}

/** Method and weights. */
export interface TallyRule {
  method: TallyMethod;
  weights: Weights;
}

/** How ballots become a result. */
export type TallyMethod = "plurality" | "approval" | "borda" | "irv" | "sum" | "net";

/** Integer weight of each class of voter; 0 leaves a class out. */
export interface Weights {
  audience: number;
  artist: number;
  jury: number;
}

/** Seconds a round is open, the grace for SMS after it, and how far it may be extended. */
export interface Window {
  duration_s: number | null;
  sms_grace_s: number;
  extend_max_s: number;
}

/** Whether a ballot may be changed. */
export type Change = "until_close" | "never";

/** Who may see the tally before the result is published. Crew always may. */
export type Visibility = "always" | "after_vote" | "on_close" | "manual" | "never";

/** Applied in the order given until one winner is left; without rules a tie stays a tie. */
export type TieRule = "runoff" | "artist" | "seeded_random";

/** Who may vote. */
export interface Who {
  channels: readonly string[];
  identity: Identity;
  attendance: Attendance;
}

/** What a voter must be known by. */
export type Identity = "attendee" | "device" | "phone" | "account";

/** Whether a voter must be at the show. */
export type Attendance = "any" | "checked_in";

/** Votes a minute (changes included) from one participant before they are refused. */
export interface Fraud {
  rate_per_min: number;
}

/** The final count of a round: votes and voters, the configuration's hash, any seed. */
export interface RoundResult {
  options: Readonly<Record<string, number>>;
  votes: number;
  voters: number;
  winners: readonly string[];
  config_hash: string;
  quorum_met?: boolean;
  seed?: string | null;
  tied?: readonly string[];
  tie_rule?: string | null;
  elimination?: readonly Elimination[];
  classes?: Readonly<Record<string, ClassCount>>;
  channels?: Readonly<Record<string, number>>;
  matches?: readonly Match[];
  labels?: Readonly<Record<string, string>>;
  next_round_id?: string | null;
  supporters?: Readonly<Record<string, number>>;
  held?: number;
}

/** One counting round of an instant runoff: ballots per option still in, and who leaves. */
export interface Elimination {
  counts: Readonly<Record<string, number>>;
  eliminated: readonly string[];
  exhausted: number;
}

/** What one class of voters (``audience``, ``artist``, ``jury``) or channel gave. */
export interface ClassCount {
  options: Readonly<Record<string, number>>;
  votes: number;
  voters: number;
}

/** One pairing of a bracket's stage. ``winner`` is absent on a tie that is not broken. */
export interface Match {
  options: readonly string[];
  counts: Readonly<Record<string, number>>;
  winner?: string | null;
}

/** ``tally`` data: votes per option id, votes and voters in all. */
export interface Tally {
  round_id: string;
  options: Readonly<Record<string, number>>;
  votes: number;
  voters: number;
}

/** A chat line in the snapshot. */
export interface ChatView {
  chat_message_id: string;
  participant_id: string;
  display_name: string;
  role: string;
  text: string;
  at: Timestamp;
}

/** ``head_count`` data: distinct participants connected, all nodes together. */
export interface HeadCount {
  participants: number;
}

/** ``reactions`` data: reactions since the show began, by kind. */
export interface ReactionCounts {
  counts: Readonly<Record<string, number>>;
}

/** ``song_requests`` data: one queue in the order in which it is fair to play it. */
export interface SongRequests {
  round_id: string;
  requests: readonly SongRequestView[];
  waiting: number;
}

/** One wish in a queue. */
export interface SongRequestView {
  song_request_id: string;
  participant_id: string;
  display_name: string;
  title: string;
  status: string;
  requested_at: Timestamp;
  upvotes?: number | null;
  rank?: number | null;
  song_id?: string | null;
  reason?: string | null;
  entry_id?: string | null;
  already_played?: boolean;
}

/** ``leaderboard`` data: over all rounds of the show whose result this audience may see. */
export interface Leaderboard {
  entries: readonly LeaderboardEntry[];
  rounds: number;
  votes: number;
  voters: number;
}

/** A song's standing over rounds. Equal scores share a ``rank`` (1, 1, 3). */
export interface LeaderboardEntry {
  rank: number;
  label: string;
  votes: number;
  voters: number;
  rounds: number;
  wins: number;
  song_id?: string | null;
}

/** ``confidence`` data: how sure an entry is. The rule stands in ``docs/accuracy.md``. */
export interface Confidence {
  entry_id: string;
  confidence: number;
  state: string;
  up: number;
  down: number;
  weight: number;
  confirmed_by_crew?: boolean;
  sealed?: boolean;
}

/** The entry being played, since when. */
export interface NowPlaying {
  entry_id: string;
  title: string;
  at: Timestamp;
}

/** The newest announcement. */
export interface Announcement {
  text: string;
  display_name: string;
  at: Timestamp;
  announcement_id: string;
}

/** ``moderation`` in the crew's snapshot. */
export interface Moderation {
  held: readonly HeldChat[];
  reports: readonly ReportedChat[];
  word_filter: WordFilter;
  muted: readonly MutedParticipant[];
  removed: readonly RemovedParticipant[];
}

/** A line that only crew and its author know of, until crew releases or removes it. */
export interface HeldChat {
  chat_message_id: string;
  participant_id: string;
  display_name: string;
  role: string;
  text: string;
  matched: readonly string[];
  at: Timestamp;
}

/** A line that people reported. Who they were is told to nobody. */
export interface ReportedChat {
  chat_message_id: string;
  participant_id: string;
  reports: number;
  reasons: Readonly<Record<string, number>>;
  at: Timestamp;
  display_name?: string;
  text?: string;
}

/** The show's word filter. */
export interface WordFilter {
  mode: WordFilterMode;
  words: readonly string[];
}

/** What becomes of a fan's line with a word of the lists: nothing, or it waits for crew. */
export type WordFilterMode = "off" | "hold";

/** Somebody who may not chat for now. */
export interface MutedParticipant {
  participant_id: string;
  display_name: string;
  until: Timestamp;
  by?: Actor | null;
}

/** Who did something, under the name they had then. */
export interface Actor {
  participant_id: string;
  display_name: string;
}

/** Somebody who was removed from the room. */
export interface RemovedParticipant {
  participant_id: string;
  display_name: string;
  at: Timestamp;
  by?: Actor | null;
}

/** ``pulse`` data: crew alone, at most once a second, and only when it changed. */
export interface Pulse {
  votes_per_s: number;
  channels: ChannelVoters;
  participants: number;
  connections: Doors;
  nodes: number;
  round_id?: string | null;
}

/** Voters of a round by the channel that they voted through. */
export interface ChannelVoters {
  web: number;
  sms: number;
}

/** Connections by door. One person may have several, and who polls has none: it is counted by head. */
export interface Doors {
  socket: number;
  stream: number;
  poll: number;
}

/** What was last done to something. */
export interface Act {
  what: string;
  at: Timestamp;
  seq: number;
  by?: Actor | null;
}

/** The command is durable. ``seq`` is information; only events move a client's place. */
export interface Ack {
  t: "ack";
  command_id: string;
  seq: number;
  data: Readonly<Record<string, unknown>>;
}

/** The command was not carried out. */
export interface Reject {
  t: "reject";
  command_id: string;
  code: string;
  detail: string;
  retryable: boolean;
  retry_after_s: number | null;
  meanwhile?: Act | null;
}

/** The first ``received`` Yjs updates of this socket are durable. */
export interface SetlistSaved {
  t: "setlist_saved";
  seq: number;
  received: number;
}

/** Entries of this socket's update that were repaired, and why. */
export interface SetlistRefused {
  t: "setlist_refused";
  seq: number;
  code: string;
  entries: readonly string[];
  detail: string;
}

/** ``crew_only``: something that concerns the crew alone. It says nothing, and moves a place in the log. */
export type CrewOnly = Record<string, never>;

/** ``chat_posted``. ``released_by``: told to crew, of a line that was held. */
export interface ChatPosted {
  chat_message_id: string;
  participant_id: string;
  display_name: string;
  text: string;
  role?: string;
  released_by?: Actor | null;
}

/** ``chat_removed``: by its author or by crew. A line that was held is in no one's chat; its author learns that it will not be posted. */
export interface ChatRemoved {
  chat_message_id: string;
  removed_by: string;
  by?: Actor | null;
}

/** ``chat_held``: a line waits for crew. ``matched``: what it was held for. */
export interface ChatHeld {
  chat_message_id: string;
  participant_id: string;
  display_name: string;
  text: string;
  matched: readonly string[];
  role?: string;
}

/** ``chat_reported``: how many people reported a line, and why. Who they are is told to nobody. */
export interface ChatReported {
  chat_message_id: string;
  participant_id: string;
  reason: string;
  reports: number;
  reasons: Readonly<Record<string, number>>;
  display_name?: string;
  text?: string;
}

/** ``chat_reports_dismissed``: crew looked at the line, and it stays. */
export interface ChatReportsDismissed {
  chat_message_id: string;
  by?: Actor | null;
}

/** ``word_filter_set``: ``words`` are all of the crew's own. */
export interface WordFilterSet {
  mode: WordFilterMode;
  words?: readonly string[];
  by?: Actor | null;
}

/** ``round_opened``: votes count until ``closes_at`` (``None``: until closed by hand). */
export interface RoundOpened {
  round_id: string;
  config: VoteConfig;
  config_hash: string;
  opened_at: Timestamp;
  closes_at?: Timestamp | null;
  seed_hash?: string | null;
  runoff_of?: string | null;
  stage_of?: string | null;
  stage?: number;
  supersedes?: string | null;
  by?: Actor | null;
}

/** ``round_extended``. */
export interface RoundExtended {
  round_id: string;
  closes_at: Timestamp;
  by?: Actor | null;
}

/** ``round_grace_started``: votes count on until ``until``, by SMS only. */
export interface RoundGraceStarted {
  round_id: string;
  until: Timestamp;
}

/** ``round_closed``: ``result`` only where everybody may see it. */
export interface RoundClosed {
  round_id: string;
  closed_at: Timestamp;
  result?: RoundResult | null;
  by?: Actor | null;
}

/** ``round_revealed``: the result of a round that was hidden. */
export interface RoundRevealed {
  round_id: string;
  result?: RoundResult | null;
  by?: Actor | null;
}

/** ``round_tie_decided``: the artist chose; ``result`` only where everybody may see it. */
export interface RoundTieDecided {
  round_id: string;
  option_id?: string | null;
  result?: RoundResult | null;
  by?: Actor | null;
}

/** ``round_superseded``: corrected by another round; its votes count for nothing. */
export interface RoundSuperseded {
  round_id: string;
  by_round_id: string;
  reason?: string;
  by?: Actor | null;
}

/** ``round_cancelled``: taken away without a result. */
export interface RoundCancelled {
  round_id: string;
  by?: Actor | null;
}

/** ``jury_set``: how many jurors; who they are is for crew (``crew_data``). */
export interface JurySet {
  jurors: number;
  participant_ids?: readonly string[];
  by?: Actor | null;
}

/** ``song_requested``: a new wish in a queue; its author's support is counted with it. */
export interface SongRequested {
  song_request_id: string;
  participant_id: string;
  display_name: string;
  title: string;
  song_id?: string | null;
  round_id?: string | null;
}

/** ``song_request_marked``: what crew did with a wish. ``requested_by`` is who is told. */
export interface SongRequestMarked {
  song_request_id: string;
  status: string;
  title: string;
  requested_by: string;
  marked_by: string;
  reason?: string;
  entry_id?: string | null;
  by?: Actor | null;
}

/** ``entry_confirmed``: crew or a curator vouch for an entry, or no longer do. */
export interface EntryConfirmed {
  entry_id: string;
  participant_id: string;
  confirmed?: boolean;
  by?: Actor | null;
}

/** ``setlist_sealed``: the artist says that this is what was played. */
export interface SetlistSealed {
  participant_id: string;
  entry_ids?: readonly string[];
  by?: Actor | null;
}

/** ``setlist_unsealed``. */
export interface SetlistUnsealed {
  participant_id: string;
  by?: Actor | null;
}

/** ``setlist_changed``: who changed which entries. The Yjs update lies beside it. */
export interface SetlistChanged {
  participant_id: string;
  display_name: string;
  entries: readonly EntryChanged[];
  cause?: string | null;
  to_seq?: number | null;
  of_seq?: number | null;
}

/** One setlist entry in ``setlist_changed``. */
export interface EntryChanged {
  entry_id: string;
  kind: string;
  before?: Readonly<Record<string, unknown>> | null;
  after?: Readonly<Record<string, unknown>> | null;
}

/** ``setlist_locked``. */
export interface SetlistLocked {
  participant_id: string;
  by?: Actor | null;
}

/** ``setlist_unlocked``. */
export interface SetlistUnlocked {
  participant_id: string;
  by?: Actor | null;
}

/** ``now_playing_changed``: ``entry_id`` absent when nothing is being played. */
export interface NowPlayingChanged {
  participant_id: string;
  entry_id?: string | null;
  title?: string | null;
  by?: Actor | null;
}

/** ``announcement_posted``. */
export interface AnnouncementPosted {
  participant_id: string;
  display_name: string;
  text: string;
  announcement_id?: string;
}

/** ``announcement_withdrawn``: the one that stood is taken down. */
export interface AnnouncementWithdrawn {
  announcement_id: string;
  by?: Actor | null;
}

/** ``participant_muted``: until ``until``; without it, for good. ``lifted``: may speak again. */
export interface ParticipantMuted {
  participant_id: string;
  until?: Timestamp | null;
  lifted?: boolean;
  display_name?: string;
  by?: Actor | null;
}

/** ``participant_removed``. ``display_name``: told to crew. */
export interface ParticipantRemoved {
  participant_id: string;
  display_name?: string;
  by?: Actor | null;
}

/** ``participant_readmitted``: may come in again. ``display_name``: told to crew. */
export interface ParticipantReadmitted {
  participant_id: string;
  display_name?: string;
  by?: Actor | null;
}

/** ``participants_linked``: two participants are one person; what ``participant_id`` said is ``merged_into``'s from now on. */
export interface ParticipantsLinked {
  participant_id: string;
  merged_into: string;
}

/** ``slow_mode_set``: one line per fan in ``interval_s`` seconds; 0 is off. */
export interface SlowModeSet {
  interval_s: number;
  by?: Actor | null;
}

/** ``show_status_changed``. */
export interface ShowStatusChanged {
  status: ShowStatus;
  previous: ShowStatus;
  by?: Actor | null;
}

/** Why a line was reported. */
export type ReportReason = "abuse" | "hate" | "sexual" | "threat" | "spam" | "other";

/** Arguments of every command, by its name. */
export interface CommandArgs {
  /** Sets the participant's ballot in a round; the last valid one counts. */
  cast_vote: { round_id: string; picks: readonly Pick[]; };
  /** Takes the participant's ballot back while the round is open. */
  withdraw_vote: { round_id: string; };
  /** Posts one chat line. Plain text: links stay text. */
  post_chat: { text: string; };
  /** Removes a chat line, one that is held included: one's own, or any by crew. */
  remove_chat: { chat_message_id: string; };
  /** Crew posts a held line, in its author's name and under the same id. */
  release_chat: { chat_message_id: string; };
  /** Tells crew of somebody else's chat line. One report per person and line. */
  report_chat: { chat_message_id: string; reason?: ReportReason; };
  /** Crew looked at a reported line and leaves it; later reports count anew. */
  dismiss_chat_reports: { chat_message_id: string; };
  /** Whether fans' lines with words of the lists are held; ``words``: the crew's own words and phrases, replaced as a whole where given. */
  set_word_filter: { mode: WordFilterMode; words?: readonly string[] | null; };
  /** One reaction, counted and conflated. Kinds are fixed: see `rooms.states.REACTIONS`. */
  react: { kind: string; };
  /** Names the setlist entry that is being played; ``None`` for nothing. */
  set_now_playing: { entry_id?: string | null; };
  /** From now on only crew edits the setlist. */
  lock_setlist: Record<string, never>;
  /** Opens the setlist to all participants again. */
  unlock_setlist: Record<string, never>;
  /** Opens a draft round for votes. */
  open_round: { round_id: string; };
  /** Moves the end of an open round by whole seconds, within ``window.extend_max_s``. */
  extend_round: { round_id: string; extend_s?: number; closes_at?: Timestamp | null; };
  /** Closes an open round now, by hand. */
  close_round: { round_id: string; };
  /** Shows the result of a closed round that was hidden. */
  reveal_round: { round_id: string; };
  /** Takes a draft or an open round away without a result. */
  cancel_round: { round_id: string; };
  /** The artist picks the winner among a closed round's tied options (tie rule ``artist``). */
  decide_tie: { round_id: string; option_id: string; };
  /** Names the show's jury: replaces the whole set of participants. */
  set_jury: { participant_ids: readonly string[]; };
  /** Wishes for a song: one of the artist's catalogue, or free text. */
  request_song: { song_id?: string | null; title?: string | null; round_id?: string | null; separate?: boolean; };
  /** Supports a song request, or takes the support back. */
  upvote_song_request: { song_request_id: string; up?: boolean; };
  /** Crew: accepted, playing, played, declined (with a reason), or back to waiting. */
  mark_song_request: { song_request_id: string; status: string; reason?: string; };
  /** Says that a setlist entry is right (1) or wrong (-1); 0 takes it back. */
  rate_entry: { entry_id: string; value: number; };
  /** Crew and curators: this entry was played as written; ``confirmed`` false takes it back. */
  confirm_entry: { entry_id: string; confirmed?: boolean; };
  /** The artist says: this is what was played. Settles the entries' ratings. */
  seal_setlist: { seen_seq?: number | null; };
  /** Takes the artist's seal off. */
  unseal_setlist: Record<string, never>;
  /** A line from the crew that everybody sees. */
  announce: { text: string; };
  /** Takes down the announcement that stands; ``announcement_id``: only if it is this one. */
  withdraw_announcement: { announcement_id?: string | null; };
  /** Stops a participant's chat; ``duration_s`` seconds, or until lifted with 0. */
  mute_participant: { participant_id: string; duration_s?: number | null; };
  /** Removes a participant from the room: its sockets close with 4410 and stay out, until it is readmitted. */
  remove_participant: { participant_id: string; };
  /** Lets somebody in again who was removed. */
  readmit_participant: { participant_id: string; };
  /** One chat line per fan in this many seconds; 0 turns slow mode off. */
  set_slow_mode: { interval_s: number; };
}

export type CommandName = keyof CommandArgs;

/** Client → server. */
export interface CommandMessage<Name extends CommandName = CommandName> {
  t: "command";
  command_id: string;
  name: Name;
  args: CommandArgs[Name];
}

/** Payload of every log event, by its name. */
export interface EventData {
  crew_only: CrewOnly;
  chat_posted: ChatPosted;
  chat_removed: ChatRemoved;
  chat_held: ChatHeld;
  chat_reported: ChatReported;
  chat_reports_dismissed: ChatReportsDismissed;
  word_filter_set: WordFilterSet;
  round_opened: RoundOpened;
  round_extended: RoundExtended;
  round_grace_started: RoundGraceStarted;
  round_closed: RoundClosed;
  round_revealed: RoundRevealed;
  round_tie_decided: RoundTieDecided;
  round_superseded: RoundSuperseded;
  round_cancelled: RoundCancelled;
  jury_set: JurySet;
  song_requested: SongRequested;
  song_request_marked: SongRequestMarked;
  entry_confirmed: EntryConfirmed;
  setlist_sealed: SetlistSealed;
  setlist_unsealed: SetlistUnsealed;
  setlist_changed: SetlistChanged;
  setlist_locked: SetlistLocked;
  setlist_unlocked: SetlistUnlocked;
  now_playing_changed: NowPlayingChanged;
  announcement_posted: AnnouncementPosted;
  announcement_withdrawn: AnnouncementWithdrawn;
  participant_muted: ParticipantMuted;
  participant_removed: ParticipantRemoved;
  participant_readmitted: ParticipantReadmitted;
  participants_linked: ParticipantsLinked;
  slow_mode_set: SlowModeSet;
  show_status_changed: ShowStatusChanged;
}

export type EventName = keyof EventData;

/** One log event as one audience gets it. */
export type EventMessage = {
  [Name in EventName]: {
    t: "event"; seq: number; name: Name; at: Timestamp; data: EventData[Name];
  };
}[EventName];

/** Payload of every state, by its name. */
export interface StateData {
  tally: Tally;
  head_count: HeadCount;
  reactions: ReactionCounts;
  song_requests: SongRequests;
  leaderboard: Leaderboard;
  confidence: Confidence;
  pulse: Pulse;
}

export type StateName = keyof StateData;

/** The latest value of one state. */
export type StateMessage = {
  [Name in StateName]: { t: "state"; name: Name; version: number; data: StateData[Name] };
}[StateName];

interface WelcomeBase {
  t: "welcome";
  protocol: number;
  show_id: string;
  epoch: string;
  seq: number;
  you: You;
}

/** The first message of a socket. */
export type Welcome = WelcomeBase &
  (
    | { recovered: true; state: Record<string, never> }
    | { recovered: false; state: RoomSnapshot }
  );

/** Server → client. */
export type ServerMessage = Welcome | EventMessage | StateMessage | Ack | Reject | SetlistSaved | SetlistRefused;
