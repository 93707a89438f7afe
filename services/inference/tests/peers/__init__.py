"""The doors of peers' protocols, asked by the peers' own clients."""
