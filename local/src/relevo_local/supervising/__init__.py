"""How child processes are started, watched and ended."""
