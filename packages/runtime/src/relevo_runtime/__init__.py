"""How a service starts, listens, fails and stops."""
