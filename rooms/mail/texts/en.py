"""English."""

from __future__ import annotations

from typing import Final

EN: Final = {
    # --- every mail
    "hello": "Hello {name},",
    "account": "Your account",
    "panel": "Control panel",
    "preferences": "Choose which mails you get",
    "unsubscribe": "Unsubscribe",
    "see_show": "See the show",
    "open_room": "Open the room",
    "by_text": "No signal for the app? Text JOIN {code} to {number} and vote by text.",
    "votes": "{count} votes",
    "votes_one": "{count} vote",
    "songs": "{count} songs",
    "songs_one": "{count} song",
    "why_account": "You get this mail because your account at Setroom has this address.",
    "why_security": "Mails about the safety of your account are always sent.",
    "why_welcome": "You get this mail because you have just joined Setroom. There are three in "
    "all.",
    "why_new_show": "You get this mail because you were in a room of {artist}.",
    "why_reminder": "You get this mail because you joined this show.",
    "why_digest": "You get this overview because you have an account at Setroom.",
    "why_show": "You get this mail because you were at this show.",
    # --- welcome
    "welcome_1_subject": "Welcome to Setroom, {name}",
    "welcome_1_preheader": "Confirm your address, and you are in the room.",
    "welcome_1_headline": "Good to have you here",
    "welcome_1_lead": "Every show has a room. In it you vote on what is played next, wish for "
    "songs and write down the setlist together with everybody else who is there.",
    "welcome_1_confirm": "Please confirm that this is your address. Without that we write to you "
    "only about the safety of your account.",
    "welcome_1_button": "Confirm my address",
    "welcome_1_not_you": "You did not sign up? Then do nothing: nobody can prove an address that "
    "is not theirs.",
    "welcome_1_artist_lead": "Every show has a room. In yours the audience votes on what you play "
    "next, wishes for songs and writes down the setlist, and you decide what counts.",
    "welcome_2_subject": "How a night in the room goes",
    "welcome_2_preheader": "Vote, wish, write it down: three things that you can do tonight.",
    "welcome_2_headline": "A night in the room",
    "welcome_2_lead": "You need no ticket number and nothing to install. Open the show's page or "
    "scan the code at the venue, and you are in.",
    "welcome_2_step_vote": "Vote",
    "welcome_2_step_vote_text": "When the band opens a round, it is on your screen at once. Until "
    "it closes you can change your mind.",
    "welcome_2_step_wish": "Wish",
    "welcome_2_step_wish_text": "Ask for a song. What many wish for rises, and the band sees it.",
    "welcome_2_step_write": "Write it down",
    "welcome_2_step_write_text": "The setlist is written by everybody, song by song. Yours counts "
    "for more the more often you were right.",
    "welcome_2_coming": "Coming up",
    "welcome_2_button": "Find a show",
    "welcome_2_artist_lead": "This is how a night works from the control panel.",
    "welcome_2_artist_plan": "Before",
    "welcome_2_artist_plan_text": "Plan the show, print the poster with its code, put the rounds "
    "together.",
    "welcome_2_artist_drive": "During",
    "welcome_2_artist_drive_text": "Open a round with one tap from the stage screen. The big "
    "screen shows it to the whole hall.",
    "welcome_2_artist_after": "After",
    "welcome_2_artist_after_text": "Close the show: results go out, the setlist becomes part of "
    "your archive.",
    "welcome_2_artist_button": "Plan a show",
    "welcome_3_subject": "Make it yours",
    "welcome_3_preheader": "Your city, your languages, your mails: one page for all of it.",
    "welcome_3_headline": "Make it yours",
    "welcome_3_lead": "A few choices, and you hear of what matters to you, and of nothing else.",
    "welcome_3_city": "Your city",
    "welcome_3_city_text": "We tell you when somebody plays near you.",
    "welcome_3_name": "Your name",
    "welcome_3_name_text": "Be called by it in rooms, or by another one in every room.",
    "welcome_3_mails": "Your mails",
    "welcome_3_mails_text": "Each kind at once, once a day, once a week or never.",
    "welcome_3_button": "Open my account",
    # --- verification
    "verify_subject": "Confirm your address",
    "verify_preheader": "One tap, and our mails find you.",
    "verify_headline": "Is this your address?",
    "verify_lead": "You asked us to write to this address. Confirm it with the button; the link is "
    "good for {days} days.",
    "verify_button": "Confirm my address",
    "verify_not_you": "It was not you? Then do nothing.",
    # --- new show
    "new_show_subject": "{artist} in {city}, {day}",
    "new_show_subject_no_city": "{artist}: a show on {day}",
    "new_show_preheader": "A new show has been announced: {title}.",
    "new_show_headline": "{artist}: a new show",
    "new_show_lead": "You were in a room of {artist}. Here is the next one:",
    "near_you": "Near you",
    "new_show_calendar": "Add to calendar",
    # --- reminder
    "reminder_tomorrow_subject": "Tomorrow: {title}",
    "reminder_tomorrow_preheader": "{when}. The room opens with the show.",
    "reminder_tomorrow_headline": "See you tomorrow",
    "reminder_soon_subject": "In three hours: {title}",
    "reminder_soon_preheader": "{when}. Everything for tonight in one mail.",
    "reminder_soon_headline": "Tonight it is",
    "reminder_lead": "You joined this show. Open the room on your phone once before you go: it "
    "then works where the signal is bad.",
    # --- digest
    "digest_weekly_subject": "Your week at Setroom",
    "digest_daily_subject": "Your day at Setroom",
    "digest_preheader_shows": "{title} and more.",
    "digest_weekly_headline": "Your week",
    "digest_daily_headline": "Your day",
    "digest_yours": "You are going",
    "digest_news": "New from artists you know",
    "digest_near": "Near you",
    "digest_past": "What was played",
    "digest_said": "From your shows",
    "digest_results_of": "Results",
    "digest_recap_of": "Setlist",
    "digest_message_of": "Message",
    "digest_button": "All shows",
    # --- security
    "device_subject": "New sign-in to your account",
    "device_preheader": "{device}, {when}. Was it you?",
    "device_headline": "Somebody signed in",
    "device_lead": "Your account was used on a device that we do not know. If it was you, there is "
    "nothing to do.",
    "device_device": "Device",
    "device_unknown": "A device that says nothing of itself",
    "device_when": "When",
    "device_not_you": "It was not you? Change your password: that ends all other sessions.",
    "device_button": "See where I am signed in",
    "password_subject": "Your password was changed",
    "password_preheader": "All other devices were signed out.",
    "password_headline": "A new password",
    "password_lead": "The password of your account was changed. All other devices have been signed "
    "out.",
    "password_not_you": "It was not you? Then somebody knew your old one. Write to us by answering "
    "this mail.",
    "deleted_subject": "Your account is deleted",
    "deleted_preheader": "Your name and your address are gone from Setroom.",
    "deleted_headline": "Goodbye, {name}",
    "deleted_lead": "Your account is deleted. Your name and your address were taken out of "
    "everything that is kept. This is the last mail from us.",
    "deleted_not_you": "It was not you? Write to us by answering this mail.",
    # --- results, recap, broadcast
    "results_subject": "The results: {title}",
    "results_preheader": "What you chose together, round by round.",
    "results_headline": "You decided",
    "results_lead": "That was {title}. This is what you chose together:",
    "results_none": "No round came to a result this time.",
    "results_button": "See the whole night",
    "recap_subject": "{title}: what was played",
    "recap_preheader": "{songs}, from the first to the last.",
    "recap_headline": "That was the night",
    "recap_lead": "The setlist, as everybody who was there wrote it down:",
    "recap_none": "Nobody wrote down what was played. You were there: you can still do it.",
    "recap_button": "Play the night again",
    "broadcast_subject": "{title}: a message",
    "broadcast_headline": "{title}",
    "broadcast_by": "From the crew of {title}",
    "set": "Set {number}",
    "encore": "Encore",
    "encore_number": "Encore {number}",
    "soundcheck": "Soundcheck",
}
