"""Peers' protocols: the doors of other servers, over the same prediction."""
