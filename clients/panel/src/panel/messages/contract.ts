/** Messages of a show as the server tells them. */

export type Channel = "sms" | "whatsapp" | "mail";
export type MessageState =
  | "scheduled" | "queued" | "sending" | "sent" | "delivered" | "failed" | "unknown" | "suppressed" | "cancelled";
export type BroadcastState = "scheduled" | "sending" | "paused" | "done" | "cancelled";
export type BroadcastKind = "NUDGE" | "RESULTS" | "RECAP" | "BROADCAST";
export type MessageKind = BroadcastKind | "JOIN" | "CONFIRM" | "WELCOME" | "NEW_SHOW" | "REMINDER" | "DIGEST" | "SECURITY";
export type Language = "en" | "es" | "fr" | "de";
export type BroadcastDeed = "pause" | "resume" | "cancel";

export interface AudienceBody {
  languages?: readonly Language[];
  state?: "active";
}

export interface NewBroadcastBody {
  kind: BroadcastKind;
  channels: readonly Channel[];
  texts?: Readonly<Record<string, string>>;
  audience?: AudienceBody;
  round_id?: string;
  send_at?: string;
}

export interface CostView {
  micros: number;
  currency: string;
}

export interface SampleView {
  channel: Channel;
  language: Language;
  text: string;
  segments: number;
  encoding: "GSM-7" | "UCS-2" | null;
  recipients: number;
}

export interface TextProblem {
  field: string;
  code: string;
  detail: string;
}

export interface RecipientsView {
  total: number;
  by_channel: Readonly<Record<string, number>>;
  by_language: Readonly<Record<string, number>>;
  suppressed: number;
  capped: number;
  deferred: number;
}

export interface PreviewView {
  recipients: RecipientsView;
  segments: number;
  cost: CostView;
  samples: readonly SampleView[];
  problems: readonly TextProblem[];
}

export interface BroadcastView {
  id: string;
  show_id: string;
  kind: BroadcastKind;
  state: BroadcastState;
  channels: readonly Channel[];
  texts: Readonly<Record<string, string>>;
  audience: AudienceBody;
  round_id: string | null;
  automatic: boolean;
  recipients: number;
  segments: number;
  cost: CostView;
  counts: Readonly<Partial<Record<MessageState, number>>>;
  can: readonly BroadcastDeed[];
  created_at: string;
  send_at: string;
  expires_at: string | null;
  finished_at: string | null;
}

export interface BroadcastPage {
  items: readonly BroadcastView[];
  next_cursor: string | null;
}

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
  created_at: string;
  due_at: string | null;
  sent_at: string | null;
  delivered_at: string | null;
}

export interface MessagePage {
  items: readonly MessageView[];
  next_cursor: string | null;
}

export interface StepView {
  state: MessageState;
  reason: string | null;
  error_code: string | null;
  attempt: number;
  at: string;
}

export interface MessageDetail {
  message: MessageView;
  text: string | null;
  history: readonly StepView[];
}

export interface KindView {
  kind: BroadcastKind;
  texts: Readonly<Record<string, string>>;
  variables: readonly string[];
  quiet_hours: boolean;
  problem: string | null;
}

export interface MessagingOffer {
  channels: readonly Channel[];
  languages: readonly Language[];
  kinds: readonly KindView[];
  text_characters_max: number;
  segments_max: number;
  messages_per_person_max: number;
  quiet_from: string;
  quiet_to: string;
  mode: "twilio" | "sandbox" | "off";
}
