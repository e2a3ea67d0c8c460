"""How files become records and stay in step: match, merge, de-duplicate, sync, check, copy."""
