"""Asking the pods: forms out of what a model takes, rows in, answers and refusals out."""
