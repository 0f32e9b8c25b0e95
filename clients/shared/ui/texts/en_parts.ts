/** English, what the design system's components say themselves. */
export const parts = {
  "part.busy": "One moment…",
  "part.optional": "optional",
  "part.characters_left_one": "1 character left",
  "part.characters_left": "{count} characters left",
  "part.characters_over_one": "1 character too many",
  "part.characters_over": "{count} characters too many",
  "part.more_actions": "More",
  "part.copy": "Copy",
  "part.copied": "Copied",
  "part.not_copied": "Copying is not allowed here. The text is selected: copy it by hand.",
  "part.percent": "{percent} %",
  "part.votes_one": "1 vote",
  "part.votes": "{count} votes",
  "part.points_one": "1 point",
  "part.points": "{count} points",
  "part.own_choice": "your choice",
  "part.winner": "winner",
  "part.plot_table": "As a table",
  "part.plot_time": "Time",
  "part.plot_empty": "Nothing to plot yet.",
  "part.plot_marks": "Moments",
  "part.loading": "Loading…",
  "part.qr_missing": "The QR code could not be fetched.",
} as const;

export type PartKey = keyof typeof parts;
