"""The page for people: what happens, what happened, and what a person may do."""
