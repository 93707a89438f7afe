"""The story that the platform tells: facts in, sentences and rows out; no I/O."""
