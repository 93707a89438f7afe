"""The pages of docs/ that are made from code, and what holds the built site true."""
