"""Retry: after a failure, a new attempt."""

ID = "retry"
