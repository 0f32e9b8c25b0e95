/** English, what is tried without a carrier or a mail server. */
export const trial = {
  "outbox.none": "No mail yet",
  "outbox.none_hint": "This server has no mail server, so nothing leaves it. What it would have sent shows up here: sign up, or send a message to a show by mail.",
  "outbox.choose": "Choose a mail to read it.",
  "outbox.to": "To",
  "outbox.from": "From",
  "outbox.at": "At",
  "outbox.half": "Which half",
  "outbox.html": "As a page",
  "outbox.text": "As text",
  "outbox.paper": "The mail “{subject}”",
  "outbox.headers": "Headers",
  "outbox.safe": "No script runs in it and nothing is fetched. Its links are below.",
  "outbox.links": "Links in it",
} as const;

export type TrialKey = keyof typeof trial;
