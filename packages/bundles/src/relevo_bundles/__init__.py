"""A model as plain data: written by the trainer, answered by inference."""
