"""The pages, a file for each: what they show and what can be asked of them."""
