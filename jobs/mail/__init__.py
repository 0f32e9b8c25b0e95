"""Mail as jobs: what becomes of a cause, digests, and handing mails to a relay."""
