"""What texts from phones come to: measurements and tables of ``docs/sms.md``."""
