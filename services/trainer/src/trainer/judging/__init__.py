"""What judges: figures, tests and the verdict; pure."""
