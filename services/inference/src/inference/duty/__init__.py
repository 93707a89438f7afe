"""Which model is on duty: slots, swaps, and what a model answers."""
