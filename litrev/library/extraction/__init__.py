"""Sentences to roles to proposed values: rules bring candidates and one weigher decides; cues,
vocabularies and weights are data files.
"""
