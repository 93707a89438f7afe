"""What comes in and goes out: bodies, their forms, and problems."""
