"""Sentences to roles to fields: proposals drawn from the words of an abstract."""
