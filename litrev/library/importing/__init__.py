"""How files become records and stay in step: matching, merging, duplicates, sync, checks."""
