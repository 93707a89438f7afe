"""The door: routes, answers and what is said of them."""
