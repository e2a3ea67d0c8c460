"""Sentences to roles to proposed values: rules find candidates, and a learned model judges them.

Cues, vocabularies and weights are data files.
"""
