"""Approve: land exactly what the card shows."""

ID = "approve"
