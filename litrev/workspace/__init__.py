"""The Python API: `Workspace`, one library with its index, formats and renderers."""
