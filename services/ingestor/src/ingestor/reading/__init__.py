"""What strangers send, read: by pure functions, in a process of their own."""
