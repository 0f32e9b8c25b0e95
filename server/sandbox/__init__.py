"""The sandbox carrier: Twilio's API and webhooks, and phones to try them with. See
``docs/decisions/sandbox.md``."""
