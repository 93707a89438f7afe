"""The command: up, down, status, events, kafka."""
