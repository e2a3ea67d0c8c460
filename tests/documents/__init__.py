"""Documents opened by the programs they are for."""
