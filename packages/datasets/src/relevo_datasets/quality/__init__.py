"""How good a batch is: the report of its cleaning, and the gate that it must pass."""
