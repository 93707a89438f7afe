"""How a training runs: in a process of its own, once."""
