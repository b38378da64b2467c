"""What runs on every payload, before Bolt acks it."""
