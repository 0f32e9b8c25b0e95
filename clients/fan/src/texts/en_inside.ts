/** English, what somebody in the room reads at once, or without a signal: fetched on entering. */
import { refusals } from "@setroom/shared/ui/texts/en_refusals.ts";

export const inside = {
  "reactions.label": "Send a reaction",
  "reactions.love": "Love",
  "reactions.fire": "Fire",
  "reactions.clap": "Applause",
  "reactions.wow": "Wow",
  "reactions.sing": "Singing along",
  "reactions.tears": "Tears",

  "setlist.add": "Add a song",
  "setlist.add_where": "Goes to the end of",
  "setlist.suggested": "Likely next",
  "setlist.no_suggestions": "No suggestions. Write the title below.",
  "setlist.loading_suggestions": "Looking for likely songs…",
  "setlist.free_text": "Another song",
  "setlist.add_button": "Add",
  "setlist.added": "“{title}” added.",
  "setlist.actions": "Actions for {title}",
  "setlist.up": "Move up",
  "setlist.down": "Move down",
  "setlist.edit": "Edit",
  "setlist.play": "Playing now",
  "setlist.stop": "Not playing",
  "setlist.remove": "Remove",
  "setlist.removed": "“{title}” removed.",
  "setlist.undo": "Undo",
  "setlist.moved": "“{title}” is number {place} of {section}.",
  "setlist.field_title": "Title",
  "setlist.field_note": "Note",
  "setlist.field_segue": "Runs into the next song",
  "setlist.saved": "All saved",
  "setlist.saving": "Saving…",
  "setlist.entry_sent": "Saving…",
  "setlist.entry_waiting": "Waits for a connection",
  "setlist.entry_saved": "Saved",
  "setlist.entry_refused": "Not kept. {reason}",
  "setlist.not_added": "“{title}” was not added. {reason}",
  "setlist.field_artist": "Whose song (for a cover)",
  "setlist.field_guests": "Guests on stage",

  "chat.write": "Write a line",
  "chat.send": "Send",
  "chat.waiting": "waiting",
  "chat.slow": "Slow mode: one line every {seconds} s",
  "chat.muted": "You are muted.",
  "chat.remove": "Remove this line",
  "chat.mute": "Mute for 10 minutes",
  "chat.remove_person": "Remove from the room",
  "chat.remove_person_sure": "Really remove {name}? They cannot come back.",
  "chat.actions": "Moderate {name}",

  "trust.rate": "Is “{title}” right?",
  "trust.right": "{title}: that is right",
  "trust.wrong": "{title}: that is wrong",
  "trust.counts": "{up} say it is right, {down} that it is wrong.",
  "trust.confirm": "Confirm",
  "trust.unconfirm": "Confirmed",

  "notice.accepted": "The crew accepted your wish “{title}”.",
  "notice.playing": "They are playing your wish: “{title}”!",
  "notice.played": "Your wish “{title}” was played.",
  "notice.declined": "Not tonight: “{title}”.",
  "notice.reason": "({reason})",
  "notice.see": "See",
  "notice.round_superseded": "“{title}” was corrected. Your vote in it does not count: please vote again.",
  "notice.round_cancelled": "“{title}” was taken away. No vote in it counts.",

  "history.title": "History",
} as const;

export type InsideKey = keyof typeof inside;

/** What is said inside, whichever app says it. */
export const all = { ...refusals, ...inside };
