"""Finding things and reading about them: search, places, artists, venues, tours, songs."""
