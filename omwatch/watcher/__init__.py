"""The monitoring agent: discovers probes, schedules and runs attempts, judges them, suggests."""
