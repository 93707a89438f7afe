"""Where things are on this machine: folders, files, ports, addresses."""
