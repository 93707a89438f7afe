"""How a service is reached and asked: its server, its life, its operation routes."""
