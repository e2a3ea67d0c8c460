"""The Python API: one Workspace composed of parts, each with one concern, and the doors that open
it.
"""
