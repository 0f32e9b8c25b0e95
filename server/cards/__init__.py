"""Pictures and calendars to share: cards of pages, setlists as images, shows as iCalendar."""
