"""The Python API: one Workspace of one-call methods over parts, each with one concern, and the
functions that open it.
"""
