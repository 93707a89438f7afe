"""What `relevo up` shows: plain lines, or a live view on a terminal."""
