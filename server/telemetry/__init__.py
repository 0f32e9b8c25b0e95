"""What leaves a process about itself: errors for Sentry, traces for an OpenTelemetry collector."""
