"""A pod alone, as a process: what strangers and other people's clients do to it."""
