"""The setlist over HTTP: exports, history, suggestions, and editing without a socket."""
