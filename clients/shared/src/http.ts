// Generated from the server's structs by `python -m server.schemas --write`. Do not edit.

import type {
  Access,
  DisplayKind,
  EventMessage,
  RoomSnapshot,
  RoundResult,
  ShowFacts,
  SongRequestView,
  StateMessage,
  Tally,
  Timestamp,
  VoteConfig,
  You,
} from "./wire.ts";

/** In which order a history is read. */
export type HistoryOrder = "newest" | "oldest";

/** An artist's place in the line-up. */
export type Billing = "headliner" | "support" | "guest";

/** Roles of DOMAIN "participant". ``artist``, ``moderator`` and ``admin`` are crew. */
export type Role = "fan" | "artist" | "moderator" | "curator" | "brand" | "admin" | "developer";

/** A page of history. ``next_cursor`` is null on the last one. */
export interface HistoryPage {
  items: readonly HistoryItem[];
  next_cursor: string | null;
}

/** One change: who, when, which entries, from what to what. */
export interface HistoryItem {
  seq: number;
  at: Timestamp;
  participant_id: string;
  display_name: string;
  kind: HistoryKind;
  entries: readonly HistoryEntry[];
  to_seq?: number | null;
  of_seq?: number | null;
}

/** What kind of change an item of the history is. */
export type HistoryKind = "edit" | "rollback" | "restore" | "undo" | "song_request" | "rebalance";

/** What one change did to one entry. */
export interface HistoryEntry {
  entry_id: string;
  kind: string;
  title: string;
  before?: Readonly<Record<string, unknown>> | null;
  after?: Readonly<Record<string, unknown>> | null;
}

/** The rollback, restore or undo is durable. */
export interface RewriteView {
  command_id: string;
  seq: number;
  changed: readonly RewrittenEntry[];
  kept: readonly KeptEntry[];
}

/** An entry that was ``added``, ``changed``, ``moved`` or ``removed``. */
export interface RewrittenEntry {
  entry_id: string;
  kind: string;
}

/** Something that was left as it is, and why. */
export interface KeptEntry {
  entry_id: string;
  code: string;
  detail: string;
  fields?: readonly string[];
}

/** Events in order, as a fan in the room got them. ``header`` only with the first page. */
export interface ReplayPage {
  header: ReplayHeader | null;
  events: readonly EventMessage[];
  next_after_seq: number | null;
}

/** What a page needs to know before it plays. */
export interface ReplayHeader {
  show: ShowFacts;
  epoch: string;
  first_seq: number;
  last_seq: number;
  first_at: Timestamp | null;
  last_at: Timestamp | null;
  events: number;
  counts: Readonly<Record<string, number>>;
  marks: readonly ReplayMark[];
}

/** Something to show on the scrubber. */
export interface ReplayMark {
  seq: number;
  at: Timestamp;
  kind: string;
  title?: string;
}

/** The room at a moment, as a fan who came then would have been welcomed. */
export interface ReplayState {
  seq: number;
  at: Timestamp | null;
  state: RoomSnapshot;
}

/** Part of a queue: what is being played, the undecided requests in the order in which it is fair to play them, then what was decided, the latest first. */
export interface SongRequestPage {
  show_id: string;
  round_id: string;
  items: readonly SongRequestView[];
  waiting: number;
  next_cursor?: string | null;
}

/** Songs of the line-up's catalogue, the likeliest first. */
export interface SongChoicePage {
  items: readonly SongChoice[];
}

/** A song that one may wish for. ``already_played``: tonight. */
export interface SongChoice {
  song_id: string;
  title: string;
  already_played?: boolean;
}

/** ``GET /api/shows/{id}/performances``: the whole list. */
export interface PerformancePage {
  show_id: string;
  complete: boolean;
  pending_reviews: number;
  items: readonly PerformanceView[];
}

/** One performance, in playing order. */
export interface PerformanceView {
  entry_id: string;
  ordinal: number;
  section: string;
  position: number;
  title: string;
  segue?: boolean;
  song_id?: string | null;
  song_title?: string | null;
  artist?: string | null;
  performer?: string | null;
  original_artist?: string | null;
  guests?: string | null;
  note?: string | null;
  started_at?: Timestamp | null;
  review?: string | null;
  past?: SongPastView | null;
}

/** What a song had behind it that night. */
export interface SongPastView {
  times_before: number;
  shows_since?: number | null;
  last?: ShowReferenceView | null;
}

/** A show elsewhere. A private one is told by its date alone. */
export interface ShowReferenceView {
  starts_at: Timestamp;
  id?: string | null;
  slug?: string | null;
  title?: string | null;
}

/** A song of a catalogue. ``statistics`` are absent for one never played. */
export interface SongView {
  id: string;
  title: string;
  artist_id: string;
  artist: string;
  album?: string | null;
  statistics?: StatisticsView | null;
  covers?: readonly CoverView[];
}

/** How one artist has played one song. */
export interface StatisticsView {
  times_played: number;
  shows_played: number;
  first: ShowReferenceView;
  last: ShowReferenceView;
  last_place: string;
  times_opened: number;
  times_closed: number;
  times_encored: number;
  gap_shows: number;
}

/** Another artist that has played the song. */
export interface CoverView {
  artist_id: string;
  artist: string;
  statistics: StatisticsView;
}

/** ``GET /api/artists/{id}/songs``. */
export interface SongPage {
  items: readonly SongView[];
  next_cursor: string | null;
}

/** A question: which song was this? ``status`` is ``pending`` until somebody answers. */
export interface ReviewView {
  id: string;
  show_id: string;
  show_slug: string;
  show_title: string;
  starts_at: Timestamp;
  entry_id: string;
  title: string;
  reason: string;
  candidates: readonly CandidateView[];
  status: string;
  created_at: Timestamp;
  original_artist?: string | null;
  artist_id?: string | null;
  artist?: string | null;
  song_id?: string | null;
  song_title?: string | null;
  note?: string | null;
  decided_at?: Timestamp | null;
}

/** A song that the entry may be. ``score`` from 0 to 1: how alike the titles are. */
export interface CandidateView {
  song_id: string;
  artist_id: string;
  title: string;
  score: number;
}

/** ``GET /api/reviews/songs``: oldest first. */
export interface ReviewPage {
  items: readonly ReviewView[];
  next_cursor: string | null;
}

/** ``GET …/poll``. ``events`` and ``states`` are the socket's messages; ``state`` (the whole room) comes when ``recovered`` is false. ``cursor`` goes into the next poll as it is. */
export interface PollBody {
  epoch: string;
  seq: number;
  recovered: boolean;
  cursor: string;
  events: readonly EventMessage[];
  states: readonly StateMessage[];
  you: You | null;
  state: RoomSnapshot | null;
}

/** The data of a stream's last event, ``close``: what a socket is closed with. */
export interface StreamEnd {
  code: number;
  reason: string;
}

/** An account as its owner sees it. A guest has no ``email``. */
export interface UserView {
  id: string;
  email: string | null;
  display_name: string;
  role: string;
  guest: boolean;
  created_at: Timestamp;
  language: string | null;
  home_city: HomeCityView | null;
  privacy: Privacy;
}

/** Where somebody lives, as ``GET /api/places`` tells of it. Degrees, WGS 84. */
export interface HomeCityView {
  name: string;
  lat: number;
  lon: number;
  country: string | null;
  admin: string | null;
}

/** Choices that the server keeps. */
export interface Privacy {
  show_name: boolean;
  show_presence: boolean;
  remember_rooms: boolean;
}

/** One's live sessions, the one used last first; the hundred newest. */
export interface SessionPage {
  items: readonly SessionItem[];
}

/** A session of one's own. ``device_label``: such as "Firefox on Android"; ``last_used_at`` to five minutes; ``current``: the one that asks. */
export interface SessionItem {
  id: string;
  device_label: string | null;
  created_at: Timestamp;
  last_used_at: Timestamp;
  current: boolean;
}

/** How many other sessions ended. */
export interface Ended {
  revoked: number;
}

/** ``GET /api/me/rooms``, the newest first; empty for who would not have them remembered. */
export interface RoomVisitPage {
  items: readonly RoomVisit[];
  next_cursor: string | null;
}

/** A room that one was in. ``role``: what one is there. */
export interface RoomVisit {
  show_id: string;
  slug: string;
  title: string;
  status: string;
  starts_at: Timestamp;
  joined_at: Timestamp;
  role: string;
}

/** A new display. ``token`` is shown this once; ``url`` holds it behind ``#``, where no log sees it. */
export interface MadeDisplayView {
  id: string;
  show_id: string;
  kind: DisplayKind;
  name: string;
  token: string;
  url: string;
  created_at: Timestamp;
}

/** A show's displays: those in use, then those that were revoked lately; newest first. */
export interface DisplayPage {
  items: readonly DisplayView[];
}

/** A display of a show. ``last_seen_at``: when it was last connected, to half a minute. */
export interface DisplayView {
  id: string;
  kind: DisplayKind;
  name: string;
  created_at: Timestamp;
  last_seen_at: Timestamp | null;
  revoked_at: Timestamp | null;
}

/** A display's ticket and the socket's URL that holds it; first use before ``expires_at``. */
export interface DisplayTicketView {
  ticket: string;
  url: string;
  expires_at: Timestamp;
}

/** ``GET /api/displays/{id}/facts``. ``sms`` and ``check_in`` are null where there is none; ``check_in.expires_at`` says when to ask again. */
export interface DisplayFacts {
  display_id: string;
  kind: string;
  name: string;
  show: DisplayShow;
  join: JoinFacts;
  sms: SmsFacts | null;
  check_in: CheckInCode | null;
}

/** The display's show. */
export interface DisplayShow {
  id: string;
  slug: string;
  title: string;
  status: string;
  access: string;
  starts_at: Timestamp;
  ends_at: Timestamp | null;
  artists: readonly string[];
  venue: string | null;
  city: string | null;
}

/** How people get into the room. ``url`` is what the QR code says, and ``address`` the same for people to read and type; both lead in by themselves. ``code`` is the join code where the show asks for one, for who finds the show in another way. */
export interface JoinFacts {
  url: string;
  address: string;
  code: string | null;
  qr: QrCode;
}

/** A QR code to be drawn: a square of ``modules`` units, its quiet zone included, and the SVG path of what is dark in it. Dark on light, or scanners fail. */
export interface QrCode {
  modules: number;
  path: string;
}

/** Voting by SMS: send ``text`` to ``number``. */
export interface SmsFacts {
  number: string;
  text: string;
}

/** What the crew shows: at the door, on the screen. ``expires_at``: when it is another. */
export interface CheckInCode {
  code: string;
  expires_at: Timestamp;
}

/** ``GET /api/displays/{id}/turnout``: voters by the open round's id, at most two seconds old. */
export interface TurnoutView {
  voters: Readonly<Record<string, number>>;
}

/** A show. ``join_code`` is for its crew only. ``takes_sms``: fans may vote by SMS. ``role``: the viewer's in the crew; the owner's is ``artist``. */
export interface ShowView {
  id: string;
  slug: string;
  title: string;
  status: string;
  access: string;
  starts_at: Timestamp;
  ends_at: Timestamp | null;
  venue: VenueView | null;
  artists: readonly LineUpView[];
  created_at: Timestamp;
  updated_at: Timestamp;
  join_code: string | null;
  takes_sms: boolean;
  tour: TourView | null;
  distance_km: number | null;
  role: string | null;
}

/** Where. */
export interface VenueView {
  name: string;
  city: string | null;
  country: string | null;
}

/** An artist of a line-up. */
export interface LineUpView {
  id: string;
  name: string;
  billing: string;
  position: number;
  status: string;
}

/** A tour, as in ``GET /api/tours/{id}/leaderboard``. */
export interface TourView {
  id: string;
  name: string;
}

/** A page of shows. ``next_cursor`` is absent on the last one. */
export interface ShowPage {
  items: readonly ShowView[];
  next_cursor: string | null;
}

/** A line-up. */
export interface LineUpPage {
  items: readonly LineUpView[];
}

/** A new place in a line-up; ``invitation`` holds the token, shown this once. */
export interface InvitedView {
  id: string;
  name: string;
  billing: string;
  position: number;
  status: string;
  invitation?: InvitationTokenView | null;
}

/** An invitation as it is handed on. */
export interface InvitationTokenView {
  token: string;
  url: string;
  expires_at: Timestamp;
}

/** A new invitation. ``token`` is shown this once, and ``url`` holds it. */
export interface MadeInvitationView {
  id: string;
  kind: string;
  role: string | null;
  artist_id: string | null;
  email: string | null;
  token: string;
  url: string;
  created_at: Timestamp;
  expires_at: Timestamp;
}

/** A show's invitations: those that wait first, then the newest of the others. */
export interface InvitationPage {
  items: readonly SentInvitationView[];
}

/** An invitation in the crew's list. ``status``: ``pending``, ``accepted``, ``declined``, ``withdrawn`` or ``expired``. */
export interface SentInvitationView {
  id: string;
  kind: string;
  role: string | null;
  artist_id: string | null;
  artist: string | null;
  email: string | null;
  status: string;
  created_at: Timestamp;
  expires_at: Timestamp;
  invited_by: string | null;
  answered_at: Timestamp | null;
  answered_by: string | null;
}

/** An invitation as whoever holds its token sees it. */
export interface InvitationView {
  id: string;
  show_id: string;
  kind: string;
  role: string | null;
  artist_id: string | null;
  artist: string | null;
  status: string;
  expires_at: Timestamp;
  invited_by: string | null;
  show_title: string;
  show_slug: string;
  show_starts_at: Timestamp;
}

/** ``GET /api/shows/{id}/songs`` without ``q`` and ``limit``: all that the line-up may play. */
export interface SongBookPage {
  items: readonly SongBookItem[];
}

/** A song of the line-up. ``times``: how often its artist has played it, as far as is known. */
export interface SongBookItem {
  song_id: string;
  title: string;
  times: number;
}

/** A show's crew, owner first. */
export interface CrewPage {
  items: readonly CrewMemberView[];
}

/** A crew member. */
export interface CrewMemberView {
  account_id: string;
  display_name: string;
  role: string;
  owner: boolean;
}

/** All rounds of a show, in the order of their creation. */
export interface RoundPage {
  items: readonly RoundBodyView[];
}

/** A round as the caller may see it: ``tally`` and ``result`` only where it may. */
export interface RoundBodyView {
  id: string;
  round_id: string;
  show_id: string;
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

/** ``GET /api/shows/{id}/results``: rounds in the order of their making. */
export interface ResultsBody {
  show_id: string;
  title: string;
  starts_at: Timestamp;
  rounds: readonly RoundOutcome[];
}

/** A round that was opened, with its result as crew sees it. */
export interface RoundOutcome {
  round_id: string;
  title: string;
  type: string;
  method: string;
  visibility: string;
  status: string;
  opened_at: Timestamp | null;
  closed_at: Timestamp | null;
  options: readonly OptionResult[];
  result: RoundResult | null;
  config_hash: string;
  seed_hash: string | null;
  superseded_by: string | null;
}

/** What became of one option. */
export interface OptionResult {
  option_id: string;
  code: string | null;
  label: string;
  score: number;
  supporters: number | null;
  winner: boolean;
}

/** A page of them, by name. ``next_cursor`` is absent on the last one. */
export interface ParticipantPage {
  items: readonly ParticipantView[];
  next_cursor: string | null;
}

/** Somebody as crew may know them. */
export interface ParticipantView {
  participant_id: string;
  display_name: string;
  role: Role;
  present: boolean | null;
  joined_at: Timestamp;
  has_account: boolean;
}

/** How a show went, from going live to its close or to this moment. */
export interface TimelineBody {
  starts_at: Timestamp | null;
  ends_at: Timestamp | null;
  bucket_s: number;
  votes: readonly number[];
  chat: readonly number[];
  edits: readonly number[];
  requests: readonly number[];
  head_count: readonly number[];
  marks: readonly TimelineMark[];
}

/** Something that stands at its moment. */
export interface TimelineMark {
  at: Timestamp;
  kind: string;
  label: string;
}

/** How a show goes, or went, in figures. A figure that is null is withheld. */
export interface AnalyticsBody {
  show_id: string;
  at: Timestamp;
  live: boolean;
  starts_at: Timestamp | null;
  ends_at: Timestamp | null;
  bucket_s: number;
  vote_rate: readonly (number | null)[];
  head_count: readonly (number | null)[];
  channels: Readonly<Record<Channels, number | null>>;
  delivery: Readonly<Record<Delivery, number | null>>;
  delivery_rate: number | null;
  funnel: readonly FunnelStep[];
  withheld_below: number | null;
}

/** The ways to vote. */
export type Channels = "web" | "sms";

/** What became of texts. Whoever withdrew one before it went is in none. */
export type Delivery = "queued" | "sent" | "delivered" | "failed" | "suppressed";

/** People of the audience who came as far as this. ``people`` is null: withheld. */
export interface FunnelStep {
  step: Step;
  people: number | null;
}

/** A step from coming to voting, in order. Each is a part of `OPENED`. */
export type Step = "opened" | "joined" | "confirmed" | "voted" | "voted_in_all";

/** How the background work is. */
export interface JobsBody {
  queues: readonly QueueView[];
  jobs: readonly JobView[];
  outbox: readonly OutboxView[];
  dead_letters: number;
}

/** The jobs of one priority. */
export interface QueueView {
  priority: Priority;
  waiting: number;
  running: number;
  later: number;
  oldest_s: number;
  done: number;
  retried: number;
  dead: number;
}

/** What a job waits behind: others of its kind, and nothing else. */
export type Priority = "urgent" | "normal" | "bulk";

/** One kind of job, since the counters began. */
export interface JobView {
  job: string;
  priority: Priority;
  done: number;
  retried: number;
  dead: number;
}

/** One kind of effect that is undelivered. ``oldest_s``: age of the oldest that waits. */
export interface OutboxView {
  kind: string;
  waiting: number;
  dead: number;
  oldest_s: number;
}

/** A job or an effect that was set aside. */
export interface DeadLetterView {
  id: string;
  source: Source;
  name: string;
  priority: Priority | null;
  reason: Reason;
  error: string;
  attempts: number;
  first_failed_at: Timestamp;
  last_failed_at: Timestamp;
  state: "dead" | "discarded" | "retried";
  can_retry: boolean;
  show_id: string | null;
  settled_at: Timestamp | null;
  what: Readonly<Record<string, unknown>> | null;
}

/** Where a dead letter comes from. */
export type Source = "job" | "effect";

/** Why no worker takes a job again. */
export type Reason = "failed" | "lost" | "malformed" | "unknown";

/** Dead letters that wait for somebody, the latest first. */
export interface DeadLetterPage {
  items: readonly DeadLetterView[];
  next_cursor: string | null;
}

/** The newest comparison of each day and number, the latest day first. */
export interface ReconciliationPage {
  items: readonly ReconciliationView[];
  next_cursor: string | null;
}

/** A day (UTC) of a number, as the carrier lists it and as it is known here. */
export interface ReconciliationView {
  sender: string;
  day: string;
  ran_at: Timestamp;
  listed: number;
  matched: number;
  mended: number;
  contradicts: number;
  absent: number;
  foreign: number;
  complete: boolean;
  differences: readonly Difference[];
}

/** One message that the carrier and we do not agree on. */
export interface Difference {
  what: string;
  carrier_id: string;
  ours?: string;
  theirs?: string;
}

/** A web node or a worker, as it reported itself last. */
export interface NodeView {
  id: string;
  node: string;
  kind: Kind;
  started_at: Timestamp;
  seen_at: Timestamp;
  state: NodeState;
  version: string;
  connections: number;
  rooms: number;
  jobs: number;
  rss_bytes: number;
  loop_lag_ms: number;
  queue_bytes: number;
  turn_ms_p50: number | null;
  turn_ms_p99: number | null;
  bus: "away" | "ok";
  lag_events: number;
}

/** What a process is. */
export type Kind = "web" | "worker";

/** ``silent``: it has not reported for `SILENT_AFTER_S`. */
export type NodeState = "ready" | "draining" | "silent";

/** All processes, web nodes first. ``asked_at``: what ``seen_at`` is to be compared with. */
export interface NodesBody {
  items: readonly NodeView[];
  asked_at: Timestamp;
}

/** A room on a node that holds it. */
export interface RoomView {
  show_id: string;
  slug: string;
  title: string;
  node: string;
  connections: number;
  seq: number;
  lag_events: number;
  queue_bytes: number;
  turn_ms_p99: number | null;
}

/** Rooms, those with most connections first. */
export interface RoomPage {
  items: readonly RoomView[];
  next_cursor: string | null;
}

/** What a show's crew may send: for the form. Hours are those at the recipient. */
export interface MessagingOffer {
  channels: readonly Channel[];
  languages: readonly Language[];
  kinds: readonly KindView[];
  text_characters_max: number;
  segments_max: number;
  messages_per_person_max: number;
  quiet_from: string;
  quiet_to: string;
  mode: "off" | "sandbox" | "twilio";
}

/** How a message travels. */
export type Channel = "sms" | "whatsapp" | "mail";

/** ISO 639-1. */
export type Language = "en" | "es" | "fr" | "de";

/** A kind that may be sent now. ``texts``: what is said without own words, variables filled in; ``problem``: a code that says why it cannot be sent now. */
export interface KindView {
  kind: "BROADCAST" | "NUDGE" | "RECAP" | "RESULTS";
  texts: Readonly<Record<string, string>>;
  variables: readonly string[];
  quiet_hours: boolean;
  problem: string | null;
}

/** What a broadcast would be. With ``problems`` it cannot be sent. */
export interface PreviewView {
  recipients: RecipientsView;
  segments: number;
  cost: CostView;
  samples: readonly SampleView[];
  problems: readonly TextProblem[];
}

/** How many people a broadcast is for. */
export interface RecipientsView {
  total: number;
  by_channel: Readonly<Record<Channel, number>>;
  by_language: Readonly<Record<string, number>>;
  suppressed: number;
  capped: number;
  deferred: number;
}

/** An estimate, in millionths of the currency (ISO 4217). */
export interface CostView {
  micros: number;
  currency: string;
}

/** What one language gets on one channel. ``encoding``: of a text (GSM 03.38); none of a mail. ``recipients``: how many get this one. */
export interface SampleView {
  channel: Channel;
  language: Language;
  text: string;
  segments: number;
  encoding: "GSM-7" | "UCS-2" | null;
  recipients: number;
}

/** Why a broadcast cannot be sent as it is. ``field``: such as ``texts.es`` or ``round_id``. */
export interface TextProblem {
  field: string;
  code: string;
  detail: string;
}

/** A broadcast. ``automatic``: made by the show's life; ``recipients``: messages made so far, and the estimate before; ``counts``: messages by state; ``can``: what may be done with it. */
export interface BroadcastView {
  id: string;
  show_id: string;
  kind: "BROADCAST" | "NUDGE" | "RECAP" | "RESULTS";
  state: BroadcastState;
  channels: readonly Channel[];
  texts: Readonly<Record<string, string>>;
  audience: AudienceBody;
  round_id: string | null;
  automatic: boolean;
  recipients: number;
  segments: number;
  cost: CostView;
  counts: Readonly<Record<MessageState, number>>;
  can: readonly ("cancel" | "pause" | "resume")[];
  created_at: Timestamp;
  send_at: Timestamp;
  expires_at: Timestamp | null;
  finished_at: Timestamp | null;
}

/** Where a broadcast is. */
export type BroadcastState = "scheduled" | "sending" | "paused" | "done" | "cancelled";

/** Whom of the show. Only people who confirmed are ever written to, so ``state`` is ``active``; ``languages``: those alone. */
export interface AudienceBody {
  languages?: readonly Language[] | null;
  state?: "active";
}

/** Where a message is. */
export type MessageState = "scheduled" | "queued" | "sending" | "unknown" | "sent" | "delivered" | "failed" | "suppressed" | "cancelled";

/** A show's broadcasts, newest first. */
export interface BroadcastPage {
  items: readonly BroadcastView[];
  next_cursor: string | null;
}

/** Messages of a show, newest first. */
export interface MessagePage {
  items: readonly MessageView[];
  next_cursor: string | null;
}

/** A message to one person. ``to``: the whole number or address, for admins alone; ``to_masked`` is absent once they have gone. */
export interface MessageView {
  id: string;
  broadcast_id: string | null;
  kind: MessageKind;
  channel: Channel;
  to_masked: string | null;
  to: string | null;
  language: string;
  state: MessageState;
  reason: string | null;
  error_code: string | null;
  segments: number;
  attempts: number;
  created_at: Timestamp;
  due_at: Timestamp | null;
  sent_at: Timestamp | null;
  delivered_at: Timestamp | null;
}

/** What a message is for. */
export type MessageKind = "JOIN" | "CONFIRM" | "NUDGE" | "RESULTS" | "RECAP" | "BROADCAST" | "WELCOME" | "NEW_SHOW" | "REMINDER" | "DIGEST" | "SECURITY";

/** One message with its text (gone after a while) and every step of its life. */
export interface MessageDetail {
  message: MessageView;
  text: string | null;
  history: readonly StepView[];
}

/** One step of a message's life. */
export interface StepView {
  state: MessageState;
  reason: string | null;
  error_code: string | null;
  attempt: number;
  at: Timestamp;
}

/** ``GET /api/sandbox/phones``. ``version``: changes are followed from it; ``countries``: that have numbers for fiction. */
export interface PhonesView {
  items: readonly PhoneView[];
  numbers: readonly PhoneNumberView[];
  countries: readonly string[];
  phones_max: number;
  crowd_max: number;
  version: number;
}

/** A simulated phone. ``printed``: the number for people. ``opted_out``: the carrier refuses to send to it, because it said STOP to the carrier (``carrier_opt_out``). */
export interface PhoneView {
  id: string;
  channel: PhoneChannel;
  number: string;
  printed: string;
  country: string;
  name: string;
  crowd: boolean;
  switched_off: boolean;
  carrier_opt_out: boolean;
  opted_out: boolean;
  created_at: Timestamp;
}

/** How a simulated phone writes. */
export type PhoneChannel = "sms" | "whatsapp";

/** A number that phones write to. */
export interface PhoneNumberView {
  channel: PhoneChannel;
  number: string;
  printed: string;
}

/** A phone's texts, the newest first. */
export interface PhoneMessagePage {
  items: readonly PhoneMessageView[];
  next_cursor: string | null;
}

/** A text of a simulated phone. ``inbound``: the phone wrote it; ``answers``: the id of the phone's text that it answers. ``error_code`` is Twilio's. */
export interface PhoneMessageView {
  id: string;
  phone_id: string;
  direction: TextDirection;
  body: string;
  segments: number;
  status: TextStatus;
  error_code: number | null;
  answers: string | null;
  created_at: Timestamp;
}

/** Twilio's directions of a message: from a phone, by the API, in answer to a webhook. */
export type TextDirection = "inbound" | "outbound-api" | "outbound-reply";

/** Those of Twilio's statuses that the sandbox knows. */
export type TextStatus = "received" | "queued" | "sent" | "delivered" | "undelivered";

/** ``GET /api/sandbox/messages``: what has changed, in order; ``next``: to be asked after. */
export interface PhoneChanges {
  items: readonly PhoneMessageView[];
  next: number;
}

/** A text that was sent, and what came back to it at once. */
export interface SaidView {
  text: PhoneMessageView;
  replies: readonly PhoneMessageView[];
}

/** The newest first. */
export interface SandboxMailPage {
  items: readonly SandboxMailItem[];
  next_cursor: string | null;
}

/** A mail that was kept instead of being sent. */
export interface SandboxMailItem {
  id: string;
  from: string;
  to: string;
  subject: string;
  show_id: string | null;
  created_at: Timestamp;
}

/** A mail with its content. A part that it has not is null. */
export interface SandboxMailView {
  id: string;
  from: string;
  to: string;
  subject: string;
  show_id: string | null;
  created_at: Timestamp;
  text: string | null;
  html: string | null;
  headers: readonly MailHeader[];
}

/** One header, unfolded and decoded. */
export interface MailHeader {
  name: string;
  value: string;
}

/** A code, and how it is used: ``text`` is texted to ``number`` (as it is printed) before ``expires_at``. */
export interface PhoneCodeView {
  code: string;
  text: string;
  number: string;
  expires_at: Timestamp;
}

/** What is known of the caller's phone in this show. ``pending``: a code waits to be texted. */
export interface AppPhoneView {
  state: "confirmed" | "none" | "pending";
  number_masked?: string | null;
}

/** ``GET /api/auth/profile/mail``. */
export interface MailPreferencesView {
  address: string | null;
  verified: boolean;
  language: "de" | "en" | "es" | "fr";
  types: MailTypes;
  suppressed: "bounced" | "complained" | null;
}

/** All types that can be chosen. Mails about an account's security always come. */
export interface MailTypes {
  welcome: MailFrequency;
  new_show: MailFrequency;
  reminder: MailFrequency;
  digest: MailFrequency;
  results: MailFrequency;
  recap: MailFrequency;
  broadcast: MailFrequency;
}

/** How often mails of one type come. Daily and weekly ones come together in a digest. */
export interface MailFrequency {
  frequency: "daily" | "immediate" | "never" | "weekly";
}

/** A mail with a link is on its way. ``address``: to whom. */
export interface VerificationSent {
  address: string;
}

/** ``POST …/setlist/rollback``: to the list after event ``to_seq``, or to a moment. */
export interface RollbackBody {
  command_id: string;
  to_seq?: number | null;
  at?: Timestamp | null;
}

/** ``POST …/setlist/restore``: one entry as it was after event ``to_seq``, or at a moment. */
export interface RestoreBody {
  command_id: string;
  entry_id: string;
  to_seq?: number | null;
  at?: Timestamp | null;
}

/** ``POST …/setlist/undo``: takes back what event ``seq`` changed and nobody changed since. */
export interface UndoBody {
  command_id: string;
  seq: number;
}

/** ``POST /api/reviews/songs/{id}``: exactly one of ``song_id``, ``create`` and ``dismiss``. */
export interface ReviewBody {
  song_id?: string | null;
  create?: boolean;
  title?: string | null;
  dismiss?: boolean;
  reason?: string;
}

/** ``POST /api/shows/{id}/displays``. ``name``: where it stands, for the crew's list. */
export interface NewDisplayBody {
  kind: DisplayKind;
  name: string;
}

/** ``POST /api/shows``. */
export interface NewShowBody {
  title: string;
  starts_at: Timestamp;
  ends_at?: Timestamp | null;
  access?: Access;
  venue?: VenueBody | null;
  artists?: readonly ArtistBody[];
  takes_sms?: boolean;
  tour?: TourBody | null;
}

/** Where. ``country``: ISO 3166-1 alpha-2, or its English name. */
export interface VenueBody {
  name: string;
  city?: string | null;
  country?: string | null;
}

/** An artist, by name. */
export interface ArtistBody {
  name: string;
}

/** A tour of the headliner's, by name: one of this owner's shows', or a new one. */
export interface TourBody {
  name: string;
}

/** ``POST /api/shows/{id}/artists``: by ``artist_id`` or by ``name``. */
export interface NewLineUpBody {
  artist_id?: string | null;
  name?: string | null;
  billing?: Billing;
  invite?: boolean;
  email?: string | null;
}

/** ``PUT /api/shows/{id}/crew``: the whole crew besides the owner. */
export interface CrewBody {
  members: readonly CrewMemberBody[];
}

/** A crew member to be, by ``account_id`` or by ``email``. */
export interface CrewMemberBody {
  role: Role;
  account_id?: string | null;
  email?: string | null;
}

/** Choices; what is left out stays as it is. See `rooms.accounts.profile.Privacy`. */
export interface PrivacyBody {
  show_name?: boolean;
  show_presence?: boolean;
  remember_rooms?: boolean;
}

/** ``PUT /api/auth/profile``. What is left out stays as it is; null takes it away. */
export interface ProfileBody {
  display_name?: string;
  language?: "en" | "es" | null;
  home_city?: HomeCityView | null;
  privacy?: PrivacyBody;
}

/** ``POST /api/auth/password``. */
export interface PasswordBody {
  current_password: string;
  new_password: string;
}

/** ``DELETE /api/auth/account``. A guest has no password to give. */
export interface DeleteAccountBody {
  password?: string | null;
}

/** An artist of the line-up, with its billing. */
export interface LineUpItemBody {
  artist_id: string;
  billing: Billing;
}

/** ``PUT /api/shows/{id}/artists``: the whole line-up, in its order to be. */
export interface LineUpBody {
  items: readonly LineUpItemBody[];
}

/** ``POST /api/shows/{id}/invitations``: to the crew, with a ``role``; or, ``kind: artist``, one more for an artist of the line-up. ``email`` says whom it is for. */
export interface NewInvitationBody {
  kind: "artist" | "crew";
  role?: "admin" | "artist" | "brand" | "curator" | "moderator" | null;
  artist_id?: string | null;
  email?: string | null;
}

/** ``POST /api/shows/{id}/messages`` and ``…/preview``. */
export interface NewBroadcastBody {
  kind: "BROADCAST" | "NUDGE" | "RECAP" | "RESULTS";
  channels: readonly Channel[];
  texts?: Readonly<Record<string, string>>;
  audience?: AudienceBody;
  round_id?: string | null;
  send_at?: Timestamp | null;
}

/** ``POST /api/sandbox/phones``. ``count`` phones of one kind; ``crowd``: not looked at one by one, and sent home together. */
export interface NewPhonesBody {
  name: string;
  channel?: PhoneChannel;
  country?: string;
  count?: number;
  crowd?: boolean;
}

/** ``PUT /api/sandbox/phones/{id}``. What is left out stays. */
export interface PhoneChangeBody {
  name?: string;
  switched_off?: boolean;
  carrier_opt_out?: boolean;
}

/** ``POST /api/sandbox/phones/{id}/texts``. */
export interface PhoneTextBody {
  body: string;
}

/** ``PUT /api/auth/profile/mail``. */
export interface MailPreferencesBody {
  types?: MailTypesBody;
  language?: "de" | "en" | "es" | "fr";
}

/** New choices; what is left out stays as it is. */
export interface MailTypesBody {
  welcome?: MailFrequency;
  new_show?: MailFrequency;
  reminder?: MailFrequency;
  digest?: MailFrequency;
  results?: MailFrequency;
  recap?: MailFrequency;
  broadcast?: MailFrequency;
}
