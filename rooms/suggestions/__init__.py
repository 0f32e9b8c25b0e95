"""Which song comes next: an artist's songs, likeliest first, learnt from the shows before.

``training.train`` learns from a history and gives a ``model.SuggestionModel``: running statistics
(``repertoire``) that follow every show, and a forest of boosted trees (``forest``) that ranks the
candidates of a moment by their features (``features`` lists them). The forest is trained on a
listwise loss (``boosting``) and looks only at shares, averages and counts of shows, so that the
same settings serve every artist: there is no constant of one artist anywhere. Training needs
scikit-learn; answering needs numpy alone.

How it is measured (``python -m jobs.suggestions.evaluate``): the share of songs that were among
the five suggested, over the last fifth of an artist's shows by date. The forest knows the first
four fifths. The statistics know, at every moment, the shows that are over and the songs played
so far tonight; nothing of what comes later reaches an answer, which a test proves by permuting
the future. The section of the next song is not told either.
"""
