"""What a service tells of itself: log lines and traces."""
