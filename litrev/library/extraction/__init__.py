"""Sentences to roles to proposed values: rules find candidates, learned models judge them; cues,
vocabularies and weights are data files.
"""
