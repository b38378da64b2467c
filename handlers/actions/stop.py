"""Stop: end the task's agent now."""

ID = "stop"
