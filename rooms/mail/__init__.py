"""Mail: which kinds there are, who wants which how often, what each says, and what a bounce means.

Pure: nothing here sends, stores or knows the time. `docs/mail.md` is the manual,
`docs/decisions/mail.md` says why.
"""
