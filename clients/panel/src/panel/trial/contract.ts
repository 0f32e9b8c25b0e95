/** What the sandbox kept instead of sending it. */

export interface SandboxMailView {
  id: string;
  from: string;
  to: string;
  subject: string;
  created_at: string;
}

export interface SandboxMailPage {
  items: readonly SandboxMailView[];
  next_cursor?: string | null;
}

export interface SandboxMailDetail {
  text: string | null;
  html: string | null;
}
