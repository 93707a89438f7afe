"""The commands, one file per group; each says what it does and which errors it tells."""
